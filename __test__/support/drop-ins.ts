import { join } from 'node:path'
import { close, configure, type StorageLike, type StudioSettings } from '@mixxclub/prime-memory/studio'
import { temporaryFolder } from './studio'

/** What the drop-ins warned of since `freshStudio`. */
export const warnings: string[] = []

const DEFAULTS: { [name in keyof Required<StudioSettings>]: undefined } = {
  path: undefined, scope: undefined, mode: undefined, maxErrorRate: undefined, prices: undefined, phase: undefined,
  localStorage: undefined, provider: undefined, spacingMs: undefined, retries: undefined, backoffMs: undefined,
  timeoutMs: undefined, open: undefined, warn: undefined,
}

/** The drop-ins over a new store, other settings at their defaults; gives the store's path. */
export function freshStudio(settings: StudioSettings = {}): string {
  close()
  warnings.length = 0
  const path = join(temporaryFolder(), 'studio.db')
  configure({ ...DEFAULTS, path, spacingMs: 0, backoffMs: 1, warn: (message) => void warnings.push(message), ...settings } as StudioSettings)
  return path
}

/** A `Storage` in memory, with the quota and the faults of a real one. */
export class WebStorage implements StorageLike {
  readonly items = new Map<string, string>()
  /** Characters of keys and values it holds at most. */
  quota = Infinity
  /** Set, every call throws it. */
  fault: Error | null = null

  constructor(items: { [key: string]: unknown } = {}) {
    for (const [key, value] of Object.entries(items)) this.items.set(key, typeof value === 'string' ? value : JSON.stringify(value))
  }

  get length(): number {
    this.#check()
    return this.items.size
  }

  key(index: number): string | null {
    this.#check()
    return [...this.items.keys()][index] ?? null
  }

  getItem(key: string): string | null {
    this.#check()
    return this.items.get(key) ?? null
  }

  setItem(key: string, value: string): void {
    this.#check()
    const used = [...this.items].reduce((sum, [other, text]) => sum + (other === key ? 0 : other.length + text.length), 0)
    if (used + key.length + value.length > this.quota) throw new Error('QuotaExceededError')
    this.items.set(key, value)
  }

  removeItem(key: string): void {
    this.#check()
    this.items.delete(key)
  }

  #check(): void {
    if (this.fault) throw this.fault
  }
}

/** The store cannot be opened: a folder stands where its file should be. */
export const BROKEN = { path: __dirname }

/** The whole text of a stream. */
export async function all(stream: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const piece of stream) text += piece
  return text
}
