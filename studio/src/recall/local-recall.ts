// Recall from `localStorage` alone: what serves in a browser tab and while the memory only shadows it.
import type { StorageLike } from '../store/web-storage.js'
import type { MixxRecallData } from './data.js'
import { favorites, FAVORITES_KEY, history, HISTORY_KEY, presets, PRESETS_KEY, readSource, type HistoryEntry } from './sources.js'

const RECENT_PROJECTS = 5
const KEPT_PROJECTS = 20

/** As the Studio's own module, but one broken key takes nothing else with it. */
export function localContext(storage: StorageLike | null): MixxRecallData {
  const liked = readSource(storage, FAVORITES_KEY, {}, favorites)
  const kept = readSource(storage, PRESETS_KEY, [], presets)
  const recent = readSource(storage, HISTORY_KEY, [], history).slice(-RECENT_PROJECTS)
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

/** Adds a project; the last twenty are kept. Throws what the storage throws. */
export function saveLocal(storage: StorageLike, entry: HistoryEntry): void {
  const all = readSource(storage, HISTORY_KEY, [], history)
  storage.setItem(HISTORY_KEY, JSON.stringify([...all, entry].slice(-KEPT_PROJECTS)))
}

const some = <K extends keyof MixxRecallData, T>(name: K, values: T[]) => (values.length > 0 ? { [name]: values } : {})

const distinct = (values: (string | undefined)[]): string[] => [...new Set(values.filter((value) => value !== undefined))]
