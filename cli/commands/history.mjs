/** `history`: the versions of a project, or the projects there are. */
import { SCOPE, oneOf, scopeOf, time, wholeNumber } from '../arguments.mjs'
import { withMemory } from '../store.mjs'
import { formatBytes, formatCount, formatRatio } from '../ui/format.mjs'
import { renderTable } from '../ui/table.mjs'

/** @type {import('../arguments.mjs').Command} */
export const history = {
  summary: 'Lists the versions of a project, newest first; without PROJECT, the projects',
  usage: 'STORE [PROJECT]',
  least: 1,
  most: 2,
  options: {
    branch: { type: 'string', value: 'NAME', help: 'only this branch' },
    type: { type: 'string', value: 'TYPE', help: 'only auto, manual or milestone' },
    tag: { type: 'string', value: 'TAG', help: 'only those with this tag' },
    since: { type: 'string', value: 'DATE', help: 'only those saved since then' },
    before: { type: 'string', value: 'DATE', help: 'only those saved before' },
    limit: { type: 'string', value: 'N', help: 'the most versions; 50 unless said' },
    user: SCOPE.user
  },
  async run({ positionals: [path, project], values, terminal }) {
    const options = {
      ...(values.branch && { branch: values.branch }),
      ...(values.type && { type: oneOf('type', values.type, ['auto', 'manual', 'milestone']) }),
      ...(values.tag && { tag: values.tag }),
      ...(values.since && { since: time('since', values.since) }),
      ...(values.before && { before: time('before', values.before) }),
      limit: wholeNumber('limit', values.limit, 1, 1_000_000) ?? 50
    }
    const read = (/** @type {any} */ memory) => (project === undefined ? memory.snapshots.projects({}) : memory.snapshots.history(project, options))
    const found = await withMemory(path, { scope: scopeOf(values) }, async (memory) => read(memory))
    if (values.json) return terminal.json(found)
    if (found.length === 0) return terminal.say(project === undefined ? 'No project is kept here.' : 'Nothing found.')
    terminal.say(...renderTable(project === undefined ? projectTable(found) : versionTable(found), terminal.out))
  }
}

/** @param {number} at */
const moment = (at) => new Date(at).toISOString().slice(0, 16).replace('T', ' ')

/** @param {any[]} versions @returns {import('../ui/table.mjs').Table} */
function versionTable(versions) {
  return {
    columns: [
      { title: 'saved (UTC)' },
      { title: 'type' },
      { title: 'branch', optional: true, shrinks: true },
      { title: 'what changed', shrinks: true },
      { title: 'JSON', align: 'right', optional: true },
      { title: 'stored', align: 'right', optional: true },
      { title: 'id' }
    ],
    rows: versions.map(({ createdAt, type, branch, name, summary, bytes, storedBytes, id, tags = [] }) => [
      moment(createdAt),
      type,
      branch,
      [name, summary, tags.map((/** @type {string} */ tag) => `#${tag}`).join(' ')].filter(Boolean).join(' · '),
      formatBytes(bytes),
      formatBytes(storedBytes),
      id
    ])
  }
}

/** @param {any[]} projects @returns {import('../ui/table.mjs').Table} */
function projectTable(projects) {
  return {
    columns: [
      { title: 'project', shrinks: true },
      { title: 'versions', align: 'right' },
      { title: 'JSON', align: 'right' },
      { title: 'stored', align: 'right' },
      { title: 'byte ratio', align: 'right' },
      { title: 'last saved (UTC)' }
    ],
    rows: projects.map(({ project, snapshots, bytes, storedBytes, lastAt }) => [project, formatCount(snapshots), formatBytes(bytes), formatBytes(storedBytes), formatRatio(bytes, storedBytes), moment(lastAt)])
  }
}
