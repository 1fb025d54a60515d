// The memory's cache, asked as the settings say.
import type { CacheAnswer, CacheHit, CacheRequest, CacheSettings, PrimeMemory } from '@mixxclub/prime-memory'
import { inPassing, inPassingLater, orElse, scopeOf, turnToWrite } from '../store/memory.js'
import { session } from '../store/session.js'
import type { LegacyEntry } from './legacy.js'
import type { Question } from './request.js'

/** Options of every look-up. An age without limit is longer than any that the memory counts. */
export function getOptions(ttlMs: number) {
  const { mode } = session.settings
  return { ttlMs: ttlMs > 0 ? Math.min(ttlMs, Number.MAX_SAFE_INTEGER) : 0, ...(mode && { mode }) }
}

const DEFAULTS = { mode: 'guarded', maxErrorRate: 0.01 } as const

/** The memory's cache, once it knows the settings that it keeps itself. Those taken back go back to their defaults there too. */
export function cacheOf(store: PrimeMemory): PrimeMemory['cache'] {
  const settings = untold(store)
  if (settings) {
    store.cache.configure(settings)
    session.settled = true
  }
  return store.cache
}

/** Settings that the memory has not been told; null when there are none. */
function untold(store: PrimeMemory): CacheSettings | null {
  // One that was replaced by `configure` was told its own when the call began that holds it.
  if (session.settled || store !== session.memory) return null
  const { settings } = session
  const kept = {
    ...('mode' in settings && { mode: settings.mode ?? DEFAULTS.mode }),
    ...('maxErrorRate' in settings && { maxErrorRate: settings.maxErrorRate ?? DEFAULTS.maxErrorRate }),
    ...(settings.prices && { prices: settings.prices }),
  }
  return Object.keys(kept).length > 0 ? kept : null
}

/** These write, which may fail where looking up does not. */
const ADOPTING = 'taking over what was imported'
const TELLING = 'telling the cache its settings'
const FILLING = 'filling the cache'

/** Looks up, blocking. */
export function getSync(store: PrimeMemory, question: Question, ttlMs: number): CacheHit | null {
  const adopt = orElse(ADOPTING, null, () => adoption(store, question, ttlMs))
  if (adopt) inPassing(ADOPTING, store, adopt)
  if (untold(store)) inPassing(TELLING, store, () => cacheOf(store))
  return store.cache.getSync(question.request, { ...getOptions(ttlMs), ...strictly(store) })
}

/** Looks up without blocking. */
export async function get(store: PrimeMemory, question: Question, ttlMs: number, signal?: AbortSignal): Promise<CacheHit | null> {
  const options = { ...getOptions(ttlMs), ...(signal && { signal }) }
  const adopt = orElse(ADOPTING, null, () => adoption(store, question, ttlMs))
  if (adopt) await inPassingLater(ADOPTING, store, adopt)
  if (untold(store)) await inPassingLater(TELLING, store, () => cacheOf(store))
  return store.cache.get(question.request, { ...options, ...strictly(store) })
}

/** How many wrong answers it may serve is what it goes by; until it can be told, equal requests only. */
const strictly = (store: PrimeMemory) => (untold(store)?.maxErrorRate === undefined ? {} : { mode: 'exact' as const })

/** Keeps an answer without blocking. */
export async function set(store: PrimeMemory, request: CacheRequest, answer: CacheAnswer): Promise<void> {
  if (untold(store)) await turnToWrite(store)
  await cacheOf(store).set(request, answer)
}

/** What the Studio's cache kept, as the memory takes it: with its age and its cost. */
export function answerOf({ content, timestamp, cost, tokens }: LegacyEntry): CacheAnswer {
  return sound({
    content,
    createdAt: Math.min(timestamp, Date.now()),
    ...(cost !== undefined && { cost }),
    ...(tokens !== undefined && { usage: { outputTokens: tokens } }),
  })
}

/** An answer whose numbers the memory takes: whole tokens; what cannot be a count or a cost is left to be estimated. */
export function sound({ usage, cost, ...answer }: CacheAnswer): CacheAnswer {
  return {
    ...answer,
    ...(usage && { usage: { ...counted('inputTokens', usage.inputTokens), ...counted('outputTokens', usage.outputTokens) } }),
    ...(isAmount(cost) && { cost }),
  }
}

const counted = (name: 'inputTokens' | 'outputTokens', tokens: unknown) => (isAmount(tokens) ? { [name]: Math.round(tokens) } : {})

const isAmount = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER

/**
 * Keeps an answer of `localStorage`, and says whether it may be served: not one that was forgotten for this request, nor
 * in place of one that was judged wrong.
 */
export function takeOver(store: PrimeMemory, request: CacheRequest, answer: CacheAnswer): boolean {
  let mayServe = !wasWrong(store, request)
  if (mayServe) inPassing(FILLING, store, () => (mayServe = keepsIt(store, request, answer)))
  return mayServe
}

/** As `takeOver`, without blocking. */
export async function takeOverLater(store: PrimeMemory, request: CacheRequest, answer: CacheAnswer): Promise<boolean> {
  let mayServe = !wasWrong(store, request)
  if (mayServe) await inPassingLater(FILLING, store, () => (mayServe = keepsIt(store, request, answer)))
  return mayServe
}

