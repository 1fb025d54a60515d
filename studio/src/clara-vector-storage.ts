// Drop-in for the Studio's `ClaraVectorStorage`: the same names, over the memory's store and index.
import type { Memory, MemoryTokens, PrimeMemory } from '@mixxclub/prime-memory'
import type { EmbeddingResult } from './clara-embedding.js'
import { isLength, MOST_DIMENSIONS } from './clara/length.js'
import { LocalVectors } from './clara/local-vectors.js'
import { badOption, messageOf } from './errors.js'
import { aFlag, checkOptions, copied, found, type Known } from './llm/options.js'
import { importedAs, IMPORTED_ACCESSED_AT, IMPORTED_CREATED_AT, IMPORTED_FROM, vectorIdOf, vectorKey } from './migrate/memories.js'
import { isNumber } from './recall/sources.js'
import { held, localStorage, memory, orElse } from './store/memory.js'
import { session, singleton, warnOnce } from './store/session.js'
import { isRecord } from './store/web-storage.js'

export { configure } from './settings.js'

export interface VectorStorageConfig {
  /** A team server is no part of this module; `true` is answered with one warning and the memory. @default false */
  useDatabase?: boolean
  /** Whether `localStorage` may serve where there is no addon. @default true */
  useLocalStorage?: boolean
  /** Length of the vectors given out, zeros after the encoder's own numbers, which are never cut. @default 1536 */
  embeddingDimensions?: number
}

export interface StoredEmbedding {
  id: string
  embedding: number[]
  metadata: {
    type: 'mixx_recall' | 'project_snapshot' | 'musical_context' | 'cache'
    originalText?: string
    /** Bytes of the text / bytes stored for its vectors, before a tier policy packs them. */
    compressionRatio?: number
    /** Of the encoder that made the vector. */
    model?: string
    // The Studio hangs fields of its own on it.
    [key: string]: any
  }
  /** Milliseconds since 1970. */
  createdAt: number
  /** Milliseconds since 1970. */
  lastAccessedAt?: number
}

export interface VectorStorageStats {
  totalEmbeddings: number
  /** Bytes stored for memory tokens. */
  totalSizeBytes: number
  /** Bytes of all texts / bytes stored for their memory tokens. */
  averageCompressionRatio: number
  byType: Record<string, number>
}

const OPTIONS: Known<VectorStorageConfig> = {
  useDatabase: aFlag,
  useLocalStorage: aFlag,
  embeddingDimensions: [isLength, `a whole number from 1 to ${MOST_DIMENSIONS}`],
}

/**
 * Vectors with what they stand for, found by meaning. In the phases `shadow` and `hybrid` they are kept in `localStorage` as
 * well, which answers in the first, and where the memory has nothing in the second.
 */
export class ClaraVectorStorage {
  readonly #config: Required<VectorStorageConfig>

  /** @throws `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION` */
  constructor(config: VectorStorageConfig = {}) {
    checkOptions('config', config, OPTIONS)
    const { useDatabase = false, useLocalStorage = true, embeddingDimensions = 1536 } = config
    this.#config = { useDatabase, useLocalStorage, embeddingDimensions }
    if (useDatabase) warnOnce('database', 'useDatabase: vectors are kept in the memory, not in a team database')
  }

  /**
   * Remembers the text; its vector is encoded by the store's own model. Resolves to the id once it is on disk.
   *
   * @param metadata kept as JSON: a number that JSON cannot say is null
   * @throws (rejects) `PM_EMPTY_TEXT` for an embedding of no text, which nothing can find, `PM_BAD_OPTION`
   */
  async storeEmbedding(embedding: EmbeddingResult, metadata: StoredEmbedding['metadata']): Promise<string> {
    if (!isRecord(embedding) || !isNumbers(embedding.embedding)) throw badOption(`embedding: found ${found(embedding)}; give what generateEmbedding gave`)
    if (!isRecord(metadata)) throw badOption(`metadata: found ${found(metadata)}; give { type, … }`)
    const about = copied('metadata', metadata)
    const { store, local } = this.#places()
    const id = local?.store(embedding, about)
    if (!store) return id ?? ''
    const { type, originalText, compressionRatio: _ratio, model: _model, ...rest } = about
    const text = embedding.originalText || originalText || ''
    const kept = { ...rest, ...(originalText && originalText !== text && { originalText }), ...(id !== undefined && { [IMPORTED_FROM]: vectorKey(id) }) }
    try {
      const memoryId = await held(store, () => store.remember({ kind: type, text, metadata: kept }))
      return id ?? memoryId
    } catch (error) {
      if (id === undefined) throw error
      warnOnce('vectors', `a vector was kept in localStorage only: ${messageOf(error)}`, error)
      return id
    }
  }

