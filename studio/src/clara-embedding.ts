// Drop-in for the Studio's `ClaraEmbedding`: the same names, with vectors of the memory's encoder.
import type { MemoryTokens, PrimeMemory } from '@mixxclub/prime-memory'
import { exactOnly, EXACT_ONLY_MODEL } from './clara/exact-only.js'
import { isLength, MOST_DIMENSIONS } from './clara/length.js'
import { badOption, messageOf, StudioError } from './errors.js'
import { aText, checkOptions, type Known } from './llm/options.js'
import { held, memory } from './store/memory.js'
import { singleton, warnOnce } from './store/session.js'

export { configure } from './settings.js'

export interface EmbeddingOptions {
  /** The memory has one encoder; another name is answered with one warning and the encoder's own. */
  model?: string
  /** Text tokens per memory token, a whole number from 1 to 256. @default 16 */
  compressionRatio?: number
  /** Length of `embedding`; what the encoder does not fill is zero, which changes no cosine. @default 1536 */
  dimensions?: number
}

export interface EmbeddingResult {
  /** The text as one vector of length 1. */
  embedding: number[]
  originalText: string
  /** UTF-8 bytes of the text. */
  originalSizeBytes: number
  /** Bytes of its memory tokens, 16 bits a number as the store keeps them; padding is not counted. */
  compressedSizeBytes: number
  /** originalSizeBytes / compressedSizeBytes. Below 1 for short texts: memory tokens are an index, not a saving. */
  compressionRatio: number
  /** Name of the encoder. */
  model: string
  dimensions: number
}

export interface SimilarityResult<T = unknown> {
  item: T
  /** Cosine, -1 to 1. */
  similarity: number
  /** 1 - similarity. */
  distance: number
}

const OPTIONS: Known<EmbeddingOptions> = {
  model: aText,
  compressionRatio: [(value) => typeof value === 'number', 'a whole number from 1 to 256'],
  dimensions: [isLength, `a whole number from the encoder's dimensions to ${MOST_DIMENSIONS}`],
}

const DEFAULT_DIMENSIONS = 1536
const BYTES_PER_NUMBER = 2

/** Texts and records of the Studio as vectors. */
export class ClaraEmbedding {
  /**
   * Where there is no addon (a browser tab), vectors say only whether two texts are equal; `model` tells.
   *
   * @throws `PM_BAD_RATIO` for a ratio out of range, `PM_BAD_OPTION` for fewer dimensions than the encoder has (what would be
   * cut off carries meaning), `PM_UNKNOWN_OPTION`.
   */
  async generateEmbedding(text: string, options: EmbeddingOptions = {}): Promise<EmbeddingResult> {
    return embedded(memory(), text, options)
  }

  /** @throws `PM_DIMS_MISMATCH` when the lengths differ: they are of two models. */
  cosineSimilarity(embedding1: number[], embedding2: number[]): number {
    const [one, other] = [embedding1.length, embedding2.length]
    if (one !== other) throw new StudioError('PM_DIMS_MISMATCH', `Embeddings must have same dimensions: found ${one} and ${other}; make both with one encoder and the same \`dimensions\``)
    const lengths = Math.sqrt(dot(embedding1, embedding1) * dot(embedding2, embedding2))
    return lengths === 0 ? 0 : dot(embedding1, embedding2) / lengths
  }

  cosineDistance(embedding1: number[], embedding2: number[]): number {
    return 1 - this.cosineSimilarity(embedding1, embedding2)
  }

