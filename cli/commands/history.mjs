/** `history`: the versions of a project, or the projects there are. */
import { SCOPE, UsageError, nearest, oneOf, scopeOf, time, wholeNumber } from '../arguments.mjs'
import { withMemory } from '../store.mjs'
import { counted, formatBytes, formatCount, formatRatio } from '../ui/format.mjs'
import { renderTable } from '../ui/table.mjs'
import { displayWidth, printable } from '../ui/width.mjs'

/** Options that choose among the versions of one project. */
const OF_VERSIONS = ['branch', 'type', 'tag', 'since', 'before']

/** Versions in a table unless `--limit` says how many. */
const LISTED = 50

/** Most names told of where none is near. */
const TOLD = 10

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
    limit: { type: 'string', value: 'N', help: 'the most versions, 50 in a table unless said, all with --json; without PROJECT the most projects, all unless said' },
    user: SCOPE.user
  },
  async run({ positionals: [path, project], values, terminal }) {
    const limit = wholeNumber('limit', values.limit, 1, 1_000_000)
    const stray = project === undefined ? OF_VERSIONS.find((name) => values[name] !== undefined) : undefined
    if (stray !== undefined) throw new UsageError(`--${stray} chooses among the versions of a project: STORE PROJECT`)
    const options = {
      ...(values.branch && { branch: values.branch }),
      ...(values.type && { type: oneOf('type', values.type, ['auto', 'manual', 'milestone']) }),
      ...(values.tag && { tag: values.tag }),
      ...(values.since && { since: time('since', values.since) }),
      ...(values.before && { before: time('before', values.before) }),
      ...(limit !== undefined && { limit })
    }
    const found = await withMemory(path, { scope: scopeOf(values) }, async (memory) =>
      project === undefined ? memory.snapshots.projects({}).slice(0, limit) : versions(memory, project, options)
    )
    if (values.json) return terminal.json(found)
    if (found.length === 0) return terminal.say(project === undefined ? 'No project is kept here.' : 'Nothing found.')
    if (project === undefined) return terminal.say(...renderTable(projectTable(found), terminal.out))
    const shown = limit === undefined ? found.slice(0, LISTED) : found
    terminal.say(...renderTable(versionTable(shown), terminal.out))
    if (shown.length < found.length) terminal.say(`${counted(found.length - shown.length, 'older version')} not shown; --limit ${found.length} or --json shows all`)
  }
}

/** Nothing found is an answer only where the project and the branch are there. @param {import('../store.mjs').Memory} memory @param {string} project @param {any} options */
function versions({ snapshots }, project, options) {
  const projects = snapshots.projects({}).map((one) => one.project)
  if (options.branch !== undefined && projects.includes(project)) refuseUnknown('branch', options.branch, snapshots.branches(project).map(({ name }) => name))
  const found = snapshots.history(project, options)
  if (found.length === 0) refuseUnknown('project', project, projects)
  return found
}

/** @param {'project' | 'branch'} what @param {string} name @param {string[]} known */
function refuseUnknown(what, name, known) {
  if (known.includes(name)) return
  const near = nearest(name, known)
  const told = near !== undefined ? `did you mean "${near}"?` : known.length > 0 ? `there are ${known.slice(0, TOLD).map((one) => `"${one}"`).join(', ')}${known.length > TOLD ? ` and ${formatCount(known.length - TOLD)} more` : ''}` : `none is kept here; --user gives those of a user`
  throw Object.assign(new Error(printable(`there is no ${what} "${name}"; ${told}`)), { code: 'PM_NOT_FOUND' })
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

/** Columns of a project's name that stay while the sizes can go: `history STORE PROJECT` asks for it whole. */
const NAME_COLUMNS = 40

/** @param {any[]} projects @returns {import('../ui/table.mjs').Table} */
function projectTable(projects) {
  return {
    columns: [
      { title: 'project', shrinks: true, least: Math.min(NAME_COLUMNS, Math.max(...projects.map(({ project }) => displayWidth(printable(project))))) },
      { title: 'versions', align: 'right' },
      { title: 'JSON', align: 'right', optional: true },
      { title: 'stored', align: 'right', optional: true },
      { title: 'byte ratio', align: 'right', optional: true },
      { title: 'last saved (UTC)' }
    ],
    rows: projects.map(({ project, snapshots, bytes, storedBytes, lastAt }) => [project, formatCount(snapshots), formatBytes(bytes), formatBytes(storedBytes), formatRatio(bytes, storedBytes), moment(lastAt)])
  }
}
