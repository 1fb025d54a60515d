import type { PrimeMemory } from '@mixxclub/prime-memory'
import { CACHE_PREFIX, legacyEntry, STATS_KEY } from '../cache/legacy.js'
import { requestIn } from '../cache/local-cache.js'
import { answerOf, importEntry, wasImported } from '../cache/memory-cache.js'
import { VECTOR_PREFIX } from '../clara/local-vectors.js'
import { messageOf, StudioError } from '../errors.js'
import { FAVORITES_KEY, HISTORY_KEY, PRESETS_KEY } from '../recall/sources.js'
import { memory } from '../store/memory.js'
import { entriesOf, type LocalStorageSource } from './dump.js'
import { importFavorites, importHistory, importPresets } from './habits.js'
import { importProject, importVector, PROJECT_PREFIX } from './memories.js'
import { emptyReport, skip, type Family, type FamilyReport, type ImportReport } from './report.js'

export interface ImportOptions {
  /** Only looks: nothing is written, the report says what would be. @default false */
  dryRun?: boolean
}

/** Where a key's value goes. */
export interface Import {
  store: PrimeMemory
  key: string
  /** The text under the key. */
  value: string
  dryRun: boolean
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
  [HISTORY_KEY]: ['projectHistory', importHistory],
}

const PREFIXES: { [prefix: string]: [Family, Run] } = {
  [CACHE_PREFIX]: ['cacheEntries', importAnswer],
  [PROJECT_PREFIX]: ['projects', importProject],
  [VECTOR_PREFIX]: ['embeddings', importVector],
}

function familyOf(key: string): [Family, Run] | undefined {
  const prefix = Object.keys(PREFIXES).find((prefix) => key.startsWith(prefix))
  return Object.hasOwn(EXACT_KEYS, key) ? EXACT_KEYS[key] : prefix === undefined ? undefined : PREFIXES[prefix]
}

/**
 * Takes over what the Studio keeps in `localStorage`. The source stays as it is; importing it again changes nothing; keys
 * of others are counted and left alone.
 *
 * @throws (rejects) `PM_NO_MEMORY` where there is no addon, `PM_BAD_OPTION` for a source that is none
 */
export async function importLocalStorage(source: LocalStorageSource, options: ImportOptions = {}): Promise<ImportReport> {
  const { dryRun = false } = options
  const entries = entriesOf(source)
  const store = memory()
  if (!store) throw new StudioError('PM_NO_MEMORY', 'there is no memory to import into: the addon or its store cannot be opened')
  const report = emptyReport(dryRun)
  for (const [key, value] of entries) {
    const [family, run] = familyOf(key) ?? []
    if (!family || !run) report.unknownKeys += 1
    else await one(run, { store, key, value, dryRun, report: report.families[family] })
  }
  return report
}

/** One broken key takes nothing else with it. */
async function one(run: Run, item: Import): Promise<void> {
  const { found } = item.report
  try {
    await run(item)
  } catch (error) {
    if (item.report.found === found) item.report.found += 1
    skip(item.report, `${item.key}: ${messageOf(error)}`)
  }
}

async function importAnswer({ store, key, value, dryRun, report }: Import): Promise<void> {
  report.found += 1
  const hash = key.slice(CACHE_PREFIX.length)
  const parsed: unknown = JSON.parse(value)
  const entry = legacyEntry(parsed)
  const request = requestIn(parsed)
  if (!entry || !(request || /^\d+$/.test(hash))) return skip(report, `${key}: no entry { content, timestamp, model }`)
  if (entry.content.trim() === '') return skip(report, `${key}: an empty answer`)
  if (request ? (await store.cache.explain(request)).exact : wasImported(store, hash)) report.alreadyThere += 1
  else {
    if (!dryRun && request) await store.cache.set(request, answerOf(entry))
    else if (!dryRun) await importEntry(store, hash, entry)
    report.imported += 1
  }
}
