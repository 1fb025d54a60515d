import type { PrimeMemory, Scope } from '@mixxclub/prime-memory'
import { isRefusal, messageOf } from '../errors.js'
import { atMost } from './at-most.js'
import { defaultPath, makeFolderOf } from './default-path.js'
import { requireFromHere } from './locate.js'
import { session, warnOnce } from './session.js'
import { windowStorage, type StorageLike } from './web-storage.js'

/** After a failure the memory is opened again, and a write that a look brings with it is tried again, no sooner than this. */
const RETRY_AFTER_MS = 30_000

/** Whether it is too soon to try again what failed then. Less than nothing: the clock was turned back. */
function isTooSoon(failedAt: number): boolean {
  const since = Date.now() - failedAt
  return since >= 0 && since < RETRY_AFTER_MS
}

/**
 * The memory, opened on first use. Null where there is no addon (a browser tab) or the file cannot be opened; why is
 * said once, and `localStorage` serves until then, exact matches only.
 */
export function memory(): PrimeMemory | null {
  const { memory } = session
  if (memory && 'failedAt' in memory) {
    if (isTooSoon(memory.failedAt)) return null
  } else if (memory) return memory
  try {
    session.memory = open()
    return session.memory
  } catch (error) {
    session.memory = { failedAt: Date.now() }
    sayWhatServes(error)
    return null
  }
}

/** The Studio's own storage, as configured or the window's. One that forbids reading is none, with one warning. */
export function localStorage(): StorageLike | null {
  const { localStorage } = session.settings
  const storage = localStorage === undefined ? windowStorage() : localStorage
  return orElse('reading localStorage', null, () => (storage?.getItem(''), storage))
}

/** Another memory is opened by the next call of a drop-in; this one is closed once no call holds it. */
export function replaceMemory(): void {
  const memory = setAside()
  if (memory && !session.held.has(memory)) shut(memory)
}

/** Closes the memory, and those that calls still hold; the next call of a drop-in opens it again. */
export function closeMemory(): void {
  const memory = setAside()
  const all = new Set([...(memory ? [memory] : []), ...session.held.keys()])
  session.held.clear()
  all.forEach(shut)
}

/** Keeps a memory open, past `configure` too, until what it gives back is called. */
export function hold(memory: PrimeMemory | null): () => void {
  if (!memory) return () => undefined
  const { held } = session
  held.set(memory, (held.get(memory) ?? 0) + 1)
  return () => {
    const holders = (held.get(memory) ?? 1) - 1
    if (holders > 0) return void held.set(memory, holders)
    held.delete(memory)
    if (memory !== session.memory) shut(memory)
  }
}

/** What the work gives, which finds the memory open until it is done. */
export async function held<T>(memory: PrimeMemory | null, work: () => Promise<T>): Promise<T> {
  const release = hold(memory)
  try {
    return await work()
  } finally {
    release()
  }
}

/** Whether neither `configure` nor `close` has closed it. */
export const isOpen = (memory: PrimeMemory): boolean => memory === session.memory || session.held.has(memory)

/** Whose memories it keeps: those of the scope it was opened with. */
export const scopeOf = (memory: PrimeMemory): Scope | undefined => session.scopes.get(memory)

function setAside(): PrimeMemory | null {
  const { memory } = session
  session.memory = null
  session.settled = false
  session.imported = { some: false, until: 0 }
  return memory && 'closeSync' in memory ? memory : null
}

function shut(memory: PrimeMemory): void {
  try {
    memory.closeSync()
  } catch (error) {
    warnOnce('close', `the memory did not close cleanly: ${messageOf(error)}`, error)
  }
}

/** What a store's call gives, or `otherwise` with one warning: the contract lets nothing throw. */
export function orElse<T>(what: string, otherwise: T, call: () => T): T {
  try {
    return call()
  } catch (error) {
    failed(what, error)
    return otherwise
  }
}

/** Warns of a store's call that failed: once for each cause, whichever calls it makes fail. */
export function failed(what: string, error: unknown): void {
  const { code } = (error ?? {}) as { code?: unknown }
  const cause = typeof code === 'string' ? code : messageOf(error)
  warnOnce(cause, `${what} failed, which counts as "nothing there": ${messageOf(error)}`, error)
}

/** How long an asynchronous look waits for a write that it brings with it, milliseconds. */
const MOST_WAITING_MS = 500

/** Whether a write failed for no fault of what was written: the store is locked, the disk is full. */
export function isOfTheStore(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' && code.startsWith('PM_') && !isRefusal(error)
}

/** A write that a look brings with it: with one warning when it fails, and not again with every look while the store takes none. */
export function inPassing(what: string, store: PrimeMemory, write: () => void): void {
  const { unwritable } = session
  if (isTooSoon(unwritable.get(store) ?? -Infinity)) return
  try {
    write()
  } catch (error) {
    if (isOfTheStore(error)) unwritable.set(store, Date.now())
    failed(what, error)
  }
}

/** As `inPassing`, without blocking: a store that another process holds is written when that lets go, and waited for half a second. */
export async function inPassingLater(what: string, store: PrimeMemory, write: () => void): Promise<void> {
  const { unwritable } = session
  if (isTooSoon(unwritable.get(store) ?? -Infinity)) return
  let isOver = false
  const inTurn = async () => {
    await turnToWrite(store)
    unwritable.delete(store)
    inPassing(what, store, write)
  }
  const writing = held(store, inTurn).catch((error: unknown) => {
    unwritable.set(store, Date.now())
    // One that was closed meanwhile has nothing more to say.
    if (isOpen(store)) failed(what, error)
  })
  await atMost(MOST_WAITING_MS, writing.finally(() => (isOver = true)))
  if (!isOver) unwritable.set(store, Date.now())
}

/** Until the store can be written: removes what is older than 1970, which nothing is, but waits for its turn without blocking. */
export const turnToWrite = (store: PrimeMemory): Promise<unknown> => store.cache.invalidate({ olderThan: 0 })

function open(): PrimeMemory {
  const { PrimeMemory } = addon()
  const { scope, open, path = defaultPath() } = session.settings
  makeFolderOf(path)
  const memory = PrimeMemory.openSync({ ...open, path, ...(scope && { scope }) })
  if (scope) session.scopes.set(memory, scope)
  return memory
}

const BESIDE_THESE_FILES = '../../../../index.js'

function addon(): typeof import('@mixxclub/prime-memory') {
  if (!requireFromHere) throw new Error('there is no Node here to load the addon; from an ES module it takes Node 20.16 or newer')
  try {
    return requireFromHere(BESIDE_THESE_FILES) as typeof import('@mixxclub/prime-memory')
  } catch (error) {
    // A bundler may have moved these files away; then the package is found by its name.
    if (!messageOf(error).includes(BESIDE_THESE_FILES)) throw error
    return requireFromHere('@mixxclub/prime-memory') as typeof import('@mixxclub/prime-memory')
  }
}

function sayWhatServes(error: unknown): void {
  const instead = localStorage()
    ? 'localStorage serves instead, exact matches only, nothing is found by meaning'
    : 'and there is no localStorage: nothing is remembered'
  warnOnce('open', `the memory cannot be opened (${messageOf(error)}); ${instead}`, error)
}
