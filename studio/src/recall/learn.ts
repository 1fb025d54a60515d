import type { Observation, PrimeMemory } from '@mixxclub/prime-memory'
import { messageOf } from '../errors.js'
import { session, warnOnce } from '../store/session.js'
import type { StorageLike } from '../store/web-storage.js'
import { favorites, FAVORITES_KEY, presets, PRESETS_KEY, readSource, type HistoryEntry, type Preset } from './sources.js'

/** A project as an observation. What is unknown (a tempo of 0 too) is left out; null when nothing is left. */
export function projectObservation({ genre, bpm, key, lufs }: HistoryEntry, at: number): Observation | null {
  const seen = { ...(genre && { genre }), ...(bpm && { bpm }), ...(key && { key }), ...(lufs !== undefined && { lufs }) }
  return Object.keys(seen).length > 0 ? { ...seen, at } : null
}

/** Favourites that recall has otherwise. One that is unchanged is no new fact; null when none is new. */
export function newFavorites(store: PrimeMemory, all: Record<string, boolean>): Record<string, boolean> | null {
  const known = new Map<unknown, unknown>(
    facts(store, 'favourite').map((value) => [value.plugin, value.favourite]),
  )
  const news = Object.entries(all).filter(([plugin, liked]) => (known.get(plugin) ?? false) !== liked)
  return news.length > 0 ? Object.fromEntries(news) : null
}

/** Presets that recall does not have yet. */
export function newPresets(store: PrimeMemory, all: Preset[]): Preset[] {
  const known = new Set(facts(store, 'preset').map(({ name, plugin }) => JSON.stringify([name, plugin])))
  return all.filter(({ name, plugin }) => !known.has(JSON.stringify([name, plugin])))
}

export const presetObservation = ({ at, ...preset }: Preset): Observation => ({ presets: [preset], ...(at !== undefined && { at }) })

/** Takes over what the Studio wrote since the last look: favourites as they are, presets that are new. */
export function learnFromStudio(store: PrimeMemory, storage: StorageLike | null): void {
  if (changed(storage, FAVORITES_KEY)) {
    const news = newFavorites(store, readSource(storage, FAVORITES_KEY, {}, favorites))
    if (news) learnEach(store, [{ favourites: news }])
  }
  if (changed(storage, PRESETS_KEY)) {
    learnEach(store, newPresets(store, readSource(storage, PRESETS_KEY, [], presets)).map(presetObservation))
  }
}

/** All at once; if one is refused, each by itself, so that it takes no other with it. */
function learnEach(store: PrimeMemory, observations: Observation[]): void {
  if (observations.length === 0) return
  try {
    store.recall.learnManySync(observations)
  } catch {
    for (const observation of observations) {
      try {
        store.recall.learnSync(observation)
      } catch (error) {
        warnOnce('learning', `something in localStorage could not be learned: ${messageOf(error)}`, error)
      }
    }
  }
}

function facts(store: PrimeMemory, category: string): { [field: string]: unknown }[] {
  const known = store.recall.facts().filter((fact) => fact.category === category)
  return known.map(({ value }) => value as { [field: string]: unknown })
}

/** Whether a key's text is another than at the last look in this thread. */
function changed(storage: StorageLike | null, key: string): boolean {
  const text = storage?.getItem(key) ?? ''
  if (session.seen.get(key) === text) return false
  session.seen.set(key, text)
  return true
}
