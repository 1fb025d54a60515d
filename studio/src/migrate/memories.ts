// Saved projects and the prototype's vectors: what becomes a memory of its own.
import type { PrimeMemory } from '@mixxclub/prime-memory'
import { stored, VECTOR_PREFIX } from '../clara/local-vectors.js'
import type { Import } from './import.js'
import { skip } from './report.js'

/** Before the name of a saved project. */
export const PROJECT_PREFIX = 'mixxclub:project:'

/** The metadata field that holds the key a memory came from. */
export const IMPORTED_FROM = 'importedFrom'

export async function importProject({ store, key, value, dryRun, report }: Import): Promise<void> {
  report.found += 1
  const state: unknown = JSON.parse(value)
  const name = key.slice(PROJECT_PREFIX.length)
  const data = { name, projectData: state }
  const known = await importedAs(store, 'project_snapshot', key)
  if (known && JSON.stringify((await store.get(known))?.data) === JSON.stringify(data)) {
    report.alreadyThere += 1
    return
  }
  if (!dryRun && known) await store.update(known, { data })
  else if (!dryRun) await store.remember({ kind: 'project_snapshot', data, metadata: { [IMPORTED_FROM]: key } })
  report.imported += 1
}

/** The prototype's vectors mean nothing; its texts are encoded anew. */
export async function importVector({ store, keeping, key, value, dryRun, report }: Import): Promise<void> {
  report.found += 1
  const vector = stored(JSON.parse(value))
  const text = vector?.metadata.originalText?.trim()
  if (!vector || !text) return skip(report, `${key}: no text to encode anew`)
  const { type, originalText: _, compressionRatio: _ratio, model: _model, ...rest } = vector.metadata
  if (await importedAs(store, type, key)) {
    report.alreadyThere += 1
    return
  }
  if (!dryRun) await keeping.remember({ kind: type, text, metadata: { ...rest, [IMPORTED_FROM]: key } }, key)
  report.imported += 1
}

/** The memory that a key became; null when it was not imported. */
export async function importedAs(store: PrimeMemory, kind: string | undefined, key: string): Promise<string | null> {
  const options = { ...(kind !== undefined && { kind }), where: { [IMPORTED_FROM]: key }, mode: 'semantic', limit: 1 } as const
  return (await store.search(key, options))[0]?.id ?? null
}

/** Where the prototype's vector of this id was kept. */
export const vectorKey = (id: string): string => VECTOR_PREFIX + id