  /**
   * Most similar first. A query of another length is of another model: nothing is similar to it.
   *
   * @param limit as the end of a `slice`: a fraction is cut off, NaN is 0
   * @throws (rejects) `PM_BAD_OPTION`
   */
  async findSimilar(
    queryEmbedding: number[],
    type?: StoredEmbedding['metadata']['type'],
    threshold: number = 0.7,
    limit: number = 10,
  ): Promise<StoredEmbedding[]> {
    if (!isNumbers(queryEmbedding)) throw badOption(`queryEmbedding: found ${found(queryEmbedding)}; give an array of numbers`)
    const { store, local, answers } = this.#places()
    const fromMemory = store && answers !== 'local' ? await held(store, () => this.#similar(store, queryEmbedding, type, threshold, limit)) : []
    return fromMemory.length > 0 ? fromMemory : (local?.findSimilar(queryEmbedding, type, threshold, limit) ?? [])
  }

  async #similar(
    store: PrimeMemory,
    queryEmbedding: number[],
    type: StoredEmbedding['metadata']['type'] | undefined,
    threshold: number,
    limit: number,
  ): Promise<StoredEmbedding[]> {
    const whole = unpadded(queryEmbedding, store.stats().model.dims)
    if (!whole) return []
    const hits = await store.search({ tokens: asTokens(store, whole) }, {
      ...(type && { kind: type }),
      mode: 'semantic',
      explain: true,
      // Ranked by whole text below, by best token too in the search: so more than asked are looked at.
      limit: Math.min(1000, Math.max(50, Math.ceil(limit * 4) || 0)),
    }).catch((error: unknown) => {
      // Of a type that nothing was kept under nothing is similar.
      if ((error as { code?: unknown } | null)?.code === 'PM_UNKNOWN_KIND') return []
      throw error
    })
    const nearest = hits
      .map(({ id, explain }) => ({ id, similarity: explain?.whole ?? -1 }))
      .filter(({ similarity }) => similarity >= threshold)
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, limit)
    const found = await Promise.all(nearest.map(({ id }) => this.#stored(store, id)))
    return found.filter((one): one is StoredEmbedding => one !== null)
  }

  async getEmbedding(id: string): Promise<StoredEmbedding | null> {
    const { store, local, answers } = this.#places()
    const fromMemory = store && answers !== 'local' ? await held(store, () => this.#found(store, id)) : null
    return fromMemory ?? local?.get(id) ?? null
  }

  /** Erases it for good, in `localStorage` too, so that neither a phase nor an import brings it back. */
  async deleteEmbedding(id: string): Promise<void> {
    const storage = localStorage()
    const erase = (localId: string) => orElse('clearing localStorage', undefined, () => storage && new LocalVectors(storage).delete(localId))
    erase(id)
    const store = memory()
    if (store) await held(store, () => this.#forget(store, id, erase))
  }

  async #forget(store: PrimeMemory, id: string, erase: (localId: string) => void): Promise<void> {
    const kept = await store.get(id)
    const localId = kept && vectorIdOf(kept.metadata)
    if (localId) erase(localId)
    if ((await store.forget(id)) > 0) return
    const imported = await importedAs(store, undefined, vectorKey(id))
    if (imported !== null) await store.forget(imported)
  }

  /** Counts of the whole file, whoever's the memories are. */
  async getStats(): Promise<VectorStorageStats> {
    const { store, local, answers } = this.#places()
    if (!store || answers === 'local') return local?.stats() ?? { totalEmbeddings: 0, totalSizeBytes: 0, averageCompressionRatio: 0, byType: {} }
    const { memories, kinds } = store.stats()
    const all = Object.values(kinds)
    const totalSizeBytes = all.reduce((sum, kind) => sum + kind.tokenBytes, 0)
    const sourceBytes = all.reduce((sum, kind) => sum + kind.sourceBytes, 0)
    return {
      totalEmbeddings: memories,
      totalSizeBytes,
      averageCompressionRatio: totalSizeBytes === 0 ? 0 : sourceBytes / totalSizeBytes,
      byType: Object.fromEntries(Object.entries(kinds).map(([kind, { memories }]) => [kind, memories])),
    }
  }

  /** Under its id, or the one it had as a vector in `localStorage`. */
  async #found(store: PrimeMemory, id: string): Promise<StoredEmbedding | null> {
    const found = await this.#stored(store, id)
    if (found) return found
    const imported = await importedAs(store, undefined, vectorKey(id))
    return imported === null ? null : this.#stored(store, imported)
  }

  async #stored(store: PrimeMemory, id: string): Promise<StoredEmbedding | null> {
    const [found, tokens] = await Promise.all([store.get(id), store.tokens(id)])
    return found && tokens && asStored(found, tokens, store.stats().model.name, this.#config.embeddingDimensions)
  }

  /** Where vectors are, and which of the two answers alone. */
  #places(): { store: PrimeMemory | null; local: LocalVectors | null; answers: 'local' | 'memory first' } {
    const store = memory()
    const { phase = 'full' } = session.settings
    const storage = this.#config.useLocalStorage && (!store || phase !== 'full') ? localStorage() : null
    const local = storage && new LocalVectors(storage)
    return { store, local, answers: local && phase === 'shadow' ? 'local' : 'memory first' }
  }
}

