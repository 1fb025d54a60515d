// What `memory.cache` and `memory.recall` are agreed to be, until the addon has them.
import type { Condition, CancelOptions, Scope } from '@mixxclub/prime-memory'
declare module '@mixxclub/prime-memory' {
  export interface CacheRequest { prompt: string; context?: { [name: string]: unknown } | null; options?: { [name: string]: unknown } | null; scope?: Scope; recall?: { [fact: string]: unknown } | null }
  export interface CacheAnswer { content: string; usage?: { inputTokens?: number; outputTokens?: number }; cost?: number; model?: string; ttlMs?: number; createdAt?: number }
  export interface CacheGetOptions { ttlMs?: number; mode?: 'exact' | 'shadow' | 'guarded' }
  export interface CacheHit { id: string; content: string; match: 'exact' | 'meaning' | 'fresh'; similarity: number; age: number; model: string; cost: number }
  export interface CacheStats { hits: number; misses: number; entries: number; saved: number }
  export interface Cache {
    get(request: CacheRequest, options?: CacheGetOptions & CancelOptions): Promise<CacheHit | null>
    getSync(request: CacheRequest, options?: CacheGetOptions): CacheHit | null
    set(request: CacheRequest, answer: CacheAnswer | string): Promise<string>
    setSync(request: CacheRequest, answer: CacheAnswer | string): string
    getOrCreate(request: CacheRequest, produce: () => Promise<CacheAnswer | string>, options?: CacheGetOptions & CancelOptions): Promise<CacheHit>
    configure(settings: { mode?: 'exact' | 'shadow' | 'guarded'; maxErrorRate?: number; prices?: { [model: string]: { input: number; output: number } } }): void
    stats(options?: { scope?: Scope }): CacheStats
    clearSync(options?: { scope?: Scope }): number
    forgetSync(id: string): boolean
  }
  export interface Observation { genre?: string; bpm?: number; key?: string; lufs?: number; presets?: { name: string; plugin: string; settings?: { [name: string]: number } }[]; favourites?: { [plugin: string]: boolean }; at?: number; project?: string; scope?: Scope }
  export interface MixxRecall { preferredGenres?: string[]; preferredPlugins?: string[]; commonPresets?: { name: string; plugin: string }[]; typicalBPM?: number; commonKeys?: string[]; preferredMixLevel?: number; recentProjects?: { genre?: string; bpm?: number; key?: string }[]; favoritePlugins?: string[]; commonSettings?: { [plugin: string]: { [name: string]: number } } }
  export interface Recall {
    learnSync(observation: Observation): unknown
    context(): MixxRecall
    history(): { at?: number; bpm?: number; key?: string; genre?: string }[]
  }
  export interface PrimeMemory { readonly cache: Cache; readonly recall: Recall }
}
