/**
 * The drop-ins' signatures are the contract's: checked by `npx tsc --project __test__/tsconfig.json`, never run.
 */
import { clearCache, estimateCostSavings, getCachedResponse, getCacheStats, setCachedResponse } from '@mixxclub/prime-memory/prime-brain-cache'
import { formatMixxRecallPrompt, getMixxRecallContext, injectMixxRecall, saveProjectContext, type MixxRecallData } from '@mixxclub/prime-memory/mixx-recall-context'
import { getPrimeBrainLLM, type AnalysisResult, type AudioContext, type LiveSession, type LiveSessionConfig, type PrimeBrainLLM } from '@mixxclub/prime-memory/prime-brain-llm'
import { getClaraEmbedding, type ClaraEmbedding, type EmbeddingResult } from '@mixxclub/prime-memory/clara-embedding'
import { getClaraVectorStorage, type ClaraVectorStorage, type StoredEmbedding } from '@mixxclub/prime-memory/clara-vector-storage'
import { configure, gemini, importLocalStorage, Migration, openAICompatible, type ImportReport, type InstallationReport, type Provider, type StudioSettings } from '@mixxclub/prime-memory/studio'

/** Compiles only when both types are the same; `any` equals nothing but itself. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(_: Same<A, B>): void => {}

type Bag = Record<string, any>

// 1. PrimeBrainCache
same<typeof getCachedResponse, (prompt: string, context?: Bag, options?: Bag, ttlMs?: number) => string | null>(true)
same<typeof setCachedResponse, (prompt: string, content: string, context?: Bag, options?: Bag, metadata?: { tokens?: number; cost?: number }) => void>(true)
same<ReturnType<typeof getCacheStats>['hits' | 'misses' | 'totalCached' | 'totalSaved'], number>(true)
same<keyof ReturnType<typeof getCacheStats>, 'hits' | 'misses' | 'totalCached' | 'totalSaved'>(true)
same<typeof clearCache, () => void>(true)
same<typeof estimateCostSavings, () => number>(true)

// 2. MixxRecallContext
interface ContractRecall {
  preferredGenres?: string[]
  preferredPlugins?: string[]
  commonPresets?: { name: string; plugin: string }[]
  typicalBPM?: number
  commonKeys?: string[]
  preferredMixLevel?: number
  recentProjects?: { genre?: string; bpm?: number; key?: string }[]
  favoritePlugins?: string[]
  commonSettings?: Record<string, Record<string, number>>
}
same<{ [K in keyof MixxRecallData]: MixxRecallData[K] }, { [K in keyof ContractRecall]: ContractRecall[K] }>(true)
same<typeof getMixxRecallContext, () => MixxRecallData>(true)
same<typeof formatMixxRecallPrompt, (context: MixxRecallData) => string>(true)
same<typeof injectMixxRecall, (prompt: string) => string>(true)
same<typeof saveProjectContext, (data: { genre?: string; bpm?: number; key?: string; lufs?: number }) => void>(true)

// 3. PrimeBrainLLM
declare const llm: PrimeBrainLLM
same<typeof getPrimeBrainLLM, () => PrimeBrainLLM>(true)
const text: Promise<string> = llm.generateText('x', { bpm: 120, spectralBalance: { low: 0.3, mid: 0.4, high: 0.3 } }, { temperature: 0, maxTokens: 1, systemPrompt: '', useCache: true, useMixxRecall: true })
const stream: AsyncGenerator<string> = llm.generateTextStream('x', undefined, { model: 'gemini-2.5-pro', thinkingConfig: { thinkingBudget: 1 } })
const analysis: Promise<AnalysisResult> = llm.analyzeAudio({ length: 1, sampleRate: 44_100, numberOfChannels: 2 }, { type: 'mix-analysis', context: {}, additionalData: { any: 1 } })
same<Parameters<PrimeBrainLLM['analyzeImage']>, [imageData: string, prompt: string, mimeType?: string]>(true)
same<ReturnType<PrimeBrainLLM['analyzeImage']>, Promise<string>>(true)
same<PrimeBrainLLM['createLiveSession'], (config?: LiveSessionConfig) => Promise<LiveSession>>(true)
same<ReturnType<PrimeBrainLLM['getCacheStats']>, ReturnType<typeof getCacheStats>>(true)
same<keyof AudioContext, 'bpm' | 'key' | 'chord' | 'scale' | 'lufs' | 'dynamicRange' | 'spectralBalance'>(true)
// @ts-expect-error there is no such task
void llm.analyzeAudio(null, { type: 'mastering' })
// @ts-expect-error a misspelled option
void llm.generateText('x', undefined, { temprature: 0 })

// 4. ClaraEmbedding, ClaraVectorStorage
declare const embedding: ClaraEmbedding
declare const storage: ClaraVectorStorage
same<typeof getClaraEmbedding, () => ClaraEmbedding>(true)
same<keyof EmbeddingResult, 'embedding' | 'originalText' | 'originalSizeBytes' | 'compressedSizeBytes' | 'compressionRatio' | 'model' | 'dimensions'>(true)
same<EmbeddingResult['embedding'], number[]>(true)
same<ReturnType<ClaraEmbedding['generateEmbedding']>, Promise<EmbeddingResult>>(true)
same<ReturnType<ClaraEmbedding['compressProjectSnapshot']>, Promise<EmbeddingResult>>(true)
same<ClaraEmbedding['cosineSimilarity'], (embedding1: number[], embedding2: number[]) => number>(true)
same<ClaraEmbedding['cosineDistance'], (embedding1: number[], embedding2: number[]) => number>(true)
const similar: { item: { n: number }; similarity: number; distance: number }[] = embedding.findSimilar([1], [{ embedding: [1], data: { n: 1 } }], 0.7, 10)
same<Parameters<ClaraVectorStorage['findSimilar']>, [queryEmbedding: number[], type?: StoredEmbedding['metadata']['type'], threshold?: number, limit?: number]>(true)
same<ReturnType<ClaraVectorStorage['findSimilar']>, Promise<StoredEmbedding[]>>(true)
same<ClaraVectorStorage['storeEmbedding'], (embedding: EmbeddingResult, metadata: StoredEmbedding['metadata']) => Promise<string>>(true)
same<ClaraVectorStorage['getEmbedding'], (id: string) => Promise<StoredEmbedding | null>>(true)
same<ClaraVectorStorage['deleteEmbedding'], (id: string) => Promise<void>>(true)
same<keyof Awaited<ReturnType<ClaraVectorStorage['getStats']>>, 'totalEmbeddings' | 'totalSizeBytes' | 'averageCompressionRatio' | 'byType'>(true)
void getClaraVectorStorage({ useDatabase: false, useLocalStorage: true, embeddingDimensions: 1536 })
void storage

// Settings
configure({ path: 'studio.db', scope: { user: 'ana' }, mode: 'exact', phase: 'hybrid', provider: gemini({ apiKey: 'key' }), maxErrorRate: 0.02 })
configure({ provider: async ({ prompt, signal }) => `${prompt} ${signal.aborted}` })
configure({ provider: async function* () { yield 'a piece' } })
configure({ localStorage: null, provider: openAICompatible({ model: 'llama3.2:3b', baseUrl: 'http://localhost:11434/v1' }) })
// @ts-expect-error a misspelled setting
configure({ modus: 'exact' })
// @ts-expect-error not a phase
configure({ phase: 'half' })
same<ReturnType<typeof importLocalStorage>, Promise<ImportReport>>(true)
declare const indexedDB: import('@mixxclub/prime-memory/studio').AutosaveSource
const migration = new Migration({ localStorage: '{}', files: ['Downloads'], autosaves: indexedDB, projectOf: ({ tracks }) => tracks[0] ?? null, project: 'Rest', signal: AbortSignal.abort(), onProgress: ({ step, done, total, what }) => `${step} ${done + total} ${what}` })
same<ReturnType<typeof migration.run>, Promise<InstallationReport>>(true)
same<Parameters<typeof migration.run>, [phase: 'shadow' | 'hybrid' | 'full']>(true)
// @ts-expect-error a misspelled option
new Migration({ file: [] })
same<StudioSettings['provider'], Provider | import('@mixxclub/prime-memory/studio').ProviderFunction | undefined>(true)

export { analysis, similar, stream, text }
