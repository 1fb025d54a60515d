/** `restore`: a version of a project, byte for byte. */
import { SCOPE, scopeOf } from '../arguments.mjs'
import { FORCE, checkOutput, writeOutput } from '../output.mjs'
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
    force: FORCE,
    user: SCOPE.user
  },
  notes: 'The state is JSON whatever --json says; with --json and --out, what was written is told as JSON.',
  async run({ positionals: [path, id], values, terminal }) {
    const how = { store: path, force: values.force }
    if (values.out !== undefined) checkOutput('out', values.out, how)
    const bytes = await withMemory(path, { scope: scopeOf(values) }, (/** @type {any} */ memory) => memory.snapshots.restore(id, { as: 'bytes' }))
    if (values.out === undefined) return void process.stdout.write(bytes)
    writeOutput('out', values.out, bytes, how)
    if (values.json) terminal.json({ id, file: values.out, bytes: bytes.length })
    else terminal.say(`${formatBytes(bytes.length)} in ${values.out}`)
  }
}
