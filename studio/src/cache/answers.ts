// Which of the two, memory and `localStorage`, answers and is written, by phase.
import type { CacheAnswer, PrimeMemory } from '@mixxclub/prime-memory'
import { failed, localStorage, memory, orElse } from '../store/memory.js'
import { session } from '../store/session.js'
import { LocalCache, type CacheStats } from './local-cache.js'
import type { LegacyEntry } from './legacy.js'
import { answerOf, cacheOf, clearMemoryCache, get, getSync, sound, takeOver } from './memory-cache.js'
import { DEFAULT_MODEL, type Question } from './request.js'

/** A cached answer, or null; never throws. */
export function readAnswer(question: Question, ttlMs: number): string | null {
  const store = memory()
  if (!store) return readLocal(question, ttlMs)
  const fromMemory = orElse('reading the cache', null, () => getSync(store, question, ttlMs)?.content ?? null)
  return afterMemory(store, question, ttlMs, fromMemory)
}

/** As `readAnswer`, without blocking; rejects only when it is cancelled. */
export async function readAnswerLater(question: Question, ttlMs: number, signal?: AbortSignal): Promise<string | null> {
  const store = memory()
  if (!store) return readLocal(question, ttlMs)
  try {
    const fromMemory = (await get(store, question, ttlMs, signal))?.content ?? null
    return afterMemory(store, question, ttlMs, fromMemory)
  } catch (error) {
    if (signal?.aborted) throw error
    failed('reading the cache', error)
    return afterMemory(store, question, ttlMs, null)
  }
}

/** What is served once the memory has spoken: its own answer, or by phase that of `localStorage`. */
function afterMemory(store: PrimeMemory, question: Question, ttlMs: number, fromMemory: string | null): string | null {
  if (phase() === 'full') return fromMemory
  const local = orElse('reading localStorage', null, () => besideMemory(question, ttlMs, fromMemory))
  compare(fromMemory, local?.content ?? null)
  if (phase() === 'shadow') return local?.content ?? null
  if (fromMemory !== null || !local) return fromMemory
  return orElse('filling the cache', true, () => takeOver(store, question.request, answerOf(local))) ? local.content : null
}

/** Keeps an answer; never throws. An empty one is none. */
export function writeAnswer(question: Question, answer: CacheAnswer): void {
  if (answer.content.trim() === '') return
  const store = memory()
  if (store) orElse('writing the cache', '', () => cacheOf(store).setSync(question.request, sound(answer)))
  if (!store || phase() !== 'full') writeLocal(question, answer)
}

/** As `writeAnswer`, without blocking; never rejects. */
export async function writeAnswerLater(question: Question, answer: CacheAnswer): Promise<void> {
  if (answer.content.trim() === '') return
  const store = memory()
  if (!store || phase() !== 'full') writeLocal(question, answer)
  try {
    if (store) await cacheOf(store).set(question.request, sound(answer))
  } catch (error) {
    failed('writing the cache', error)
  }
}

function writeLocal(question: Question, answer: CacheAnswer): void {
  orElse('writing localStorage', undefined, () => localCache()?.set(question, entryOf(question, sound(answer))))
}

function readLocal(question: Question, ttlMs: number): string | null {
  return orElse('reading localStorage', null, () => localCache()?.get(question, ttlMs)?.content ?? null)
}

/** Counters of whatever answers. */
export function cacheStats(): CacheStats {
  const none = { hits: 0, misses: 0, totalCached: 0, totalSaved: 0 }
  const store = phase() === 'shadow' ? null : memory()
  if (!store) return orElse('reading cache statistics', none, () => localCache()?.stats() ?? none)
  return orElse('reading cache statistics', none, () => {
    const { hits, misses, entries, saved } = cacheOf(store).stats()
    return { hits, misses, totalCached: entries, totalSaved: saved }
  })
}

/** Entries and counters, of both, so that no later phase brings an answer back. */
export function clearAnswers(): void {
  const store = memory()
  if (store) orElse('clearing the cache', undefined, () => clearMemoryCache(store))
  orElse('clearing localStorage', undefined, () => localCache()?.clear())
}

const phase = () => session.settings.phase ?? 'full'

export function localCache(): LocalCache | null {
  const storage = localStorage()
  return storage && new LocalCache(storage)
}

/** Its counters count only where it is the one that answers. Where the memory has answered, it is only compared. */
function besideMemory(question: Question, ttlMs: number, fromMemory: string | null): LegacyEntry | null {
  const local = localCache()
  if (phase() === 'shadow') return local?.get(question, ttlMs) ?? null
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
