// Drop-in for the Studio's `ClaraVectorStorage`: the same names, over the memory's store and index.
import type { Memory, PrimeMemory } from '@mixxclub/prime-memory'
import type { EmbeddingResult } from './clara-embedding.js'
import { LocalVectors } from './clara/local-vectors.js'
import { importedAs, vectorKey } from './migrate/memories.js'
import { localStorage, memory } from './store/memory.js'
import { singleton, warnOnce } from './store/session.js'

export { configure } from './settings.js'

export interface VectorStorageConfig {
  /** A team server is no part of this module; `true` is answered with one warning and the memory. @default false */
  useDatabase?: boolean
  /** Whether `localStorage` may serve where there is no addon. @default true */
  useLocalStorage?: boolean
  /** Length of the vectors given out, zeros after the encoder's own numbers. @default 1536 */
  embeddingDimensions?: number
}

export interface StoredEmbedding {
  id: string
  embedding: number[]
  metadata: {
    type: 'mixx_recall' | 'project_snapshot' | 'musical_context' | 'cache'
    originalText?: string
    compressionRatio?: number
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

/** Vectors with what they stand for, found by meaning. */
export class ClaraVectorStorage {
  readonly #config: Required<VectorStorageConfig>

  constructor(config: VectorStorageConfig = {}) {
    this.#config = { useDatabase: false, useLocalStorage: true, embeddingDimensions: 1536, ...config }
    if (this.#config.useDatabase) warnOnce('database', 'useDatabase: vectors are kept in the memory, not in a team database')
  }

  /** Remembers the text; its vector is encoded by the store's own model. Resolves to the id once it is on disk. */
  async storeEmbedding(embedding: EmbeddingResult, metadata: StoredEmbedding['metadata']): Promise<string> {
    const store = memory()
    if (!store) return this.#local()?.store(embedding, metadata) ?? ''
    const { type, originalText, ...rest } = metadata
    const { compressionRatio, model } = embedding
    const text = embedding.originalText || originalText || ''
    return store.remember({ kind: type, text, metadata: { ...rest, compressionRatio, model } })
  }

  /** Most similar first. A query of another length is of another model: nothing is similar to it. */
  async findSimilar(
    queryEmbedding: number[],
    type?: StoredEmbedding['metadata']['type'],
    threshold: number = 0.7,
    limit: number = 10,
  ): Promise<StoredEmbedding[]> {
    const store = memory()
    if (!store) return this.#local()?.findSimilar(queryEmbedding, type, threshold, limit) ?? []
    const whole = unpadded(queryEmbedding, store.stats().model.dims)
    if (!whole) return []
    const hits = await store.search({ tokens: asTokens(store, whole) }, {
      ...(type && { kind: type }),
      mode: 'semantic',
      explain: true,
      // Ranked by whole text below, by best token too in the search: so more than asked are looked at.
      limit: Math.min(1000, Math.max(50, limit * 4)),
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
    const store = memory()
    if (!store) return this.#local()?.get(id) ?? null
    return this.#stored(store, (await current(store, id)) ?? id)
  }

  /** Erases it for good. */
  async deleteEmbedding(id: string): Promise<void> {
    const store = memory()
    if (store) await store.forget((await current(store, id)) ?? id)
    else this.#local()?.delete(id)
  }

  /** Counts of the whole file, whoever's the memories are. */
  async getStats(): Promise<VectorStorageStats> {
    const store = memory()
    if (!store) return this.#local()?.stats() ?? { totalEmbeddings: 0, totalSizeBytes: 0, averageCompressionRatio: 0, byType: {} }
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

  async #stored(store: PrimeMemory, id: string): Promise<StoredEmbedding | null> {
    const [found, tokens] = await Promise.all([store.get(id), store.tokens(id)])
    return found && tokens && asStored(found, padded(tokens.whole, this.#config.embeddingDimensions))
  }

  #local(): LocalVectors | null {
    const storage = this.#config.useLocalStorage ? localStorage() : null
    return storage && new LocalVectors(storage)
  }
}

/** The one object of this thread; `config` counts with the first call only. */
export function getClaraVectorStorage(config?: VectorStorageConfig): ClaraVectorStorage {
  return singleton('clara-vector-storage', () => new ClaraVectorStorage(config))
}

/** The id that a vector of the Studio's prototype got when it was imported; null for ids of the memory. */
async function current(store: PrimeMemory, id: string): Promise<string | null> {
  return /^\d{13}-[a-z0-9]+$/.test(id) ? importedAs(store, undefined, vectorKey(id)) : null
}

function asStored(memory: Memory, embedding: number[]): StoredEmbedding {
  const type = memory.kind as StoredEmbedding['metadata']['type']
  const metadata = { ...memory.metadata, type, ...(memory.text !== null && { originalText: memory.text }) }
  const { id, createdAt, accessedAt } = memory
  return { id, embedding, metadata, createdAt, ...(accessedAt !== null && { lastAccessedAt: accessedAt }) }
}

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