function wasWrong(store: PrimeMemory, request: CacheRequest): boolean {
  return orElse(FILLING, false, () => {
    const { exact, candidates } = store.cache.explainSync(request)
    return exact && candidates[0]?.by === 'feedback'
  })
}

function keepsIt(store: PrimeMemory, request: CacheRequest, answer: CacheAnswer): boolean {
  const id = cacheOf(store).setSync(request, answer)
  // The id of what is not kept names nothing.
  return store.cache.explainSync(request).candidates.some((one) => one.id === id)
}

/** The model that stands for "this imported entry has found its request". */
const ADOPTED = 'adopted'

/**
 * Imported entries have no prompt. They wait in a partition of their own, under the number the Studio gave them, and
 * become entries of the memory once a request with that number is seen, if no other could have been meant: the first such
 * request gets the answer for itself alone. What to write for that; null when nothing waits for this one.
 */
function adoption(store: PrimeMemory, { request, legacyHash }: Question, ttlMs: number): (() => void) | null {
  const hash = importedSome(store) ? legacyHash() : null
  if (hash === null) return null
  const waiting = importedRequest(store, hash)
  const found = store.cache.getSync(waiting, { mode: 'exact', ttlMs: getOptions(ttlMs).ttlMs })
  if (!found || found.model.startsWith(ADOPTED)) return null
  const createdAt = Date.now() - found.age
  const { content, cost, model } = found
  return () => {
    // Never in the place of an answer that the memory has of its own, be it too old for this look-up.
    if (!store.cache.explainSync(request).exact) store.cache.setSync(request, { content, createdAt, cost, model })
    // Kept as a mark, so that importing the same dump again does not bring it back.
    store.cache.setSync(waiting, { content: ADOPTED, model: ADOPTED + model.slice(plainModel(model).length), cost: 0, createdAt })
  }
}

/** The model of an answer that a migration added; by it all of them are found again. */
export const migratedModel = (model: string, migration: string): string => `${model} (migration ${migration.slice(0, 8)})`

const plainModel = (model: string): string => model.replace(/ \(migration [0-9a-f]{8}\)$/, '')

/** Removes the answers that a migration added, those included that have found their request. Gives how many there were. */
export async function removeMigrated(store: PrimeMemory, models: Iterable<string>, migration: string): Promise<number> {
  session.imported.until = 0
  let removed = 0
  for (const model of models) {
    const name = migratedModel(model, migration)
    removed += await store.cache.invalidate({ model: name, scope: importedScope(store) })
    removed += await store.cache.invalidate({ model: name })
  }
  // Only marks: the answers themselves were counted above.
  await store.cache.invalidate({ model: migratedModel(ADOPTED, migration), scope: importedScope(store) })
  return removed
}

/** Another process may import meanwhile, so it is asked again. */
const LOOK_AGAIN_AFTER_MS = 10_000

function importedSome(store: PrimeMemory): boolean {
  const { some, until } = session.imported
  const left = until - Date.now()
  // More than was given: the clock was turned back.
  if (left <= 0 || left > LOOK_AGAIN_AFTER_MS) {
    // Their prompts differ by a number, so any is near all. Not counted: counting writes, and waits for who holds the store.
    const found = orElse('looking for what was imported', some, () => store.cache.explainSync(importedRequest(store, '0')).candidates.length > 0)
    session.imported = { some: found, until: Date.now() + LOOK_AGAIN_AFTER_MS }
  }
  return session.imported.some
}

/** Imported entries, those that found their request included. */
export const importedCount = (store: PrimeMemory): number => store.cache.stats({ scope: importedScope(store) }).entries

/** The entry of this number that was imported before: when its answer was made, and whether it still waits for its request. */
export function importedEntry(store: PrimeMemory, hash: string): { createdAt: number; waits: boolean } | null {
  const found = store.cache.getSync(importedRequest(store, hash), { mode: 'exact', ttlMs: Number.MAX_SAFE_INTEGER })
  return found && { createdAt: Date.now() - found.age, waits: !found.model.startsWith(ADOPTED) }
}

/** Keeps an entry of the Studio until its request is seen. */
export async function importEntry(store: PrimeMemory, hash: string, entry: LegacyEntry): Promise<void> {
  session.imported.until = 0
  await store.cache.set(importedRequest(store, hash), { ...answerOf(entry), model: entry.model })
}

export function clearMemoryCache(store: PrimeMemory): void {
  store.cache.clearSync()
  store.cache.clearSync({ scope: importedScope(store) })
}

const importedRequest = (store: PrimeMemory, hash: string): CacheRequest => ({ prompt: `primebrain:cache:${hash}`, scope: importedScope(store) })

/** Of the same user, in a project that no host has: no request of the Studio can meet it. */
function importedScope(store: PrimeMemory) {
  const { user, project } = scopeOf(store) ?? {}
  return { ...(user !== undefined && { user }), project: `primebrain:cache${project === undefined ? '' : `/${project}`}` }
}