  /** Most similar first. Items whose vectors have another length are of another model and left out. */
  findSimilar<T>(
    queryEmbedding: number[],
    items: Array<{ embedding: number[]; data: T }>,
    threshold: number = 0.7,
    limit: number = 10,
  ): SimilarityResult<T>[] {
    return items
      .filter(({ embedding }) => embedding.length === queryEmbedding.length)
      .map(({ embedding, data }) => ({ item: data, similarity: this.cosineSimilarity(queryEmbedding, embedding) }))
      .filter(({ similarity }) => similarity >= threshold)
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, limit)
      .map(({ item, similarity }) => ({ item, similarity, distance: 1 - similarity }))
  }

  /** 64 text tokens per memory token. */
  compressMixxRecall(data: {
    category: string
    genre?: string
    bpm?: number
    key?: string
    plugins?: string[]
    presets?: Array<{ name: string; plugin: string }>
  }): Promise<EmbeddingResult> {
    return this.#described('mixx_recall', data, 64)
  }

  /** 128 text tokens per memory token. `projectData` is the project's state, described in words. */
  compressProjectSnapshot(data: {
    name: string
    bpm?: number
    key?: string
    genre?: string
    projectData?: unknown
  }): Promise<EmbeddingResult> {
    return this.#described('project_snapshot', data, 128)
  }

  /** 32 text tokens per memory token. */
  compressMusicalContext(data: {
    key?: string
    scale?: string
    chord?: string
    bpm?: number
    /** Twelve numbers, C to B. */
    chromagram?: number[]
    /** 0 to 1. */
    harmonicTension?: number
  }): Promise<EmbeddingResult> {
    return this.#described('musical_context', data, 32)
  }

  async #described(kind: string, data: unknown, compressionRatio: number): Promise<EmbeddingResult> {
    // One encoder describes and encodes, whatever is configured meanwhile.
    const encoder = memory()
    return held(encoder, async () => embedded(encoder, await inWords(encoder, kind, data), { compressionRatio }))
  }
}

/** The one object of this thread. */
export function getClaraEmbedding(): ClaraEmbedding {
  return singleton('clara-embedding', () => new ClaraEmbedding())
}

/** A text as one vector, by this encoder. */
async function embedded(encoder: PrimeMemory | null, text: string, options: EmbeddingOptions): Promise<EmbeddingResult> {
  if (typeof text !== 'string') throw badOption(`text: found ${String(text)}; give a string`)
  checkOptions('options', options, OPTIONS)
  if (!encoder) return withoutEncoder(text, options.dimensions ?? DEFAULT_DIMENSIONS)
  const { name, dims } = encoder.stats().model
  const { compressionRatio: ratio, dimensions = DEFAULT_DIMENSIONS } = options
  if (dimensions < dims) {
    throw badOption(`dimensions: found ${dimensions}; give a whole number of at least ${dims}, the encoder's`)
  }
  if (options.model !== undefined && options.model !== name) {
    warnOnce(`model ${options.model}`, `model "${options.model}" is not the memory's; "${name}" made the vectors`)
  }
  const tokens = text.trim() ? await held(encoder, () => encoder.compress(text, ratio === undefined ? {} : { ratio })) : null
  return result(text, tokens, name, dimensions)
}

/** A kind that is described field by field, whatever the fields hold. */
const FIELD_BY_FIELD = 'cache'

/** A record in words: none where it says nothing, and field by field, with one warning, where a field is not of its kind. */
async function inWords(encoder: PrimeMemory | null, kind: string, data: unknown): Promise<string> {
  if (!encoder) return JSON.stringify(data)
  const describe = async (as: string) => (await encoder.describe({ kind: as, data })).text
  try {
    return await describe(kind).catch((error: unknown) => {
      if (codeOf(error) !== 'PM_BAD_OPTION') throw error
      warnOnce(`describing ${kind}`, `a ${kind} is told field by field: ${messageOf(error)}`, error)
      return describe(FIELD_BY_FIELD)
    })
  } catch (error) {
    if (codeOf(error) === 'PM_EMPTY_TEXT') return ''
    throw error
  }
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code

function withoutEncoder(originalText: string, dimensions: number): EmbeddingResult {
  const originalSizeBytes = new TextEncoder().encode(originalText).length
  const compressedSizeBytes = dimensions * BYTES_PER_NUMBER
  return {
    embedding: exactOnly(originalText, dimensions),
    originalText,
    originalSizeBytes,
    compressedSizeBytes,
    compressionRatio: originalSizeBytes / compressedSizeBytes,
    model: EXACT_ONLY_MODEL,
    dimensions,
  }
}

/** An empty text says nothing: its vector is zero and similar to nothing. */
function result(text: string, tokens: MemoryTokens | null, model: string, dimensions: number): EmbeddingResult {
  const embedding = new Array<number>(dimensions).fill(0)
  tokens?.whole.forEach((number, i) => (embedding[i] = number))
  const originalSizeBytes = new TextEncoder().encode(text).length
  const compressedSizeBytes = (tokens?.data.length ?? 0) * BYTES_PER_NUMBER
  const compressionRatio = compressedSizeBytes === 0 ? 0 : originalSizeBytes / compressedSizeBytes
  return { embedding, originalText: text, originalSizeBytes, compressedSizeBytes, compressionRatio, model, dimensions }
}

function dot(a: number[], b: number[]): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}
