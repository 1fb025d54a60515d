import type { OpenOptions, Scope } from '@mixxclub/prime-memory'
import { badOption, StudioError } from './errors.js'
import type { Provider, ProviderFunction } from './llm/provider.js'
import { resetMemory } from './store/memory.js'
import { session } from './store/session.js'
import type { StorageLike } from './store/web-storage.js'

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
  /** US dollars per million tokens, by model. @default the price table of the memory */
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
  /** Time limit of a request with all its repetitions, milliseconds. @default 60_000 */
  timeoutMs?: number
  /** Options of `PrimeMemory.open`: model, threads, durability, runtime … */
  open?: Omit<OpenOptions, 'path' | 'scope'>
  /** Told what went wrong where the contract lets nothing be thrown, once for each cause. @default console.warn */
  warn?: (message: string, error?: unknown) => void
}

const KNOWN: { [name in keyof Required<StudioSettings>]: (value: unknown) => boolean } = {
  path: (value) => typeof value === 'string' && value !== '',
  scope: (value) => typeof value === 'object' && value !== null,
  mode: (value) => ['exact', 'shadow', 'guarded'].includes(value as string),
  maxErrorRate: (value) => typeof value === 'number' && value >= 0 && value <= 0.2,
  prices: (value) => typeof value === 'object' && value !== null,
  phase: (value) => ['shadow', 'hybrid', 'full'].includes(value as string),
  localStorage: (value) => value === null || typeof (value as StorageLike).getItem === 'function',
  provider: (value) => typeof value === 'function' || typeof (value as Provider | null)?.generate === 'function',
  spacingMs: (value) => typeof value === 'number' && value >= 0,
  retries: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 10,
  backoffMs: (value) => typeof value === 'number' && value >= 0,
  timeoutMs: (value) => typeof value === 'number' && value > 0,
  open: (value) => typeof value === 'object' && value !== null,
  warn: (value) => typeof value === 'function',
}

/** What reopening the memory is needed for. */
const STORE_SETTINGS = ['path', 'scope', 'open'] as const

/**
 * Changes settings of all drop-ins in this thread; what is left out stays, `undefined` goes back to the default.
 *
 * @throws `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION` for a value out of range; nothing is changed then.
 */
export function configure(settings: StudioSettings): void {
  for (const [name, value] of Object.entries(settings)) {
    const check = KNOWN[name as keyof StudioSettings]
    if (!check) throw new StudioError('PM_UNKNOWN_OPTION', `${name}: there is no such setting; settings are ${Object.keys(KNOWN).join(', ')}`)
    if (value !== undefined && !check(value)) throw badOption(`${name}: ${String(value)} is not allowed; see StudioSettings`)
  }
  const before = session.settings
  session.settings = { ...before, ...settings }
  session.warned.clear()
  if (STORE_SETTINGS.some((name) => JSON.stringify(session.settings[name]) !== JSON.stringify(before[name]))) resetMemory()
  session.settled = false
}