/** The one object of this thread; `config` counts with the first call only. */
export function getClaraVectorStorage(config?: VectorStorageConfig): ClaraVectorStorage {
  if (config !== undefined) checkOptions('config', config, OPTIONS)
  return singleton('clara-vector-storage', () => new ClaraVectorStorage(config))
}

const isNumbers = (value: unknown): boolean => Array.isArray(value) || ArrayBuffer.isView(value)

/** What the encoder made of it; of an imported one, its old id and times. */
function asStored(memory: Memory, tokens: MemoryTokens, model: string, dimensions: number): StoredEmbedding {
  const {
    [IMPORTED_FROM]: _from, [IMPORTED_CREATED_AT]: importedCreatedAt, [IMPORTED_ACCESSED_AT]: importedAccessedAt, ...rest
  } = memory.metadata
  const type = memory.kind as StoredEmbedding['metadata']['type']
  const { count, dims, sourceBytes } = tokens
  // Of several tokens the store keeps the whole beside them.
  const compressionRatio = sourceBytes / ((count > 1 ? count + 1 : count) * dims * BYTES_PER_NUMBER)
  const lastAccessedAt = memory.accessedAt ?? importedAccessedAt
  return {
    id: vectorIdOf(memory.metadata) ?? memory.id,
    embedding: padded(tokens.whole, dimensions),
    metadata: { ...(memory.text !== null && { originalText: memory.text }), ...rest, type, compressionRatio, model },
    createdAt: isNumber(importedCreatedAt) ? importedCreatedAt : memory.createdAt,
    ...(isNumber(lastAccessedAt) && { lastAccessedAt }),
  }
}

/** As the store keeps them. */
const BYTES_PER_NUMBER = 2

function padded(whole: Float32Array, dimensions: number): number[] {
  const embedding = Array.from(whole)
  while (embedding.length < dimensions) embedding.push(0)
  return embedding
}

/** The encoder's own numbers of a padded vector; null when it has others. */
function unpadded(embedding: number[], dims: number): Float32Array | null {
  const rest = embedding.slice(dims)
  const usable = embedding.length >= dims && rest.every((number) => number === 0) && embedding.some((number) => number !== 0)
  return usable ? Float32Array.from(embedding.slice(0, dims)) : null
}

function asTokens(store: PrimeMemory, whole: Float32Array) {
  const { fingerprint, dims } = store.stats().model
  return { count: 1, dims, ratio: 16, sourceTokens: 1, sourceBytes: 1, model: fingerprint, data: whole, whole }
}
