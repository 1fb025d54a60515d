import { badOption } from '../errors.js'
import { isRecord, type StorageLike } from '../store/web-storage.js'

/** A `Storage`, its content as an object, or that object as JSON text. */
export type LocalStorageSource = StorageLike | { [key: string]: unknown } | string

/** Key by key; nothing is written to the source. Values that are no text become their JSON. */
export function entriesOf(source: LocalStorageSource): [key: string, value: string][] {
  if (isStorage(source)) return fromStorage(source)
  const dump = typeof source === 'string' ? parsed(source) : source
  if (!isRecord(dump)) throw badOption('source: found no Storage and no object; give localStorage, or a dump { key: value }')
  return Object.entries(dump).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)])
}

function isStorage(source: LocalStorageSource): source is StorageLike {
  return typeof source === 'object' && source !== null && typeof (source as StorageLike).getItem === 'function'
}

function fromStorage(storage: StorageLike): [string, string][] {
  const keys = Array.from({ length: storage.length }, (_, i) => storage.key(i))
  return keys.flatMap((key): [string, string][] => {
    const value = key === null ? null : storage.getItem(key)
    return key === null || value === null ? [] : [[key, value]]
  })
}

function parsed(text: string): unknown {
  try {
    // Read from a file, a text may begin with the mark of its encoding.
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    throw badOption(`source: this text is no JSON (${String(error)}); give JSON.stringify({ ...localStorage })`)
  }
}
