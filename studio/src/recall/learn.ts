import type { Observation, PrimeMemory, RecallFact } from '@mixxclub/prime-memory'
import { messageOf } from '../errors.js'
import { isOfTheStore } from '../store/memory.js'
import { warnOnce } from '../store/session.js'
import type { StorageLike } from '../store/web-storage.js'
import type { MixxRecallData } from './data.js'
import { favorites, FAVORITES_KEY, presets, PRESETS_KEY, readSource, STUDIO_PRESETS_KEY, studioPresets, type HistoryEntry, type Preset } from './sources.js'

/** A project as an observation; null when it says nothing. */
export function projectObservation({ genre, bpm, key, lufs }: HistoryEntry, at: number): Observation | null {
  const seen = { ...(genre && { genre }), ...(bpm && { bpm }), ...(key && { key }), ...(lufs !== undefined && { lufs }) }
  return Object.keys(seen).length > 0 ? { ...seen, at } : null
}

/** Plugins of which recall knows whether they are favourites, and whether they are. */
export const knownFavorites = (store: PrimeMemory): Map<unknown, unknown> =>
  new Map(facts(store, 'favourite').map(({ value: { plugin, favourite } }) => [plugin, favourite]))

/** Favourites that recall has otherwise. One that is unchanged is no new fact; null when none is new. */
export function newFavorites(store: PrimeMemory, all: Record<string, boolean>): Record<string, boolean> | null {
  const known = knownFavorites(store)
  const news = Object.entries(all).filter(([plugin, liked]) => (known.get(plugin) ?? false) !== liked)
  return news.length > 0 ? Object.fromEntries(news) : null
}

/**
 * Presets that recall does not have yet, or that were saved again since it saw them: one with a date later, one without a
 * date with settings that it was never seen with.
 */
export function newPresets(store: PrimeMemory, all: Preset[]): Preset[] {
  const known = new Map(facts(store, 'preset').map((fact) => [nameOf(fact.value as unknown as Preset), fact]))
  return all.filter((preset) => {
    const fact = known.get(nameOf(preset))
    if (!fact) return true
    return preset.at === undefined ? !wasSeenAs(store, fact.key, preset) : preset.at > fact.lastAt
  })
}

/** Whether a preset was seen with these settings, or with some that nothing tells any more. Facts count names only: the memories tell more. */
function wasSeenAs(store: PrimeMemory, key: string, preset: Preset): boolean {
  const memories = store.recall.explain(key).observations.map(({ memory }) => (memory === null ? null : store.getSync(memory)))
  const told = memories.flatMap((memory) => (memory?.data as { presets?: Preset[] } | null | undefined)?.presets ?? [])
  const same = told.filter((one) => nameOf(one) === nameOf(preset))
  return same.length === 0 || same.some((one) => settingsOf(one) === settingsOf(preset))
}

/** The settings of a preset, in one order. */
const settingsOf = ({ settings = {} }: Preset): string => JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)))

export const presetObservation = ({ at, ...preset }: Preset): Observation => ({ presets: [preset], ...(at !== undefined && { at }) })

/**
 * Takes over what the Studio wrote since the last look: favourites as they are, presets that are new. A plugin that is in its
 * list no more is no favourite; a storage that never had the list says nothing of it.
 *
 * @throws what is no fault of theirs: a later look learns them then
 */
export function learnFromStudio(store: PrimeMemory, storage: StorageLike): void {
  look(store, storage, FAVORITES_KEY, () => {
    const liked = kept(store, storage, FAVORITES_KEY, {}, favorites)
    const news = liked && newFavorites(store, { ...unmarked(store), ...liked })
    if (news) learnFavorites(store, news)
  })
  look(store, storage, PRESETS_KEY, () => {
    learnEach(store, newPresets(store, kept(store, storage, PRESETS_KEY, [], presets) ?? []).map(presetObservation))
  })
}

