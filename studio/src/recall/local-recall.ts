// Recall from `localStorage` alone: what serves in a browser tab and while the memory only shadows it.
import type { StorageLike } from '../store/web-storage.js'
import type { MixxRecallData } from './data.js'
import { recallSection, toldFacts } from './section.js'
import { favorites, FAVORITES_KEY, history, HISTORY_KEY, liveValues, presets, PRESETS_KEY, readSource, records, type HistoryEntry } from './sources.js'

const RECENT_PROJECTS = 5
const KEPT_PROJECTS = 20

/**
 * As the Studio's own module, but one broken key takes nothing else with it. `unlearned`: without projects that the memory
 * learned when they were saved, so that what it was told to forget is not told from here.
 */
export function localContext(storage: StorageLike | null, which: 'all' | 'unlearned' = 'all'): MixxRecallData {
  const liked = readSource(storage, FAVORITES_KEY, {}, favorites)
  const kept = readSource(storage, PRESETS_KEY, [], presets)
  const told = (value: unknown) => history(which === 'all' ? value : records(value).filter(({ learned }) => learned !== true))
  const recent = readSource(storage, HISTORY_KEY, [], told).slice(-RECENT_PROJECTS)
  const level = recent.map(({ lufs }) => lufs).filter((lufs) => lufs !== undefined).at(-1)
  return {
    ...some('favoritePlugins', Object.keys(liked).filter((plugin) => liked[plugin])),
    ...some('commonPresets', kept.map(({ name, plugin }) => ({ name, plugin }))),
    ...some('recentProjects', recent.map(({ genre, bpm, key }) => ({ ...(genre && { genre }), ...(bpm && { bpm }), ...(key && { key }) }))),
    ...some('preferredGenres', distinct(recent.map(({ genre }) => genre))),
    ...some('commonKeys', distinct(recent.map(({ key }) => key))),
    ...(level !== undefined && { preferredMixLevel: level }),
  }
}

/** Adds a project, and whether the memory learned it too; the last twenty are kept. Throws what the storage throws. */
export function saveLocal(storage: StorageLike, entry: HistoryEntry & { learned?: true }): void {
  const all = readSource(storage, HISTORY_KEY, [], records)
  storage.setItem(HISTORY_KEY, JSON.stringify([...all, entry].slice(-KEPT_PROJECTS)))
}

const some = <K extends keyof MixxRecallData, T>(name: K, values: T[]) => (values.length > 0 ? { [name]: values } : {})

const distinct = (values: (string | undefined)[]): string[] => [...new Set(values.filter((value) => value !== undefined))]

/**
 * The recall section as the Studio's own module wrote it, for finding answers that it kept under it: favourites in the order
 * of their key; a map of presets was more than it could read, so that nothing after it was told.
 */
export function studioSection(storage: StorageLike | null): string {
  const told: MixxRecallData = {}
  const read = (key: string): any => JSON.parse(storage?.getItem(key) || 'null')
  try {
    const liked = read(FAVORITES_KEY) ?? {}
    told.favoritePlugins = Object.keys(liked).filter((plugin) => liked[plugin])
    told.commonPresets = (read(PRESETS_KEY) ?? []).map(({ label, trackContext }: Record<string, string>) => ({ name: label, plugin: trackContext || 'unknown' }))
    const recent: HistoryEntry[] = (read(HISTORY_KEY) ?? []).slice(-RECENT_PROJECTS)
    told.preferredGenres = [...new Set(recent.flatMap(({ genre }) => genre || []))]
    const { bpm, key } = liveValues()
    Object.assign(told, bpm !== undefined && { typicalBPM: bpm }, key !== undefined && { commonKeys: [key] })
  } catch {
    // It went on with what it had read by then.
  }
  return recallSection(toldFacts(told))
}
