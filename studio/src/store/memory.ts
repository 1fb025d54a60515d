import type { PrimeMemory } from '@mixxclub/prime-memory'
import { messageOf } from '../errors.js'
import { defaultPath, makeFolderOf } from './default-path.js'
import { requireFromHere } from './locate.js'
import { session, warnOnce } from './session.js'
import { windowStorage, type StorageLike } from './web-storage.js'

/** After a failure the memory is opened again no sooner than this. */
const RETRY_AFTER_MS = 30_000

/**
 * The memory, opened on first use. Null where there is no addon (a browser tab) or the file cannot be opened; why is
 * said once, and `localStorage` serves until then, exact matches only.
 */
export function memory(): PrimeMemory | null {
  const { memory } = session
  if (memory && 'failedAt' in memory) {
    if (Date.now() - memory.failedAt < RETRY_AFTER_MS) return null
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

/** The Studio's own storage, as configured or the window's. */
export function localStorage(): StorageLike | null {
  const { localStorage } = session.settings
  return localStorage === undefined ? windowStorage() : localStorage
}

/** Closes the memory; the next call of a drop-in opens it again. */
export function resetMemory(): void {
  const { memory } = session
  session.memory = null
  session.settled = false
  session.imported = { some: false, until: 0 }
  try {
    if (memory && 'closeSync' in memory) memory.closeSync()
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

function open(): PrimeMemory {
  const { PrimeMemory } = addon()
  const { scope, open, path = defaultPath() } = session.settings
  makeFolderOf(path)
  return PrimeMemory.openSync({ ...open, path, ...(scope && { scope }) })
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
