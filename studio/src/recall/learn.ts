import type { PrimeMemory } from '@mixxclub/prime-memory'
import { session } from '../store/session.js'
import type { StorageLike } from '../store/web-storage.js'
import { favorites, FAVORITES_KEY, presets, PRESETS_KEY, readSource, type HistoryEntry, type Preset } from './sources.js'

/** A project as an observation. What is unknown (a tempo of 0 too) is left out. */
export function learnProject(store: PrimeMemory, { genre, bpm, key, lufs }: HistoryEntry, at: number): void {
  const observation = { ...(genre && { genre }), ...(bpm && { bpm }), ...(key && { key }), ...(lufs !== undefined && { lufs }) }
  if (Object.keys(observation).length > 0) store.recall.learnSync({ ...observation, at })
}

/** Takes over what the Studio wrote since the last look: favourites as they are, presets that are new. */
export function learnFromStudio(store: PrimeMemory, storage: StorageLike | null): void {
  if (changed(storage, FAVORITES_KEY)) learnFavorites(store, readSource(storage, FAVORITES_KEY, {}, favorites))
  if (changed(storage, PRESETS_KEY)) learnPresets(store, readSource(storage, PRESETS_KEY, [], presets))
}

/** A favourite that is unchanged is no new fact. Gives how many were told. */
export function learnFavorites(store: PrimeMemory, favourites: Record<string, boolean>): number {
  const known = new Set(store.recall.context().favoritePlugins)
  const news = Object.entries(favourites).filter(([plugin, liked]) => liked !== known.has(plugin))
  if (news.length > 0) store.recall.learnSync({ favourites: Object.fromEntries(news) })
  return news.length
}

/** Presets that recall does not have yet. Gives how many were told. */
export function learnPresets(store: PrimeMemory, presets: Preset[]): number {
  const news = unknownPresets(store, presets)
  for (const { at, ...preset } of news) store.recall.learnSync({ presets: [preset], ...(at !== undefined && { at }) })
  return news.length
}

export function unknownPresets(store: PrimeMemory, presets: Preset[]): Preset[] {
  const known = new Set((store.recall.context().commonPresets ?? []).map(({ name, plugin }) => JSON.stringify([name, plugin])))
  return presets.filter(({ name, plugin }) => !known.has(JSON.stringify([name, plugin])))
}

/** Whether a key's text is another than at the last look in this thread. */
function changed(storage: StorageLike | null, key: string): boolean {
  const text = storage?.getItem(key) ?? ''
  if (session.seen.get(key) === text) return false
  session.seen.set(key, text)
  return true
}