/** Without presets that the Studio deleted: habits stay counted, but are not told. */
export function withoutDeleted(store: PrimeMemory, storage: StorageLike | null, data: MixxRecallData): MixxRecallData {
  const own = storage && data.commonPresets ? kept(store, storage, PRESETS_KEY, [], presets) : null
  if (!own) return data
  const others = readSource(storage, STUDIO_PRESETS_KEY, [], (value) => studioPresets(value).presets)
  const there = new Set([...own, ...others].map(nameOf))
  const { commonPresets = [], ...rest } = data
  if (commonPresets.every((preset) => there.has(nameOf(preset)))) return data
  // More than `data` has: those that were deleted took the place of others.
  const used = facts(store, 'preset').sort((a, b) => b.weight - a.weight || b.lastAt - a.lastAt)
  const left = used.map(({ value }) => value as unknown as Preset).filter((preset) => there.has(nameOf(preset)))
  const told = left.slice(0, MOST_PRESETS).map(({ name, plugin }) => ({ name, plugin }))
  return { ...rest, ...(told.length > 0 && { commonPresets: told }) }
}

/** As many as the memory itself tells. */
const MOST_PRESETS = 10

const nameOf = ({ name, plugin }: { name: string; plugin: string }): string => JSON.stringify([name, plugin])

/** Every favourite as one no longer. */
const unmarked = (store: PrimeMemory): Record<string, boolean> =>
  Object.fromEntries(facts(store, 'favourite').map(({ value: { plugin } }) => [String(plugin), false]))

/** In one observation; if one of them is refused, in one each. */
function learnFavorites(store: PrimeMemory, news: Record<string, boolean>): void {
  try {
    store.recall.learnSync({ favourites: news })
  } catch (error) {
    if (isOfTheStore(error)) throw error
    learnEach(store, Object.entries(news).map(([plugin, liked]) => ({ favourites: { [plugin]: liked } })))
  }
}

/**
 * All at once; if one is refused, each by itself, so that it takes no other with it.
 *
 * @throws what is no fault of theirs: the memory is busy, or its disk is full
 */
function learnEach(store: PrimeMemory, observations: Observation[]): void {
  if (observations.length === 0) return
  try {
    store.recall.learnManySync(observations)
  } catch (error) {
    if (isOfTheStore(error)) throw error
    for (const observation of observations) learnOne(store, observation)
  }
}

/** Most characters of what could not be learned, in a warning. */
const MOST_SHOWN_CHARS = 120

function learnOne(store: PrimeMemory, observation: Observation): void {
  try {
    store.recall.learnSync(observation)
  } catch (error) {
    if (isOfTheStore(error)) throw error
    const shown = JSON.stringify(observation).slice(0, MOST_SHOWN_CHARS)
    warnOnce(`learning ${shown}`, `something in localStorage could not be learned: ${messageOf(error)}: ${shown}`, error)
  }
}

function facts(store: PrimeMemory, category: string): (RecallFact & { value: { [field: string]: unknown } })[] {
  const known = store.recall.facts().filter((fact) => fact.category === category)
  return known as (RecallFact & { value: { [field: string]: unknown } })[]
}

/** The texts of the Studio's keys at the last look, by storage; of one memory, because another has not learned them. Null: not learned yet. */
const looks = new WeakMap<StorageLike, { store: PrimeMemory; texts: Map<string, string | null> }>()

function lookedAt(store: PrimeMemory, storage: StorageLike): Map<string, string | null> {
  const before = looks.get(storage)
  if (before?.store === store) return before.texts
  const texts = new Map<string, string | null>()
  looks.set(storage, { store, texts })
  return texts
}

/** Whether a key's text is another than the one that was learned in this thread. */
function changed(store: PrimeMemory, storage: StorageLike, key: string): boolean {
  const texts = lookedAt(store, storage)
  const text = storage.getItem(key)
  return (text !== null || texts.has(key)) && texts.get(key) !== (text ?? '')
}

/** Learns what a key says, if its text is another than the one that was learned. */
function look(store: PrimeMemory, storage: StorageLike, key: string, learn: () => void): void {
  if (!changed(store, storage, key)) return
  const texts = lookedAt(store, storage)
  const text = storage.getItem(key) ?? ''
  // Stays so when learning throws.
  texts.set(key, null)
  learn()
  texts.set(key, text)
}

/** What a key holds; empty when it was there and is gone; null when it never was, or cannot be read. */
function kept<T>(store: PrimeMemory, storage: StorageLike, key: string, empty: T, read: (value: unknown) => T): T | null {
  if (storage.getItem(key)) return readSource<T | null>(storage, key, null, read)
  return lookedAt(store, storage).has(key) ? empty : null
}
