import { getClaraEmbedding, type EmbeddingResult } from '../clara-embedding.js'
import type { StoredEmbedding, VectorStorageStats } from '../clara-vector-storage.js'
import { warnOnce } from '../store/session.js'
import { isRecord, keysWith, readJson, type StorageLike } from '../store/web-storage.js'

/** Where the Studio's prototype keeps its vectors. */
export const VECTOR_PREFIX = 'clara:embeddings:'

/** Vectors in `localStorage`, as the Studio's prototype keeps them: what serves in a browser tab. */
export class LocalVectors {
  readonly #storage: StorageLike

  constructor(storage: StorageLike) {
    this.#storage = storage
  }

  store(result: EmbeddingResult, metadata: StoredEmbedding['metadata']): string {
    const { embedding, compressionRatio, model, originalText } = result
    const id = `${Date.now()}-${Math.random().toString(36).slice(2, 11)}`
    const about = { ...metadata, compressionRatio, model, originalText: metadata.originalText || originalText }
    this.#write({ id, embedding, metadata: about, createdAt: Date.now() })
    return id
  }

  findSimilar(query: number[], type: string | undefined, threshold: number, limit: number): StoredEmbedding[] {
    const items = this.#all().filter(({ metadata }) => !type || metadata.type === type)
    const hits = getClaraEmbedding().findSimilar(query, items.map((data) => ({ embedding: data.embedding, data })), threshold, limit)
    return hits.map(({ item }) => {
      const found = { ...item, lastAccessedAt: Date.now() }
      this.#write(found)
      return found
    })
  }

  get(id: string): StoredEmbedding | null {
    return stored(readJson(this.#storage, VECTOR_PREFIX + id))
  }

  delete(id: string): void {
    this.#storage.removeItem(VECTOR_PREFIX + id)
  }

  stats(): VectorStorageStats {
    const all = this.#all()
    const byType: Record<string, number> = {}
    for (const { metadata } of all) byType[metadata.type] = (byType[metadata.type] ?? 0) + 1
    const ratios = all.reduce((sum, { metadata }) => sum + (metadata.compressionRatio ?? 0), 0)
    return {
      totalEmbeddings: all.length,
      totalSizeBytes: all.reduce((sum, { embedding }) => sum + embedding.length * 4, 0),
      averageCompressionRatio: all.length === 0 ? 0 : ratios / all.length,
      byType,
    }
  }

  #all(): StoredEmbedding[] {
    const values = keysWith(this.#storage, VECTOR_PREFIX).map((key) => stored(readJson(this.#storage, key)))
    return values.filter((value): value is StoredEmbedding => value !== null)
  }

  #write(entry: StoredEmbedding): void {
    try {
      this.#storage.setItem(VECTOR_PREFIX + entry.id, JSON.stringify(entry))
    } catch (error) {
      warnOnce('local vectors', 'localStorage is full: the vector was not kept', error)
    }
  }
}

/** A stored vector, or null for anything else. */
export function stored(value: unknown): StoredEmbedding | null {
  const looksRight = isRecord(value) && typeof value.id === 'string' && Array.isArray(value.embedding) && isRecord(value.metadata)
  return looksRight ? (value as unknown as StoredEmbedding) : null
}
