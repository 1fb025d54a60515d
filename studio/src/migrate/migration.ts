import type { PrimeMemory, Scope } from '@mixxclub/prime-memory'
import { aborted } from '../llm/attempts.js'
import { badOption, StudioError } from '../errors.js'
import { configure, type Phase } from '../settings.js'
import { defaultPath } from '../store/default-path.js'
import { session } from '../store/session.js'
import { assign, type Belonging } from './belonging.js'
import { importKey, openMemory } from './import.js'
import { checkMigrationOptions, inventory, userOf, type InstallationFamily, type Inventory, type MigrationOptions } from './installation.js'
import { Journal, stateKey, type Naming, type Run } from './journal.js'
import { journaled, settle } from './journaled.js'
import { journalPath, otherScopes } from './journals.js'
import { plainly } from './keeping.js'
import { lock } from './lock.js'
import type { FamilyReport } from './report.js'
import { savedAgain, savesIn } from './saves.js'
import { withScratch } from './scratch.js'
import { takeBack, type UndoReport } from './undo.js'
import { asVersions, keep, type Circumstances, type Version } from './versions.js'

/** What a call of `plan` or `run` found and did. */
export interface InstallationReport {
  dryRun: boolean
  /** The phase the migration is in now; null before the first run. */
  phase: Phase | null
  /** Why the phase that was asked for was not entered; null when it was. */
  held: string | null
  families: { [family in InstallationFamily]: FamilyReport }
  /** Projects that got versions, or had them already. */
  projects: ProjectReport[]
  /** Keys of `localStorage` that are none of the Studio's data; they were not looked into. */
  unknownKeys: number
  /** What was decided where a source does not say it, a sentence each. */
  notes: string[]
  /** Versions read back: those that are byte for byte their source, and what is not. */
  compared: { equal: number; different: string[] }
  /** UTF-8 bytes of all that was read. */
  bytes: number
}

/** What was found of a project. */
export interface ProjectReport {
  project: string
  /**
   * How it is known that states are of it: a `key` of `localStorage`, a name in the `state`, a name `given` by the caller,
   * `tracks` it shares with a project that is known, or `none`: its name is made up.
   */
  by: Naming[]
  autosaves: number
  downloads: number
  /** Saves under its name in `localStorage`. */
  saves: number
}

/** Where a migration stands. */
export interface MigrationStatus {
  /** Null when nothing was migrated in this store and scope. */
  id: string | null
  phase: Phase | null
  /** `interrupted`: a run or an undo did not come to its end; call it again, it goes on. */
  state: 'none' | 'open' | 'interrupted' | 'undone' | 'confirmed'
  /** Milliseconds since 1970. */
  startedAt: number | null
  /** What `undo` would take back. Answers are counted when they are removed. */
  added: { snapshots: number; memories: number; observations: number }
  runs: Run[]
  /** Other scopes that something was migrated into in this store; a migration of theirs may be open. */
  otherScopes: Scope[]
}

const PHASES: Phase[] = ['shadow', 'hybrid', 'full']

/**
 * Moves an installation of the Studio into the memory that `configure` names: `localStorage`, downloaded projects and the
 * autosave database. Sources are only read. It can be killed at any instant and called again; nothing is imported twice, and
 * until `confirm` all of it can be taken back (docs/migration.md).
 */
export class Migration {
  readonly #options: MigrationOptions

  /** @throws `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION` */
  constructor(options: MigrationOptions = {}) {
    checkMigrationOptions(options)
    this.#options = options
  }

  /**
   * What `run` would do; nothing is written but an empty store where there is none. What would be refused is found out in
   * a memory in the folder for temporary files, which is deleted.
   *
   * @throws (rejects) `PM_NO_MEMORY`, `PM_BAD_OPTION`, `PM_ABORTED`; `PM_DISK_FULL` where that memory finds no room
   */
  async plan(): Promise<InstallationReport> {
    const journal = this.#journal()
    const store = openMemory()
    return withScratch(store, (into) => this.#go({ journal, store, into }))
  }

  /**
   * Imports what is not there yet, reads every new version back, and moves the drop-ins of this thread to the phase. Called
   * again, later or in another phase, it imports what came since. Where a version read back differs from its source, the
   * phase stays and `held` says so.
   *
   * @throws (rejects) `PM_NO_MEMORY`, `PM_BAD_OPTION`, `PM_ABORTED`; `PM_MIGRATION` while another one is under way or an undo
   * is not finished; `PM_DISK_FULL`, `PM_BUSY` and the like, after which the next call goes on
   */
  async run(phase: Phase): Promise<InstallationReport> {
    if (!PHASES.includes(phase)) throw badOption(`phase: ${String(phase)} is none; phases are ${PHASES.join(', ')}`)
    return this.#alone(async (store, before) => {
      if (before?.standing === 'undoing') throw new StudioError('PM_MIGRATION', 'an undo is not finished; call undo() first')
      const isOver = before === null || before.standing !== 'open'
      const journal = isOver ? Journal.begin(this.#path(), scope(), before) : before
      try {
        journal.begun(phase)
        await settle(store, journal, userOf(scope()))
        const report = await this.#go({ journal, store, into: store })
        const { different } = report.compared
        if (different.length > 0) report.held = `${different.length} versions differ from their source: ${different.slice(0, 3).join(', ')}`
        else report.phase = phase
        journal.ended(totals(report.families), report.phase)
        if (report.held === null) configure({ phase })
        return report
      } finally {
        journal.close()
      }
    })
  }

