/** What is known of the music at hand. */
export interface AudioContext {
  bpm?: number
  key?: string
  chord?: string
  scale?: string
  lufs?: number
  /** dB. */
  dynamicRange?: number
  /** Shares, 0 to 1. */
  spectralBalance?: { low: number; mid: number; high: number }
}

/** What to analyse. */
export interface AnalysisTask {
  type: 'music-context' | 'mix-analysis' | 'preset-suggestion' | 'auto-tune-settings'
  context?: AudioContext
  /** `chroma`, `timeSignature`, `spectralBalance`, `genre`, `source`, `pluginType`, `vocalStyle`, `audioFeatures`. */
  additionalData?: Record<string, any>
}

export interface AnalysisResult {
  content: string
  /** The answer as JSON, where it is JSON. */
  structured?: Record<string, any>
  model: string
}

/** The part of the web's `AudioBuffer` that names it; the analysis goes by `task`, not by samples. */
export interface AudioBufferLike {
  readonly length: number
  readonly sampleRate: number
  readonly numberOfChannels: number
}

/** The object that an answer is or holds in a code fence; undefined when there is none. */
export function structuredOf(content: string): Record<string, any> | undefined {
  const text = /```(?:json)?\s*([\s\S]*?)```/.exec(content)?.[1] ?? content
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
