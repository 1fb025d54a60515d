// Drop-in for the Studio's `PrimeBrainCache`: the same names, synchronous, over the memory's guarded cache.
import { cacheStats, clearAnswers, readAnswer, writeAnswer } from './cache/answers.js'
import type { CacheStats } from './cache/local-cache.js'
import { DEFAULT_TTL_MS, question } from './cache/request.js'
import { orElse } from './store/memory.js'
import { here } from './store/place.js'

export { configure } from './settings.js'
export type { CacheStats } from './cache/local-cache.js'

/**
 * The answer kept for this request, or for one that means the same and agrees in every fact; null when there is none.
 *
 * Never throws: a broken store reads as a miss, with one warning.
 *
 * @param ttlMs oldest answer accepted, milliseconds; 0 or less accepts nothing, `Infinity` any
 */
export function getCachedResponse(
  prompt: string,
  context?: Record<string, any>,
  options?: Record<string, any>,
  ttlMs: number = DEFAULT_TTL_MS,
): string | null {
  return orElse('reading the cache', null, () => readAnswer(here(), question(prompt, context, options), ttlMs))
}

/**
 * Keeps an answer. Never throws: what cannot be kept is warned of once. An empty answer is not kept.
 *
 * @param metadata tokens of the answer and its cost in US dollars; what is left out, or is negative or no number, is estimated
 */
export function setCachedResponse(
  prompt: string,
  content: string,
  context?: Record<string, any>,
  options?: Record<string, any>,
  metadata?: { tokens?: number; cost?: number },
): void {
  orElse('writing the cache', undefined, () => {
    const { tokens, cost } = metadata ?? {}
    writeAnswer(here(), question(prompt, context, options), {
      content,
      ...(tokens !== undefined && { usage: { outputTokens: tokens } }),
      ...(cost !== undefined && { cost }),
    })
  })
}

/** Hits, misses, entries that are there, and US dollars saved; they survive a restart. */
export function getCacheStats(): CacheStats {
  return cacheStats()
}

/** Forgets every entry and every counter, in `localStorage` too. */
export function clearCache(): void {
  clearAnswers()
}

/** US dollars that hits saved: the sum of what their answers cost, the same number as `totalSaved`. */
export function estimateCostSavings(): number {
  return cacheStats().totalSaved
}