  /**
   * Where the migration of this store and scope stands.
   *
   * @throws `PM_MIGRATION` when the journal is damaged
   */
  status(): MigrationStatus {
    const journal = this.#journal()
    const others = otherScopes(storePath(), scope())
    if (!journal) return { id: null, phase: null, state: 'none', startedAt: null, added: { snapshots: 0, memories: 0, observations: 0 }, runs: [], otherScopes: others }
    const { id, phase, standing, startedAt, runs, added, pending } = journal
    const isInterrupted = standing === 'undoing' || (standing === 'open' && (pending.size > 0 || runs.at(-1)?.finished === false))
    return {
      id,
      phase,
      state: isInterrupted ? 'interrupted' : (standing as 'open' | 'undone' | 'confirmed'),
      startedAt,
      added: standing === 'undone' ? { snapshots: 0, memories: 0, observations: 0 } : { snapshots: added.snapshots.size, memories: added.memories.size, observations: added.recall.size },
      runs,
      otherScopes: others,
    }
  }

  /**
   * Takes back what this migration added, in all its runs, and nothing else: what was there before stays, and what others
   * added since. The drop-ins of this thread go back to the phase `shadow`. Interrupted, it goes on when called again.
   *
   * @throws (rejects) `PM_MIGRATION` when there is nothing to undo, or it was confirmed
   */
  async undo(): Promise<UndoReport> {
    const { signal, onProgress } = this.#options
    return this.#alone(async (store, journal) => {
      if (!journal || journal.standing === 'undone') throw new StudioError('PM_MIGRATION', 'there is nothing to undo')
      if (journal.standing === 'confirmed') throw new StudioError('PM_MIGRATION', 'this migration was confirmed: it cannot be undone any more')
      try {
        const user = userOf(scope())
        journal.stand('undoing')
        await settle(store, journal, user)
        const progress = (done: number, total: number) => onProgress?.({ step: 'undoing', done, total, what: '' })
        const report = await takeBack(store, journal, user, { signal, onProgress: progress })
        journal.stand('undone')
        configure({ phase: 'shadow' })
        return report
      } finally {
        journal.close()
      }
    })
  }

  /**
   * Ends the migration: it cannot be undone from now on. The sources are still not touched.
   *
   * @throws (rejects) `PM_MIGRATION` when it is not in the phase `full`, or a run did not come to its end
   */
  async confirm(): Promise<void> {
    return this.#alone(async (_, journal) => {
      const { state, phase } = this.status()
      if (!journal || state !== 'open' || phase !== 'full') {
        throw new StudioError('PM_MIGRATION', `only a finished migration in the phase full can be confirmed; this one is ${state}, phase ${phase ?? 'none'}`)
      }
      journal.stand('confirmed')
      journal.close()
    })
  }

  async #go(how: Pick<Work, 'journal' | 'store' | 'into'>): Promise<InstallationReport> {
    const { journal } = how
    const found = await inventory(this.#options)
    try {
      const report: InstallationReport = {
        dryRun: how.into !== how.store,
        phase: journal?.standing === 'open' ? journal.phase : null,
        held: null,
        families: found.families,
        projects: [],
        unknownKeys: 0,
        notes: found.notes,
        compared: { equal: 0, different: [] },
        bytes: 0,
      }
      const total = found.entries.length + found.states.length
      await this.#versions({ ...how, found, report, total })
      await this.#keys({ ...how, found, report, total })
      report.bytes = Object.values(report.families).reduce((sum, { bytes }) => sum + bytes, 0)
      return report
    } finally {
      found.close()
    }
  }

  async #versions({ found, journal, store, into, report, total }: Work): Promise<void> {
    const { signal } = this.#options
    const user = userOf(scope())
    // Who has undone it may want other names.
    const before = journal?.standing === 'undone' ? null : journal
    const known = new Map(before?.projects)
    const putBefore = ({ at, family, bytes }: { at: number | null; family: string; bytes: number }) =>
      at === null ? undefined : before?.put.get(stateKey({ at, type: family === 'autosaves' ? 'auto' : 'manual', bytes }))
    const belonging = assign(found.states, { projects: known, of: putBefore }, this.#options)
    const projects = belonging.map(({ project }) => project)
    const saves = savesIn(found.states, projects)
    const has: Circumstances['has'] = (project, type, at) => store.snapshots.history(project, { type, since: at, before: at + 1, scope: user }).length > 0
    const { versions, twice } = asVersions(found.states, projects, { now: Date.now(), savedAgain: savedAgain(saves, before?.saves), has })
    for (const { family } of twice) report.families[family].alreadyThere += 1
    const writes = into === store ? journal : null
    for (const [project, { by, tracks }] of known) writes?.project(project, by, [...tracks])
    const [kept, removed] = [new Set<string>(), new Map<string, number>()]
    const imported = new Map(before?.ids)
    for (const [done, version] of versions.entries()) {
      this.#progress(twice.length + done, total, version.project)
      const outcome = await keep(version, { store, into, journal: writes, imported, user, signal }, report.families[version.family])
      if (outcome === 'removed') removed.set(version.project, (removed.get(version.project) ?? 0) + 1)
      else if (outcome !== null) kept.add(version.project)
      count(report, version, outcome)
    }
    for (const [project, hashes] of saves) writes?.saved(project, hashes)
    report.projects = projectReports(found, belonging).filter(({ project }) => kept.has(project))
    report.notes.push(...notesOn(report.projects), ...notesOnRemoved(removed))
  }

  async #keys({ found, journal, store, into, report, total }: Work): Promise<void> {
    const keptBefore = journal?.standing === 'undone' ? undefined : journal?.ids
    const keeping = into === store ? journaled(store, journal!, this.#options.signal) : plainly(into, keptBefore)
    for (const [done, [key, value]] of found.entries.entries()) {
      this.#progress(found.states.length + done, total, key)
      await importKey({ store, into, keeping, key, value }, report)
    }
    this.#progress(total, total, '')
  }

  #progress(done: number, total: number, what: string): void {
    const { signal, onProgress } = this.#options
    if (signal?.aborted) throw aborted()
    onProgress?.({ step: 'importing', done, total, what })
  }

  /** While no other migration of this store and scope runs. */
  async #alone<T>(work: (store: PrimeMemory, journal: Journal | null) => Promise<T>): Promise<T> {
    const store = openMemory()
    const unlock = lock(`${this.#path()}.lock`)
    try {
      return await work(store, this.#journal())
    } finally {
      unlock()
    }
  }

  #journal(): Journal | null {
    return Journal.read(this.#path())
  }

  #path(): string {
    return journalPath(storePath(), scope())
  }
}

