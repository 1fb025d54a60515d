import type { PrimeMemory } from '@mixxclub/prime-memory'
import { CACHE_PREFIX, legacyCost, legacyEntry, STATS_KEY, type LegacyEntry } from '../cache/legacy.js'
import { requestIn } from '../cache/local-cache.js'
import { answerOf, importedEntry, importEntry } from '../cache/memory-cache.js'
import { VECTOR_PREFIX } from '../clara/local-vectors.js'
import { StudioError } from '../errors.js'
import { aFlag, checkOptions, type Known } from '../llm/options.js'
import { FAVORITES_KEY, HISTORY_KEY, PRESETS_KEY, STUDIO_PRESETS_KEY } from '../recall/sources.js'
import { memory } from '../store/memory.js'
import { entriesOf, type LocalStorageSource } from './dump.js'
import { importFavorites, importHistory, importPresets, importStudioPresets } from './habits.js'
import { plainly, type Keeping } from './keeping.js'
import { importProject, importVector, PROJECT_PREFIX } from './memories.js'
import { emptyFamilies, failed, skip, type Family, type FamilyReport, type ImportReport } from './report.js'
import { withScratch } from './scratch.js'

export interface ImportOptions {
  /** Only looks: nothing is written, the report says what would be. @default false */
  dryRun?: boolean
}

const OPTIONS: Known<ImportOptions> = { dryRun: aFlag }

/** Where a key's value goes. */
export interface Import {
  /** What is there already is looked up in it. */
  store: PrimeMemory
  /** Where it is kept: the same, or in a dry run a memory aside. */
  into: PrimeMemory
  keeping: Keeping
  key: string
  /** The text under the key. */
  value: string
  report: FamilyReport
}

type Run = (item: Import) => void | Promise<void>

const EXACT_KEYS: { [key: string]: [Family, Run] } = {
  [STATS_KEY]: ['cacheStats', ({ report }) => {
    report.found += 1
    skip(report, 'counters begin anew: the old ones counted other requests as equal')
  }],
  [FAVORITES_KEY]: ['pluginFavorites', importFavorites],
  [PRESETS_KEY]: ['pluginPresets', importPresets],
  [STUDIO_PRESETS_KEY]: ['studioPresets', importStudioPresets],
  [HISTORY_KEY]: ['projectHistory', importHistory],
}

const PREFIXES: { [prefix: string]: [Family, Run] } = {
  [CACHE_PREFIX]: ['cacheEntries', importAnswer],
  [PROJECT_PREFIX]: ['projects', importProject],
  [VECTOR_PREFIX]: ['embeddings', importVector],
}

/** How keys of the Studio begin; a dump of `localStorage` that has none of them is somebody else's. */
export const STUDIO_KEYS = ['primebrain:', 'mixxclub', 'mixx-', VECTOR_PREFIX]

function familyOf(key: string): [Family, Run] | undefined {
  const prefix = Object.keys(PREFIXES).find((prefix) => key.startsWith(prefix))
  return Object.hasOwn(EXACT_KEYS, key) ? EXACT_KEYS[key] : prefix === undefined ? undefined : PREFIXES[prefix]
}

/**
 * Takes over what the Studio keeps in `localStorage`. The source stays as it is; importing it again changes nothing; keys
 * of others are counted and left alone. `Migration` does the same and more, and can be undone.
 *
 * @throws (rejects) `PM_NO_MEMORY` where there is no addon, `PM_BAD_OPTION` for a source that is none, `PM_UNKNOWN_OPTION`
 * (before anything is written), and what is no fault of an item: `PM_DISK_FULL`, `PM_BUSY` …; what was imported until then stays, calling again goes on
 */
export async function importLocalStorage(source: LocalStorageSource, options: ImportOptions = {}): Promise<ImportReport> {
  checkOptions('options', options, OPTIONS)
  const { dryRun = false } = options
  const entries = entriesOf(source)
  const store = openMemory()
  const report: ImportReport = { dryRun, families: emptyFamilies(), unknownKeys: 0 }
  const importInto = async (into: PrimeMemory) => {
    for (const [key, value] of entries) await importKey({ store, into, keeping: plainly(into), key, value }, report)
  }
  await (dryRun ? withScratch(store, importInto) : importInto(store))
  return report
}

/** The memory, or `PM_NO_MEMORY`. */
export function openMemory(): PrimeMemory {
  const store = memory()
  if (!store) throw new StudioError('PM_NO_MEMORY', 'there is no memory to import into: the addon or its store cannot be opened')
  return store
}

/** One broken key takes nothing else with it. */
export async function importKey(item: Omit<Import, 'report'>, into: Pick<ImportReport, 'families' | 'unknownKeys'>): Promise<void> {
  const [family, run] = familyOf(item.key) ?? []
  if (!family || !run) {
    into.unknownKeys += 1
    return
  }
  const report = into.families[family]
  const { found } = report
  report.bytes += new TextEncoder().encode(item.value).length
  try {
    await run({ ...item, report })
  } catch (error) {
    if (report.found === found) report.found += 1
    failed(report, item.key, error)
  }
}

async function importAnswer({ store, into, keeping, key, value, report }: Import): Promise<void> {
  report.found += 1
  const hash = key.slice(CACHE_PREFIX.length)
  const parsed: unknown = JSON.parse(value)
  const entry = legacyEntry(parsed)
  const request = requestIn(parsed)
  if (!entry || !(request || /^\d+$/.test(hash))) return skip(report, `${key}: no entry { content, timestamp, model }`)
  if (entry.content.trim() === '') return skip(report, `${key}: an empty answer`)
  if (request ? (await store.cache.explain(request)).exact : isThere(store, hash, entry)) report.alreadyThere += 1
  else {
    const model = keeping.modelOf(entry.model)
    // Under another name its price is not known.
    const priced = model === entry.model ? entry : { cost: legacyCost(entry.content), ...entry, model }
    if (request) await into.cache.set(request, { ...answerOf(priced), model })
    else await importEntry(into, hash, priced)
    report.imported += 1
  }
}

/** Milliseconds by which two times may differ that are one: an age is counted from now. */
const SAME_TIME_MS = 1_000

/**
 * Of two answers that wait under one number the newer is kept; one that has found its request is that request's. A date in
 * the future says nothing of which is newer: the memory keeps such an answer as of now.
 */
function isThere(store: PrimeMemory, hash: string, { timestamp }: LegacyEntry): boolean {
  const before = importedEntry(store, hash)
  const isNewer = before !== null && timestamp <= Date.now() && timestamp > before.createdAt + SAME_TIME_MS
  return before !== null && !(before.waits && isNewer)
}
