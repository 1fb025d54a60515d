// The cache in `localStorage`: what serves in a browser tab, and beside the memory while the Studio moves to it. Equal
// requests only: an entry holds its whole request. What the Studio's own module left is read too, under its own number.
import type { CacheRequest } from '@mixxclub/prime-memory'
import { isRecord, keysWith, readJson, type StorageLike } from '../store/web-storage.js'
import { warnOnce } from '../store/session.js'
import { CACHE_PREFIX, legacyEntry, STATS_KEY, type LegacyEntry } from './legacy.js'
import type { Question } from './request.js'

/** More entries than this, and the oldest quarter goes. */
const MOST_ENTRIES = 1_000

/** Counters as the Studio reads them. */
export interface CacheStats {
  hits: number
  misses: number
  totalCached: number
  /** US dollars. */
  totalSaved: number
}

interface LocalEntry extends LegacyEntry {
  /** The whole request; missing in entries of the Studio's own module that have not found theirs. */
  request?: string
}

/** The Studio's cache over a web storage. Throws what the storage throws. */
export class LocalCache {
  readonly #storage: StorageLike

  constructor(storage: StorageLike) {
    this.#storage = storage
  }

  /** The answer, if it is not older than `ttlMs`; counted. */
  get(question: Question, ttlMs: number): LegacyEntry | null {
    const entry = this.take(question, ttlMs)
    this.#count(entry ? { hits: 1, misses: 0, totalSaved: entry.cost ?? 0 } : { hits: 0, misses: 1, totalSaved: 0 })
    return entry
  }

  /** As `get`, counted nowhere. */
  take(question: Question, ttlMs: number): LegacyEntry | null {
    const entry = this.#find(question, ttlMs)
    return entry && (entry.request !== undefined || this.#claim(question, entry)) ? entry : null
  }

  /** As `take`, for comparison: an entry of the Studio's own module stays anybody's. */
  peek(question: Question, ttlMs: number): LegacyEntry | null {
    return this.#find(question, ttlMs)
  }

  set(question: Question, entry: LegacyEntry): void {
    const text = JSON.stringify({ ...entry, request: canonical(question) })
    try {
      this.#storage.setItem(ownKey(question), text)
    } catch {
      // Full: once more with room. What is thrown now is the caller's.
      this.#prune()
      this.#storage.setItem(ownKey(question), text)
    }
    if (this.count() > MOST_ENTRIES) this.#prune()
  }

  stats(): CacheStats {
    const stats = readJson(this.#storage, STATS_KEY)
    const number = (name: string) => (isRecord(stats) && typeof stats[name] === 'number' ? stats[name] : 0)
    return { hits: number('hits'), misses: number('misses'), totalCached: this.count(), totalSaved: number('totalSaved') }
  }

  count(): number {
    return this.keys().length
  }

  clear(): void {
    for (const key of keysWith(this.#storage, CACHE_PREFIX)) this.#storage.removeItem(key)
  }

  /** Keys of entries; the counters lie under the same prefix and are none. */
  keys(): string[] {
    return keysWith(this.#storage, CACHE_PREFIX).filter((key) => key !== STATS_KEY)
  }

  #entry(key: string): LocalEntry | null {
    return legacyEntry(readJson(this.#storage, key))
  }

  #find(question: Question, ttlMs: number): LocalEntry | null {
    const wanted = canonical(question)
    const own = this.#entry(ownKey(question))
    const found = own?.request === wanted ? own : this.#legacy(question, wanted)
    return found && ttlMs > 0 && Date.now() - found.timestamp <= ttlMs ? found : null
  }

  /** An entry of the Studio's own module that is this request's, or nobody's yet. */
  #legacy(question: Question, wanted: string): LocalEntry | null {
    const hash = question.legacyHash()
    const entry = hash === null ? null : this.#entry(CACHE_PREFIX + hash)
    return entry && (entry.request ?? wanted) === wanted ? entry : null
  }

  /** From now on the entry is this request's alone; the Studio's own module reads it as before. */
  #claim(question: Question, entry: LocalEntry): boolean {
    try {
      this.#storage.setItem(`${CACHE_PREFIX}${question.legacyHash()}`, JSON.stringify({ ...entry, request: canonical(question) }))
      return true
    } catch (error) {
      warnOnce('claiming', 'localStorage is full: answers that the Studio kept before are not served, for they might be served twice', error)
      return false
    }
  }

  #count(more: Omit<CacheStats, 'totalCached'>): void {
    const { hits, misses, totalSaved, totalCached } = this.stats()
    const next = { hits: hits + more.hits, misses: misses + more.misses, totalCached, totalSaved: totalSaved + more.totalSaved }
    try {
      this.#storage.setItem(STATS_KEY, JSON.stringify(next))
    } catch (error) {
      warnOnce('local stats', 'localStorage is full: cache statistics stand still', error)
    }
  }

  #prune(): void {
    const entries = this.keys().map((key) => ({ key, timestamp: this.#entry(key)?.timestamp ?? 0 }))
    entries.sort((a, b) => a.timestamp - b.timestamp)
    for (const { key } of entries.slice(0, Math.max(1, Math.floor(entries.length / 4)))) this.#storage.removeItem(key)
  }
}

/** 64 bits of the whole request; two requests that still meet are told apart by the request in the entry. */
function ownKey(question: Question): string {
  const text = canonical(question)
  return `${CACHE_PREFIX}own:${hashOf(text, 0x811c9dc5)}${hashOf(text, 0x01000193)}`
}

function hashOf(text: string, seed: number): string {
  let hash = seed
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}

const folded = (prompt: string): string => prompt.normalize('NFC').trim().replace(/\s+/g, ' ')

/** Everything that tells two requests apart: equal text, equal request. */
export function canonical({ request: { prompt, ...rest } }: Question): string {
  return JSON.stringify([folded(prompt), sorted(rest)])
}

/** The request of an entry that was kept here, not by the Studio's own module; null when it has none. */
export function requestIn(value: unknown): CacheRequest | null {
  if (!isRecord(value) || typeof value.request !== 'string') return null
  const [prompt, rest] = JSON.parse(value.request) as [string, Omit<CacheRequest, 'prompt'>]
  return { prompt, ...rest }
}

/** The same value with the keys of every object in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]))
}
