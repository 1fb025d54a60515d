// Which of the two, memory and `localStorage`, answers and is written, by phase.
import type { CacheAnswer, PrimeMemory } from '@mixxclub/prime-memory'
import { failed, held, isOpen, localStorage, memory, orElse } from '../store/memory.js'
import { storeOf, type Place } from '../store/place.js'
import { session, singleton } from '../store/session.js'
import { canonical, LocalCache, type CacheStats } from './local-cache.js'
import type { LegacyEntry } from './legacy.js'
import { answerOf, cacheOf, clearMemoryCache, get, getSync, set, sound, takeOver, takeOverLater } from './memory-cache.js'
import { DEFAULT_MODEL, type Question } from './request.js'

/** A cached answer, or null; never throws. */
export function readAnswer(place: Place, question: Question, ttlMs: number): string | null {
  const waiting = unwrittenAnswer(place, question, ttlMs)
  if (waiting !== null) return waiting
  const { store } = place
  if (!store) return readLocal(place, question, ttlMs)
  const fromMemory = orElse('reading the cache', null, () => getSync(store, question, ttlMs)?.content ?? null)
  const { answer, local } = afterMemory(place, question, ttlMs, fromMemory)
  return local && takeOver(store, question.request, answerOf(local)) ? local.content : answer
}

/** As `readAnswer`, without blocking; rejects only when it is cancelled. */
export async function readAnswerLater(place: Place, question: Question, ttlMs: number, signal?: AbortSignal): Promise<string | null> {
  const waiting = unwrittenAnswer(place, question, ttlMs)
  if (waiting !== null) return waiting
  const { store } = place
  if (!store) return readLocal(place, question, ttlMs)
  const fromMemory = await getOrNull(store, question, ttlMs, signal)
  const { answer, local } = afterMemory(place, question, ttlMs, fromMemory)
  return local && (await takeOverLater(store, question.request, answerOf(local))) ? local.content : answer
}

async function getOrNull(store: PrimeMemory, question: Question, ttlMs: number, signal?: AbortSignal): Promise<string | null> {
  try {
    return (await get(store, question, ttlMs, signal))?.content ?? null
  } catch (error) {
    if (signal?.aborted) throw error
    // One that was closed meanwhile has nothing more to say.
    if (isOpen(store)) failed('reading the cache', error)
    return null
  }
}

interface Served {
  answer: string | null
  /** An answer of `localStorage` that is served if the memory takes it over. */
  local?: LegacyEntry
}

/** What is served once the memory has spoken: its own answer, or by phase that of `localStorage`. */
function afterMemory(place: Place, question: Question, ttlMs: number, fromMemory: string | null): Served {
  if (place.phase === 'full') return { answer: fromMemory }
  const local = orElse('reading localStorage', null, () => besideMemory(place, question, ttlMs, fromMemory))
  compare(fromMemory, local?.content ?? null)
  if (place.phase === 'shadow') return { answer: local?.content ?? null }
  return { answer: fromMemory, ...(fromMemory === null && local && { local }) }
}

/** Keeps an answer; never throws. An empty one is none. */
export function writeAnswer(place: Place, question: Question, answer: CacheAnswer): void {
  if (answer.content.trim() === '') return
  const { store, phase } = place
  if (store) orElse('writing the cache', '', () => cacheOf(store).setSync(question.request, sound(answer)))
  if (!store || phase !== 'full') writeLocal(place, question, answer)
}

/** As `writeAnswer`, without blocking; never rejects. Until it is on disk, equal requests are answered from here. */
export async function writeAnswerLater(place: Place, question: Question, answer: CacheAnswer): Promise<void> {
  if (answer.content.trim() === '') return
  const store = storeOf(place)
  if (!store || place.phase !== 'full') writeLocal(place, question, answer)
  if (!store) return
  const key = keyOf(place, question)
  unwritten().set(key, answer)
  try {
    await held(store, () => set(store, question.request, sound(answer)))
  } catch (error) {
    failed('writing the cache', error)
  } finally {
    if (unwritten().get(key) === answer) unwritten().delete(key)
  }
}

/** What tells a request from all others, those of other stores included. */
export const keyOf = ({ settings }: Place, question: Question): string => `${settings.path ?? ''}\n${canonical(question)}`

/** Answers on their way to the disk, where another process may hold the store for seconds. */
const unwritten = () => singleton('unwritten', () => new Map<string, CacheAnswer>())

function unwrittenAnswer(place: Place, question: Question, ttlMs: number): string | null {
  if (unwritten().size === 0 || !(ttlMs > 0)) return null
  return orElse('reading the cache', null, () => unwritten().get(keyOf(place, question))?.content ?? null)
}

function writeLocal({ storage }: Place, question: Question, answer: CacheAnswer): void {
  orElse('writing localStorage', undefined, () => localCache(storage)?.set(question, entryOf(question, sound(answer))))
}

function readLocal({ storage }: Place, question: Question, ttlMs: number): string | null {
  return orElse('reading localStorage', null, () => localCache(storage)?.get(question, ttlMs)?.content ?? null)
}

/** Counters of whatever answers. */
export function cacheStats(): CacheStats {
  const none = { hits: 0, misses: 0, totalCached: 0, totalSaved: 0 }
  const store = session.settings.phase === 'shadow' ? null : memory()
  if (!store) return orElse('reading cache statistics', none, () => localCache()?.stats() ?? none)
  return orElse('reading cache statistics', none, () => {
    const { hits, misses, entries, saved } = cacheOf(store).stats()
    return { hits, misses, totalCached: entries, totalSaved: saved }
  })
}

/** Entries and counters, of both, so that no later phase brings an answer back. */
export function clearAnswers(): void {
  unwritten().clear()
  const store = memory()
  if (store) orElse('clearing the cache', undefined, () => clearMemoryCache(store))
  orElse('clearing localStorage', undefined, () => localCache()?.clear())
}

export const localCache = (storage = localStorage()): LocalCache | null => storage && new LocalCache(storage)

/** Its counters count only where it is the one that answers. Where the memory has answered, it is only compared. */
function besideMemory({ storage, phase }: Place, question: Question, ttlMs: number, fromMemory: string | null): LegacyEntry | null {
  const local = localCache(storage)
  if (phase === 'shadow') return local?.get(question, ttlMs) ?? null
  return (fromMemory === null ? local?.take(question, ttlMs) : local?.peek(question, ttlMs)) ?? null
}

function compare(memory: string | null, local: string | null): void {
  const { compared } = session
  compared.asked += 1
  if (memory === null && local === null) return
  if (memory === null) compared.onlyLocalStorage += 1
  else if (local === null) compared.onlyMemory += 1
  else if (memory === local) compared.agreed += 1
  else compared.disagreed += 1
}

function entryOf({ request }: Question, { content, usage, cost }: CacheAnswer): LegacyEntry {
  const tokens = usage?.outputTokens
  const model = request.options?.model
  return {
    content,
    timestamp: Date.now(),
    model: typeof model === 'string' ? model : DEFAULT_MODEL,
    ...(tokens !== undefined && { tokens }),
    ...(cost !== undefined && { cost }),
  }
}
