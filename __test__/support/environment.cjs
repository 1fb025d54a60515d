const { TestEnvironment } = require('jest-environment-node')

/** What the addon makes comes from Node's own realm; without these, `instanceof` fails in Jest's. */
const SHARED = [
  'Error', 'TypeError', 'RangeError', 'Float32Array', 'BigInt64Array', 'Uint8Array', 'ArrayBuffer',
  'Promise', 'Object', 'Array',
]

module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup()
    for (const name of SHARED) this.global[name] = globalThis[name]
  }
}
