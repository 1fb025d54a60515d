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

/** What differs only by case once a prompt is lower-cased, as the number does. */
const TOLD_BY_CASE = [
  // Chords and intervals: Cm7 and CM7, M3 and m3. "I am" is neither.
  /(?<![\p{L}\p{N}])[a-g][#♯b♭]?m(?=add|sus|maj|dim|[^\p{L}]|$)/u,
  /(?<![\p{L}\p{N}])m(?=[2-9]|1[13])/u,
  // Degrees: IV is major, iv is minor. "I" is a word.
  /(?<![\p{L}\p{N}])(?:ii|iii|iv|v|vi|vii)(?!\p{L})/u,
  // Mid/side and milliseconds.
  /(?<!\d ?)(?<!\p{L})ms(?![\p{L}\p{N}])/u,
]

/** Whether two prompts that the number takes for one may ask for different things. */
export function mayBeAnother(prompt: string): boolean {
  const lowered = prompt.toLowerCase().replace(/\b(?:i am|am i)\b/g, 'i')
  return TOLD_BY_CASE.some((pattern) => pattern.test(lowered))
}

/** An entry, or null for anything else. */
export function legacyEntry(value: unknown): LegacyEntry | null {
  const looksRight = isRecord(value) && typeof value.content === 'string' && typeof value.timestamp === 'number'
  return looksRight ? ({ model: 'gemini-2.5-flash', ...value } as unknown as LegacyEntry) : null
}

/** What the Studio's cache thinks an answer cost, in US dollars. */
export const legacyCost = (content: string): number => (content.length / 4 / 1000) * 0.0001
