// Saved projects and the prototype's vectors: what becomes a memory of its own.
import type { PrimeMemory } from '@mixxclub/prime-memory'
import { stored, VECTOR_PREFIX } from '../clara/local-vectors.js'
import { isNumber } from '../recall/sources.js'
import type { Import } from './import.js'
import { mark } from './journal.js'
import { skip } from './report.js'

/** Before the name of a saved project. */
export const PROJECT_PREFIX = 'mixxclub:project:'

/** The metadata field that holds the key a memory came from. */
export const IMPORTED_FROM = 'importedFrom'

/** Metadata fields that hold what a vector knew of itself before: when it was made, and last found. */
export const IMPORTED_CREATED_AT = 'importedCreatedAt'
export const IMPORTED_ACCESSED_AT = 'importedAccessedAt'

export async function importProject({ store, into, key, value, report }: Import): Promise<void> {
  report.found += 1
  const state: unknown = JSON.parse(value)
  const name = key.slice(PROJECT_PREFIX.length)
  const data = { name, projectData: state }
  const known = await importedAs(store, 'project_snapshot', key)
  if (known && JSON.stringify((await store.get(known))?.data) === JSON.stringify(data)) {
    report.alreadyThere += 1
    return
  }
  if (known && into === store) await store.update(known, { data })
  else await into.remember({ kind: 'project_snapshot', data, metadata: { [IMPORTED_FROM]: key } })
  report.imported += 1
}

/** What a memory of this kind was made of. */
export const vectorMark = (kind: string, key: string): string => mark('vector', kind, key)

/** The prototype's vectors mean nothing; its texts are encoded anew. */
export async function importVector({ store, keeping, key, value, report }: Import): Promise<void> {
  report.found += 1
  const vector = stored(JSON.parse(value))
  const text = vector?.metadata.originalText?.trim()
  if (!vector || !text) return skip(report, `${key}: no text to encode anew`)
  const { type, originalText: _, compressionRatio: _ratio, model: _model, ...rest } = vector.metadata
  if (keeping.hasKept(vectorMark(type, key)) || (await importedAs(store, type, key))) {
    report.alreadyThere += 1
    return
  }
  const { createdAt, lastAccessedAt } = vector
  const metadata = {
    ...rest,
    [IMPORTED_FROM]: key,
    ...(isNumber(createdAt) && { [IMPORTED_CREATED_AT]: createdAt }),
    ...(isNumber(lastAccessedAt) && { [IMPORTED_ACCESSED_AT]: lastAccessedAt }),
  }
  await keeping.remember({ kind: type, text, metadata }, key)
  report.imported += 1
}

/** The memory that a key became; null when it was not imported. */
export async function importedAs(store: PrimeMemory, kind: string | undefined, key: string): Promise<string | null> {
  const options = { ...(kind !== undefined && { kind }), where: { [IMPORTED_FROM]: key }, mode: 'semantic', limit: 1 } as const
  return (await store.search(key, options))[0]?.id ?? null
}

/** Where the prototype's vector of this id was kept. */
export const vectorKey = (id: string): string => VECTOR_PREFIX + id

/** The id that a memory had as the prototype's vector; null when it was none. */
export function vectorIdOf(metadata: { [key: string]: unknown }): string | null {
  const from = metadata[IMPORTED_FROM]
  return typeof from === 'string' && from.startsWith(VECTOR_PREFIX) ? from.slice(VECTOR_PREFIX.length) : null
}
