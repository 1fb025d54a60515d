// Everything an installation of the Studio holds: read once to see what there is, then handed over one by one.
import type { Scope } from '@mixxclub/prime-memory'
import { aborted } from '../llm/attempts.js'
import { badOption, messageOf } from '../errors.js'
import { checkOptions, type Known } from '../llm/options.js'
import { lookThroughDatabase, type AutosaveSource } from './autosave-database.js'
import type { BelongingOptions } from './belonging.js'
import { entriesOf, type LocalStorageSource } from './dump.js'
import { jsonFiles, lookThrough, type Findings } from './files.js'
import { PROJECT_PREFIX } from './memories.js'
import { emptyFamilies, emptyFamily, reason, skip, type Family, type FamilyReport } from './report.js'
import { encoded, lookInto, type FoundState } from './states.js'

/** Where the Studio keeps things. All of it is only read. */
export interface InstallationSources {
  /** The Studio's `localStorage`, or a dump of it: `JSON.stringify({ ...localStorage })`. */
  localStorage?: LocalStorageSource
  /**
   * Paths of files and folders: downloaded projects (`flow-project-….json`), dumps of the autosave database (a JSON list, or a
   * JSON line each, of `{ timestamp, state, version }`) and of `localStorage`; told apart by what is in them.
   */
  files?: string[]
  /** `window.indexedDB`, or the database `mixx-studio-autosave` when it is open. */
  autosaves?: AutosaveSource
}

/** What is read and how it is followed. */
export interface MigrationOptions extends InstallationSources, BelongingOptions {
  /** Called for each file that is read and each item that is kept or taken back. What it throws ends the call. */
  onProgress?: (progress: MigrationProgress) => void
  /** Ends the call with an `AbortError`; what was kept until then stays, and the next call goes on. */
  signal?: AbortSignal
}

/** How far a call is. */
export interface MigrationProgress {
  step: 'reading' | 'importing' | 'undoing'
  /** Files or items. */
  done: number
  total: number
  /** The file, key or project in work. */
  what: string
}

/** What an installation holds: the keys of `localStorage`, states of projects, and files that are neither. */
export type InstallationFamily = Family | 'autosaves' | 'downloads' | 'files'

/** What there is to import. */
export interface Inventory {
  families: { [family in InstallationFamily]: FamilyReport }
  unknownKeys: number
  states: FoundState[]
  /** Keys that are no projects. */
  entries: [key: string, value: string][]
  notes: string[]
  /** Closes what was opened. */
  close: () => void
}

const OPTIONS: Known<MigrationOptions> = {
  localStorage: [(value) => typeof value === 'string' || (typeof value === 'object' && value !== null), 'a Storage or a dump of it'],
  files: [(value) => Array.isArray(value) && value.every((path) => typeof path === 'string'), 'a list of paths'],
  autosaves: [(value) => typeof value === 'object' && value !== null && ('objectStoreNames' in value || 'open' in value), 'indexedDB or an open database'],
  projectOf: [(value) => typeof value === 'function', 'a function'],
  project: [(value) => typeof value === 'string' && value.trim() !== '', 'a name'],
  onProgress: [(value) => typeof value === 'function', 'a function'],
  signal: [(value) => typeof value === 'object' && value !== null && 'aborted' in value, 'an AbortSignal'],
}

/** Refuses options that do not exist or mean nothing. */
export const checkMigrationOptions = (options: MigrationOptions): void => checkOptions('options', options, OPTIONS)

/** Looks through all sources. What is broken in them is told in the families, never thrown. */
export async function inventory(options: MigrationOptions): Promise<Inventory> {
  const { localStorage, files = [], autosaves, signal, onProgress } = options
  const inventory: Inventory = {
    families: { ...emptyFamilies(), autosaves: emptyFamily(), downloads: emptyFamily(), files: emptyFamily() },
    unknownKeys: 0,
    states: [],
    entries: [],
    notes: [],
    close: () => {},
  }
  const all = given(files)
  let done = 0
  const findings = findingsInto(inventory, (what) => {
    if (signal?.aborted) throw aborted()
    onProgress?.({ step: 'reading', done: done++, total: all.length + (autosaves ? 1 : 0), what })
  })
  for (const path of all) lookThrough(path, findings)
  if (localStorage !== undefined) keys(entriesOf(localStorage), 'localStorage', inventory)
  // The last, so that nothing can fail while it is open.
  if (autosaves) inventory.close = await lookThroughDatabase(autosaves, findings)
  return inventory
}

function given(files: string[]): string[] {
  try {
    return jsonFiles(files)
  } catch (error) {
    throw badOption(`files: ${messageOf(error)}`)
  }
}

function findingsInto(inventory: Inventory, reading: (what: string) => void): Findings {
  const { families, states, notes } = inventory
  return {
    reading,
    state: (found) => {
      const family = families[found.family]
      family.found += 1
      family.bytes += found.bytes
      states.push(found)
    },
    keys: (dump, label) => keys(entriesOf(dump), label, inventory),
    broken: (family, why) => {
      families[family].found += 1
      skip(families[family], why)
    },
    note: (text) => void notes.push(text),
  }
}

function keys(entries: [string, string][], label: string, inventory: Inventory): void {
  const { families, states } = inventory
  for (const [key, value] of entries) {
    if (!key.startsWith(PROJECT_PREFIX)) {
      // Two dumps of one storage: the same twice is found once.
      if (!inventory.entries.some((entry) => entry[0] === key && entry[1] === value)) inventory.entries.push([key, value])
    } else {
      const { projects } = families
      projects.found += 1
      try {
        const project = key.slice(PROJECT_PREFIX.length)
        const seen = lookInto(encoded(value))
        if (project.trim() === '') throw new TypeError('the project has no name')
        projects.bytes += seen.bytes
        // Of a few megabytes at most: `localStorage` holds no more.
        states.push({ family: 'projects', label: `${label}, ${key}`, at: null, ...seen, named: { project, by: 'key' }, read: () => encoded(value) })
      } catch (error) {
        skip(projects, `${key}: ${reason(error)}`)
      }
    }
  }
}

/** The part of a scope that projects have. */
export const userOf = ({ user }: Scope): { user?: string } => (user === undefined ? {} : { user })
