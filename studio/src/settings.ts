import type { OpenOptions, Scope } from '@mixxclub/prime-memory'
import { badOption } from './errors.js'
import { checkOptions, aName, aText, aTimeLimit, type Known } from './llm/options.js'
import type { Provider, ProviderFunction } from './llm/provider.js'
import { replaceMemory } from './store/memory.js'
import { sameStore } from './store/place.js'
import { session } from './store/session.js'
import { isRecord, type StorageLike } from './store/web-storage.js'

/** How far the move from `localStorage` to the memory has come. Every step can be taken back: nothing is deleted. */
export type Phase = 'shadow' | 'hybrid' | 'full'

/** Everything the drop-ins can be told. All of it is optional: without `configure` they work on the default path. */
export interface StudioSettings {
  /** The memory's file; its folder is created. @default docs/studio.md: `mixxclub/prime-memory/studio.db` in the user's data folder */
  path?: string
  /** Whose answers, habits and vectors. @default { } (no user, no project) */
  scope?: Scope
  /** What the cache may serve. @default 'guarded' */
  mode?: 'exact' | 'shadow' | 'guarded'
  /** The highest share of wrong answers among those served by meaning, 0 to 0.2. @default 0.01 */
  maxErrorRate?: number
  /**
   * US dollars per million tokens, by model. A price once given stays in the store until another is given for its model.
   * @default the price table of the memory
   */
  prices?: { [model: string]: { input: number; output: number } }
  /**
   * `shadow`: `localStorage` answers, the memory learns beside it and is compared. `hybrid`: the memory answers, then
   * `localStorage`; both are written. `full`: the memory alone. @default 'full'
   */
  phase?: Phase
  /** Where the Studio keeps its own keys; null: nowhere. @default `window.localStorage` where there is a window */
  localStorage?: StorageLike | null
  /** Who answers. @default Gemini through `@google/genai`, key from GEMINI_API_KEY, GOOGLE_API_KEY or VITE_GEMINI_API_KEY */
  provider?: Provider | ProviderFunction
  /** Least time between two requests to the provider, milliseconds. @default 100 */
  spacingMs?: number
  /** How often a request is repeated after 429, 5xx or a broken connection, 0 to 10. @default 3 */
  retries?: number
  /** Wait before the first repetition, milliseconds; doubled each time, less a random part. @default 500 */
  backoffMs?: number
  /** How long a caller waits for a request with all its repetitions, milliseconds, `Infinity` for no limit. @default 60_000 */
  timeoutMs?: number
  /** Options of `PrimeMemory.open`: model, threads, durability, runtime … */
  open?: Omit<OpenOptions, 'path' | 'scope'>
  /** Told what went wrong where the contract lets nothing be thrown, once for each cause. @default console.warn */
  warn?: (message: string, error?: unknown) => void
}

const SCOPE: Known<Scope> = { user: aText, project: aText }

const OPEN: Known<NonNullable<StudioSettings['open']>> = {
  model: aName,
  threads: [(value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 64, 'a whole number from 1 to 64'],
  durability: oneOf('normal', 'full'),
  modelMismatch: oneOf('fail', 'open'),
  guard: aName,
  runtime: aName,
}

const aPrice: Known[string] = [(value) => typeof value === 'number' && value >= 0 && value <= 1e6, 'US dollars per million tokens']
const PRICE: Known = { input: aPrice, output: aPrice }

const aWait: Known[string] = [(value) => Number.isFinite(value) && (value as number) >= 0, 'milliseconds, 0 or more']

const KNOWN: Known<StudioSettings> = {
  path: aName,
  scope: [isRecord, 'an object { user?, project? }'],
  mode: oneOf('exact', 'shadow', 'guarded'),
  maxErrorRate: [(value) => typeof value === 'number' && value >= 0 && value <= 0.2, 'a share from 0 to 0.2'],
  prices: [isRecord, 'an object { [model]: { input, output } }'],
  phase: oneOf('shadow', 'hybrid', 'full'),
  localStorage: [(value) => value === null || isStorage(value), 'a Storage: length, key, getItem, setItem, removeItem; or null'],
  provider: [isProvider, 'a function, or an object with generate and, where there is one, stream'],
  spacingMs: aWait,
  retries: [(value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 10, 'a whole number from 0 to 10'],
  backoffMs: aWait,
  timeoutMs: aTimeLimit,
  open: [isRecord, 'an object'],
  warn: [(value) => typeof value === 'function', 'a function'],
}

function oneOf(...values: string[]): Known[string] {
  return [(value) => values.includes(value as string), values.map((value) => `'${value}'`).join(', ')]
}

function isStorage(value: unknown): boolean {
  // Its length is not read: a storage that is forbidden throws.
  if (typeof value !== 'object' || value === null || !('length' in value)) return false
  const storage = value as Partial<StorageLike>
  return [storage.key, storage.getItem, storage.setItem, storage.removeItem].every((call) => typeof call === 'function')
}

function isProvider(value: unknown): boolean {
  const provider = value as Partial<Provider> | null
  return typeof value === 'function' || (typeof provider?.generate === 'function' && ['function', 'undefined'].includes(typeof provider.stream))
}

/**
 * Changes settings of all drop-ins in this thread; what is left out stays, `undefined` goes back to the default (but for `prices`).
 * Calls under way end in the store and the scope, and with the provider, that they began with.
 *
 * @throws `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION` for a value out of range; nothing is changed then
 */
export function configure(settings: StudioSettings): void {
  checkOptions('settings', settings, KNOWN)
  const { scope, open, prices } = settings
  if (scope) checkOptions('scope', scope, SCOPE)
  if (open) checkOptions('open', open, OPEN)
  for (const [model, price] of Object.entries(prices ?? {})) {
    checkOptions(`prices.${model}`, price, PRICE)
    if (price.input === undefined || price.output === undefined) throw badOption(`prices.${model}: give both input and output`)
  }
  const before = session.settings
  session.settings = { ...before, ...settings, ...copies(settings) }
  session.warned.clear()
  session.unwritable = new WeakMap()
  if (!sameStore(session.settings, before)) replaceMemory()
  session.settled = false
}

/** The settings that hold others: whoever changes the caller's own objects later must not change whose answers these are. */
function copies({ scope, open, prices }: StudioSettings): Partial<StudioSettings> {
  const priced = Object.entries(prices ?? {}).map(([model, price]) => [model, { ...price }])
  return { ...(scope && { scope: { ...scope } }), ...(open && { open: { ...open } }), ...(prices && { prices: Object.fromEntries(priced) }) }
}
