// What the Studio's own cache left in `localStorage`. Its entries hold no prompt, so they can be found only by the same
// number that it made of a request.
import { isRecord } from '../store/web-storage.js'

/** Before every key of the Studio's cache. */
export const CACHE_PREFIX = 'primebrain:cache:'
/** Its counters lie inside the prefix of its entries. */
export const STATS_KEY = 'primebrain:cache:stats'

/** An entry as the Studio's cache wrote it. */
export interface LegacyEntry {
  content: string
  /** Milliseconds since 1970. */
  timestamp: number
  model: string
  tokens?: number
  /** US dollars. */
  cost?: number
}

/** The number in an entry's key: 31 bits, so two requests may share one. */
export function legacyHash(prompt: string, context: unknown, options: Record<string, unknown> | undefined): string {
  const text = JSON.stringify({
    prompt: prompt.trim().toLowerCase(),
    context: context ? JSON.stringify(context) : '',
    model: options?.model || 'gemini-2.5-flash',
    temperature: options?.temperature || 0.7,
  })
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return String(Math.abs(hash))
}

/** An entry, or null for anything else. */
export function legacyEntry(value: unknown): LegacyEntry | null {
  const looksRight = isRecord(value) && typeof value.content === 'string' && typeof value.timestamp === 'number'
  return looksRight ? ({ model: 'gemini-2.5-flash', ...value } as unknown as LegacyEntry) : null
}

/** What the Studio's cache thinks an answer cost, in US dollars. */
export const legacyCost = (content: string): number => (content.length / 4 / 1000) * 0.0001
