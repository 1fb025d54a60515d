/** `migrate`: an installation of the Studio into a store, in phases, and back. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SCOPE, UsageError, oneOf } from '../arguments.mjs'
import { checkStore, isNothing } from '../store.mjs'
import { EXIT } from '../terminal.mjs'
import { counted, formatBytes, formatCount } from '../ui/format.mjs'
import { renderTable } from '../ui/table.mjs'
import { printable } from '../ui/width.mjs'

/** What a call does instead of importing; one at most. */
const INSTEAD = ['status', 'undo', 'confirm']

/** @type {import('../arguments.mjs').Command} */
export const migrate = {
  summary: 'Moves an installation of the Studio into a store, in phases; undone until it is confirmed',
  usage: 'STORE [PATH…]',
  least: 1,
  most: Infinity,
  options: {
    phase: { type: 'string', value: 'PHASE', help: 'import, and enter shadow, hybrid or full; left out, it only tells what would be done' },
    status: { type: 'boolean', help: 'where it stands' },
    undo: { type: 'boolean', help: 'take back all that was imported, and nothing else' },
    confirm: { type: 'boolean', help: 'end it: it cannot be undone from then on' },
    project: { type: 'string', value: 'NAME', help: 'the project of states that nothing gives a name' },
    user: SCOPE.user
  },
  notes: `A PATH is a folder (looked through, hidden ones left out) or a file:
  flow-project-….json     a downloaded project
  *.json, *.jsonl         a dump of the autosave database ({ timestamp, state, version }), a list or a line each
  *.json                  a dump of localStorage: JSON.stringify({ ...localStorage })
Nothing in them is changed. Killed, it goes on when it is called again; nothing is imported twice.
Exit code 1: something could not be imported, or the phase was not entered (docs/migration.md).`,
  async run({ positionals: [store, ...paths], values, terminal, signal }) {
    const what = INSTEAD.filter((name) => values[name])
    const phase = oneOf('phase', values.phase, ['shadow', 'hybrid', 'full'])
    if (what.length + (phase ? 1 : 0) > 1) throw new UsageError('--phase, --status, --undo and --confirm: give one of them')
    if (what.length === 1 && paths.length > 0) throw new UsageError(`--${what[0]} takes no PATH`)
    if (what.length === 1 && values.project !== undefined) throw new UsageError(`--${what[0]} takes no --project; --user says whose migration it is`)
    if (what.length === 0 && paths.length === 0) throw new UsageError('something is missing: STORE PATH…')
    for (const path of [...(what.length > 0 ? [store] : []), ...paths]) {
      if (!existsSync(path)) throw Object.assign(new Error(`there is nothing at ${path}`), { code: 'ENOENT' })
    }
    if (what.length > 0) checkStore(store)
    // To tell what would be done, a store that is not there is as good as an empty one; it is not made for that.
    const aside = phase || !isNothing(store) ? null : mkdtempSync(join(tmpdir(), 'prime-memory-'))
    // Only now: `--help` needs no addon.
    const { configure, close, Migration } = await import('../../studio/dist/esm/studio.js')
    configure({ path: aside ? join(aside, 'studio.db') : store, scope: values.user === undefined ? {} : { user: values.user }, localStorage: null })
    const bar = follow(terminal)
    try {
      const migration = new Migration({
        ...(paths.length > 0 && { files: paths }),
        ...(values.project !== undefined && { project: values.project }),
        signal,
        onProgress: bar.progress
      })
      if (values.status) return tell(terminal, values, migration.status(), statusLines)
      if (values.confirm) return await migration.confirm(), tell(terminal, values, migration.status(), () => ['Confirmed.'])
      if (values.undo) return tell(terminal, values, await migration.undo().finally(bar.end), undoLines)
      const report = await (phase ? migration.run(phase) : migration.plan()).finally(bar.end)
      tell(terminal, values, report, (report) => reportLines(report, terminal))
      const problems = Object.values(report.families).reduce((sum, { skipped, refused }) => sum + skipped + refused, 0)
      return problems > report.families.cacheStats.skipped || report.held !== null ? EXIT.failed : EXIT.ok
    } finally {
      bar.end()
      close()
      if (aside) rmSync(aside, { recursive: true })
    }
  }
}

const STEPS = { reading: 'Reading', importing: 'Importing', undoing: 'Taking back' }