interface Work {
  found: Inventory
  journal: Journal | null
  store: PrimeMemory
  /** Where it is kept: the same, or in a dry run a memory aside. */
  into: PrimeMemory
  report: InstallationReport
  total: number
}

/**
 * `new Migration(options).run(phase)` in one call.
 *
 * @throws as `Migration` and its `run`
 */
export async function migrateInstallation(options: MigrationOptions & { phase?: Phase }): Promise<InstallationReport> {
  const { phase = 'shadow', ...rest } = options
  return new Migration(rest).run(phase)
}

const storePath = (): string => session.settings.path ?? defaultPath()

const scope = (): Scope => session.settings.scope ?? {}

function count(report: InstallationReport, { label }: Version, outcome: Awaited<ReturnType<typeof keep>>): void {
  if (outcome === 'different') report.compared.different.push(label)
  else if (outcome === 'alreadyThere' || (outcome === 'imported' && !report.dryRun)) report.compared.equal += 1
}

function totals(families: InstallationReport['families']): Omit<Run, 'phase' | 'at' | 'finished'> {
  const all = Object.values(families)
  const sum = (name: 'imported' | 'skipped' | 'refused') => all.reduce((sum, family) => sum + family[name], 0)
  return { imported: sum('imported'), skipped: sum('skipped'), refused: sum('refused') }
}

function projectReports({ states }: Inventory, belonging: Belonging[]): ProjectReport[] {
  const reports = new Map<string, ProjectReport>()
  states.forEach(({ family }, i) => {
    const { project, by } = belonging[i]!
    const report = reports.get(project) ?? { project, by: [], autosaves: 0, downloads: 0, saves: 0 }
    if (!report.by.includes(by)) report.by.push(by)
    report[family === 'projects' ? 'saves' : family] += 1
    reports.set(project, report)
  })
  return [...reports.values()]
}

function notesOn(projects: ProjectReport[]): string[] {
  const unnamed = projects.filter(({ by }) => by.includes('none'))
  const guessed = projects.filter(({ by }) => by.includes('tracks'))
  return [
    ...unnamed.map(({ project, autosaves, downloads }) => `"${project}": ${autosaves + downloads} states say no project; name it by the option project`),
    ...guessed.map(({ project }) => `"${project}": states without a name were given to it because they have its tracks`),
  ]
}

const notesOnRemoved = (removed: Map<string, number>): string[] =>
  [...removed].map(([project, states]) => `"${project}": ${states} states that were imported before were removed since, and stay so`)
