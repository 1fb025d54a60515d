/** `restore`: a version of a project, byte for byte. */
import { writeFileSync } from 'node:fs'
import { SCOPE, scopeOf } from '../arguments.mjs'
import { withMemory } from '../store.mjs'
import { formatBytes } from '../ui/format.mjs'

/** @type {import('../arguments.mjs').Command} */
export const restore = {
  summary: 'Writes a version of a project as it was saved, byte for byte',
  usage: 'STORE ID',
  least: 2,
  most: 2,
  options: {
    out: { type: 'string', value: 'FILE', help: 'write it there instead of to the standard output' },
    force: { type: 'boolean', help: 'overwrite FILE' },
    user: SCOPE.user
  },
  notes: 'The state is JSON whatever --json says; with --json and --out, what was written is told as JSON.',
  async run({ positionals: [path, id], values, terminal }) {
    const bytes = await withMemory(path, { scope: scopeOf(values) }, (/** @type {any} */ memory) => memory.snapshots.restore(id, { as: 'bytes' }))
    if (values.out === undefined) return void process.stdout.write(bytes)
    writeFileSync(values.out, bytes, { flag: values.force ? 'w' : 'wx' })
    if (values.json) terminal.json({ id, file: values.out, bytes: bytes.length })
    else terminal.say(`${formatBytes(bytes.length)} in ${values.out}`)
  }
}
