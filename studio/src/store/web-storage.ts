/** The part of the web's `Storage` that is used here: `window.localStorage`, or anything that behaves like it. */
export interface StorageLike {
  readonly length: number
  key(index: number): string | null
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/** The window's own storage. Null outside a window, or where the user forbids it. */
export function windowStorage(): StorageLike | null {
  try {
    return (globalThis as { window?: { localStorage?: StorageLike } }).window?.localStorage ?? null
  } catch {
    return null
  }
}

/** Every key that begins with `prefix`, in the storage's order. */
export function keysWith(storage: StorageLike, prefix: string): string[] {
  const keys: string[] = []
  for (let i = 0; i < storage.length; i++) {
    const key = storage.key(i)
    if (key?.startsWith(prefix)) keys.push(key)
  }
  return keys
}

/** The value of a key as JSON; undefined when it is missing or is no JSON. */
export function readJson(storage: StorageLike, key: string): unknown {
  const text = storage.getItem(key)
  if (text === null) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether this is an object that is no array. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