/** A bar for each step. @param {import('../terminal.mjs').Output} terminal */
function follow(terminal) {
  /** @type {{ update(done: number, detail?: string): void, end(): void } | undefined} */
  let bar
  let shown = ''
  return {
    progress: (/** @type {{ step: keyof typeof STEPS, done: number, total: number, what: string }} */ { step, done, total, what }) => {
      if (step !== shown) bar = terminal.progress(STEPS[(shown = step)], total)
      bar?.update(done, what)
    },
    end: () => bar?.end()
  }
}

/** @template T @param {import('../terminal.mjs').Output} terminal @param {Record<string, any>} values @param {T} result @param {(result: T) => string[]} lines */
function tell(terminal, values, result, lines) {
  if (values.json) terminal.json(result)
  else terminal.say(...lines(result))
}

/** @param {any} report @param {import('../terminal.mjs').Output} terminal @returns {string[]} */
function reportLines({ dryRun, families, projects, compared, held, phase, notes, bytes, unknownKeys }, { out }) {
  const found = Object.entries(families).filter(([, { found }]) => found > 0)
  const table = {
    columns: [{ title: 'what' }, ...['found', dryRun ? 'to import' : 'imported', 'there already', 'skipped', 'refused', 'bytes'].map((title) => ({ title, align: 'right' }))],
    rows: found.map(([name, { found, imported, alreadyThere, skipped, refused, bytes }]) => [words(name), ...[found, imported, alreadyThere, skipped, refused].map(formatCount), formatBytes(bytes)])
  }
  const versions = {
    columns: [{ title: 'project', shrinks: true }, { title: 'known by' }, ...['autosaves', 'downloads', 'saves'].map((title) => ({ title, align: 'right' }))],
    rows: projects.map((/** @type {any} */ { project, by, autosaves, downloads, saves }) => [project, by.join(', '), ...[autosaves, downloads, saves].map(formatCount)])
  }
  return [
    ...renderTable(table, out),
    ...(projects.length > 0 ? ['', ...renderTable(versions, out)] : []),
    '',
    ...found.flatMap(([name, { problems }]) => problems.map((/** @type {string} */ problem) => printable(`${words(name)}: ${problem}`))),
    ...notes.map(printable),
    `${formatBytes(bytes)} read; ${counted(unknownKeys, 'key')} of others left alone.`,
    ...(dryRun ? ['Nothing was written; --phase shadow imports.'] : [`${counted(compared.equal, 'version')} read back, ${compared.different.length} different from their source.`, held === null ? `Phase: ${phase}.` : out.style.warning(`Phase stays ${phase ?? 'none'}: ${printable(held)}`)])
  ]
}

/** @param {any} status @returns {string[]} */
function statusLines({ state, phase, startedAt, added, runs, otherScopes }) {
  const others = otherScopes.length > 0 ? [`Something was migrated for others: ${otherScopes.map(scopeWords).join(', ')}.`] : []
  if (state === 'none') return [others.length > 0 ? 'Nothing was migrated for this user.' : 'Nothing was migrated into this store.', ...others]
  return [
    `${state}, phase ${phase ?? 'none'}, begun ${new Date(startedAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    `added: ${counted(added.snapshots, 'version')}, ${counted(added.memories, 'memory', 'memories')}, ${counted(added.observations, 'observation')}`,
    ...runs.map((/** @type {any} */ { phase, at, finished, imported, skipped, refused }) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')}  ${phase}  ${finished ? `${imported} imported, ${skipped} skipped, ${refused} refused` : 'not finished'}`),
    ...others
  ]
}

/** How a call asks for a scope. @param {{ user?: string, project?: string }} scope */
const scopeWords = ({ user, project }) => printable([user === undefined ? 'no user' : `--user ${user}`, ...(project === undefined ? [] : [`project ${project}`])].join(', '))

/** @param {any} report @returns {string[]} */
const undoLines = ({ snapshots, memories, observations, answers, gone }) => [
  `Taken back: ${counted(snapshots, 'version')}, ${counted(memories, 'memory', 'memories')}, ${counted(observations, 'observation')}, ${counted(answers, 'answer')}${gone > 0 ? `; ${gone} were gone already` : ''}.`
]

/** `pluginPresets` as words. @param {string} name */
const words = (name) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
