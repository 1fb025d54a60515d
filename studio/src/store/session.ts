import type { PrimeMemory, Scope } from '@mixxclub/prime-memory'
import type { StudioSettings } from '../settings.js'

/** What all drop-ins of one thread share, whichever form of a module (CommonJS, ES) was loaded. */
export interface Session {
  settings: StudioSettings
  /** The open memory; a failure to open it is kept for a while, so that it is not tried with every call. */
  memory: PrimeMemory | { failedAt: number } | null
  /** Memories that calls under way began with, and how many hold each: one that `configure` has replaced is closed by the last. */
  held: Map<PrimeMemory, number>
  /** The scope that a memory was opened with. */
  scopes: WeakMap<PrimeMemory, Scope>
  /** Whether the memory has been told the cache settings. */
  settled: boolean
  /** When a write to a memory last failed for no fault of what was written: another process holds its store, the disk is full. */
  unwritable: WeakMap<PrimeMemory, number>
  /** Causes that were warned of. */
  warned: Set<string>
  /** Whether imported answers wait in the memory, and until when that is believed (milliseconds since 1970). */
  imported: { some: boolean; until: number }
  /** What shadow and hybrid counted, see `migrationReport`. */
  compared: Comparison
  /** One object per `get…()` function. */
  singletons: Map<string, unknown>
}

/** How often `localStorage` and the memory said the same. */
export interface Comparison {
  /** Requests that both were asked. */
  asked: number
  /** Both had an answer, the same one. */
  agreed: number
  /** Both had an answer, different ones. */
  disagreed: number
  onlyMemory: number
  onlyLocalStorage: number
}

export const emptyComparison = (): Comparison => ({ asked: 0, agreed: 0, disagreed: 0, onlyMemory: 0, onlyLocalStorage: 0 })

const KEY = Symbol.for('@mixxclub/prime-memory/studio')
const shared = globalThis as { [KEY]?: Session }

export const session: Session = (shared[KEY] ??= {
  settings: {},
  memory: null,
  held: new Map(),
  scopes: new WeakMap(),
  settled: false,
  unwritable: new WeakMap(),
  warned: new Set(),
  imported: { some: false, until: 0 },
  compared: emptyComparison(),
  singletons: new Map(),
})

/** The one object of this name in this thread. */
export function singleton<T>(name: string, make: () => T): T {
  if (!session.singletons.has(name)) session.singletons.set(name, make())
  return session.singletons.get(name) as T
}

/** Says what went wrong, once for each cause until `configure` is called. */
export function warnOnce(cause: string, message: string, error?: unknown): void {
  if (session.warned.has(cause)) return
  session.warned.add(cause)
  const warn = session.settings.warn ?? console.warn
  try {
    if (error === undefined) warn(`prime-memory: ${message}`)
    else warn(`prime-memory: ${message}`, error)
  } catch {
    // A logger that throws must not turn a miss into an exception.
  }
}
