/** `similar`: projects like this one. */
import { readFileSync } from 'node:fs'
import { SCOPE, scopeOf, wholeNumber } from '../arguments.mjs'
import { withoutMark } from '../import/read.mjs'
import { withMemory } from '../store.mjs'
import { formatScore } from '../ui/format.mjs'
import { renderTable } from '../ui/table.mjs'

/** @type {import('../arguments.mjs').Command} */
export const similar = {
  summary: 'Finds projects like a snapshot or a project state',
  usage: 'STORE ID|FILE.json',
  least: 2,
  most: 2,
  options: {
    limit: { type: 'string', value: 'N', help: 'the most projects; 10 unless said' },
    user: SCOPE.user,
    'exclude-project': { type: 'string', value: 'PROJECT', help: 'a project to leave out' }
  },
  async run({ positionals: [path, which], values, terminal, signal }) {
    const limit = wholeNumber('limit', values.limit, 1, 1000) ?? 10
    const asked = which.toLowerCase().endsWith('.json') ? { state: withoutMark(readFileSync(which)) } : { id: which }
    const options = { limit, ...(values['exclude-project'] && { excludeProject: values['exclude-project'] }), signal }
    const found = await withMemory(path, { scope: scopeOf(values) }, (/** @type {any} */ memory) => memory.snapshots.similar(asked, options))
    if (values.json) return terminal.json(found)
    if (found.length === 0) return terminal.say('Nothing found.')
    terminal.say(...renderTable(table(found), terminal.out))
  }
}

/** @param {any[]} found @returns {import('../ui/table.mjs').Table} */
function table(found) {
  return {
    columns: [{ title: 'score', align: 'right' }, { title: 'project', shrinks: true }, { title: 'why', shrinks: true }, { title: 'id' }],
    rows: found.map(({ score, project, why, id }) => [formatScore(score), project, why ?? '', id])
  }
}
