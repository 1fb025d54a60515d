// One answer for all who ask the same at once, kept afterwards.
import type { CacheAnswer, PrimeMemory } from '@mixxclub/prime-memory'
import { localCache, phase, readAnswerLater, writeLocal } from '../cache/answers.js'
import { answerOf, adoptImported, cacheOf, getOptions } from '../cache/memory-cache.js'
import { canonical } from '../cache/local-cache.js'
import { DEFAULT_TTL_MS, type Question } from '../cache/request.js'
import { messageOf } from '../errors.js'
import { memory, orElse } from '../store/memory.js'
import { warnOnce } from '../store/session.js'
import { aborted, unlessAborted } from './attempts.js'
import { join } from './waiters.js'

/** Asks the provider. */
export type Ask = (signal: AbortSignal) => Promise<CacheAnswer>

/** Errors of providers, told apart from errors of the store. */
const ofProvider = new WeakSet<object>()

/** An answer without text: given to those who wait, kept nowhere. */
class EmptyAnswer extends Error {}

/**
 * The answer kept for this question, else the provider's, which is then kept. Callers who ask the same at the same time
 * share one call; the first's error reaches all and is not kept.
 */
export async function answerOnce(question: Question, ask: Ask, signal?: AbortSignal): Promise<string> {
  if (signal?.aborted) throw aborted()
  const waiter = join(canonical(question), signal)
  const produce = () => marked(ask, waiter.signal)
  const store = memory()
  try {
    if (store && phase() !== 'shadow') return await throughMemory(store, question, produce, signal)
    return await throughLocal(store, question, produce, signal)
  } catch (error) {
    if (isEmpty(error)) return ''
    throw error
  } finally {
    waiter.leave()
  }
}

async function marked(ask: Ask, signal: AbortSignal): Promise<CacheAnswer> {
  try {
    const answer = await ask(signal)
    if (answer.content.trim() === '') throw new EmptyAnswer('the provider gave no text')
    return answer
  } catch (error) {
    if (typeof error === 'object' && error !== null) ofProvider.add(error)
    throw error
  }
}

const isEmpty = (error: unknown): boolean => error instanceof EmptyAnswer

async function throughMemory(store: PrimeMemory, question: Question, produce: () => Promise<CacheAnswer>, signal?: AbortSignal): Promise<string> {
  let answer: CacheAnswer | undefined
  const keep = async () => {
    const local = phase() === 'hybrid' ? orElse('reading localStorage', null, () => localCache()?.peek(question, DEFAULT_TTL_MS)) : null
    answer = local ? answerOf(local) : await produce()
    if (phase() === 'hybrid' && !local) writeLocal(question, answer)
    return answer
  }
  try {
    orElse('importing', undefined, () => adoptImported(store, question, DEFAULT_TTL_MS))
    const hit = await cacheOf(store).getOrCreate(question.request, keep, { ...getOptions(DEFAULT_TTL_MS), ...(signal && { signal }) })
    return hit.content
  } catch (error) {
    if (signal?.aborted || isOfProvider(error)) throw error
    warnOnce('asking the cache', `the cache failed and the provider was asked instead: ${messageOf(error)}`, error)
    return (answer ?? (await produce())).content
  }
}

function isOfProvider(error: unknown): boolean {
  return typeof error === 'object' && error !== null && ofProvider.has(error)
}

const underWay = new Map<string, Promise<CacheAnswer>>()

/** Without the memory, or while it only shadows: `localStorage` answers. */
async function throughLocal(store: PrimeMemory | null, question: Question, produce: () => Promise<CacheAnswer>, signal?: AbortSignal): Promise<string> {
  const kept = await readAnswerLater(question, DEFAULT_TTL_MS, signal)
  if (kept) return kept
  const key = canonical(question)
  const call = underWay.get(key) ?? produce().finally(() => underWay.delete(key))
  underWay.set(key, call)
  const answer = await unlessAborted(call, signal)
  writeLocal(question, answer)
  if (store) await cacheOf(store).set(question.request, answer).catch((error: unknown) => warnOnce('writing the cache', messageOf(error), error))
  return answer.content
}
