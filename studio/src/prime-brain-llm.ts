// Drop-in for the Studio's `PrimeBrainLLM`: the same names, over a provider of choice, the memory's cache and recall.
import type { CacheStats } from './cache/local-cache.js'
import { DEFAULT_MODEL, DEFAULT_TEMPERATURE, questionWithRecall, type Question } from './cache/request.js'
import { badOption } from './errors.js'
import { ask, askStream, askWhole, provider, timeLimit, type Draft } from './llm/ask.js'
import { structuredOf, type AnalysisResult, type AnalysisTask, type AudioBufferLike, type AudioContext } from './llm/audio.js'
import { answerOnce, streamOnce } from './llm/once.js'
import { copied, found, given } from './llm/options.js'
import { analysisPrompt, audioContextText, SYSTEM_PROMPTS } from './llm/prompts.js'
import { unsupported, type LiveSession, type LiveSessionConfig, type ProviderCalls } from './llm/provider.js'
import { getMixxRecallContext, saveProjectContext } from './mixx-recall-context.js'
import { getCacheStats } from './prime-brain-cache.js'
import { studioSection } from './recall/local-recall.js'
import { recallSection, toldFacts } from './recall/section.js'
import { here } from './store/place.js'
import { singleton } from './store/session.js'
import { isRecord } from './store/web-storage.js'

export { configure } from './settings.js'
export type { AnalysisResult, AnalysisTask, AudioBufferLike, AudioContext } from './llm/audio.js'
export type { LiveSession, LiveSessionConfig } from './llm/provider.js'

/** How to ask. What changes the answer is part of the cache's key: all but `useCache`, `signal` and `timeoutMs`. */
export interface GenerateOptions {
  /** @default 0.7 */
  temperature?: number
  /** Most tokens of the answer. @default the model's */
  maxTokens?: number
  systemPrompt?: string
  /** @default 'gemini-2.5-flash', or the provider's own */
  model?: string
  thinkingConfig?: { thinkingBudget?: number }
  /** Whether a kept answer may be given, and this one kept. @default true */
  useCache?: boolean
  /** Whether the model is told what is known of the user. @default true */
  useMixxRecall?: boolean
  /** Cancels: the promise or stream rejects with an `AbortError` (`PM_ABORTED`), nothing is kept. */
  signal?: AbortSignal
  /** Milliseconds this caller waits, `Infinity` for no limit; of a stream, for each piece. @default the setting, 60_000 */
  timeoutMs?: number
}

/** The assistant. Nothing is needed to make one: a missing key or SDK shows with the first request. */
export class PrimeBrainLLM {
  getCacheStats(): CacheStats {
    return getCacheStats()
  }

  /** The provider's own `models`, such as those of `@google/genai`. */
  get models(): ProviderCalls {
    const to = provider()
    if (to.models) return to.models
    throw unsupported(to, 'models')
  }

  /** The provider's own `live`. */
  get live(): ProviderCalls {
    const to = provider()
    if (to.live) return to.live
    throw unsupported(to, 'live')
  }

  /**
   * A kept answer, or the provider's. Equal requests under way at once make one provider call, streams included.
   *
   * @throws `PM_BAD_OPTION`, `PM_PROVIDER`, `PM_TIMEOUT`, what the provider throws
   */
  async generateText(prompt: string, context?: AudioContext | null, options: GenerateOptions | null = {}): Promise<string> {
    const { to, draft, place, question, signal, timeoutMs, useCache } = prepared(prompt, context, options)
    if (!useCache) return (await ask(to, draft, signal, timeoutMs)).content
    // The call itself has no time limit: each of those who wait for it has its own.
    return answerOnce(place, question, (shared) => askWhole(to, draft, shared, Infinity), { signal, timeoutMs })
  }

  /**
   * As `generateText`, in pieces. A kept answer is replayed; a stream that ends well is kept, any other is not. The call
   * begins when the first piece is asked for, with the settings and options of then.
   */
  async *generateTextStream(
    prompt: string,
    context?: AudioContext | null,
    options: GenerateOptions | null = {},
  ): AsyncGenerator<string, void, unknown> {
    const { to, draft, place, question, signal, timeoutMs, useCache } = prepared(prompt, context, options)
    if (useCache) yield* streamOnce(place, question, (shared) => askStream(to, draft, shared, Infinity), { signal, timeoutMs })
    else yield* askStream(to, draft, signal, timeoutMs)
  }

  /**
   * Answers from the measurements in `task`; the samples themselves are not looked at. Tempo, key and level are counted as
   * habits before it asks: learned afterwards they would be news to the answer, and the same task would be asked twice.
   *
   * @throws `PM_BAD_OPTION`, and as `generateText`
   */
  async analyzeAudio(_audioBuffer: AudioBufferLike | null | undefined, task: AnalysisTask): Promise<AnalysisResult> {
    if (!isRecord(task)) throw badOption(`task: found ${found(task)}; give { type, context?, additionalData? }`)
    const types = Object.keys(SYSTEM_PROMPTS)
    if (!types.includes(task.type)) throw badOption(`task.type: found ${found(task.type)}; give one of ${types.join(', ')}`)
    for (const name of ['context', 'additionalData'] as const) {
      if (task[name] != null && !isRecord(task[name])) throw badOption(`task.${name}: found ${found(task[name])}; give an object`)
    }
    const options = { temperature: 0.3, maxTokens: 300, systemPrompt: SYSTEM_PROMPTS[task.type] }
    const { type, context, additionalData } = copied('task', task)
    const prompt = analysisPrompt({ type, ...(context && { context }), ...(additionalData && { additionalData }) })
    if (context) {
      const { bpm, key, lufs } = context
      saveProjectContext({ ...(bpm && { bpm }), ...(key && { key }), ...(lufs != null && { lufs }) })
    }
    const model = modelFor(undefined)
    const content = await this.generateText(prompt, context, options)
    const structured = structuredOf(content)
    return { content, ...(structured && { structured }), model }
  }

  /** Never cached: what is in an image is not compared. */
  async analyzeImage(imageData: string, prompt: string, mimeType: string = 'image/jpeg'): Promise<string> {
    const texts = { imageData, prompt, mimeType }
    for (const [name, text] of Object.entries(texts)) if (typeof text !== 'string') throw badOption(`${name}: found ${found(text)}; give a string`)
    const image = { data: imageData, mimeType }
    return (await ask(provider(), { model: modelFor(undefined), prompt, image }, undefined)).content
  }

  /** A spoken session, where the provider has them. */
  async createLiveSession(config: LiveSessionConfig = {}): Promise<LiveSession> {
    const to = provider()
    if (to.createLiveSession) return to.createLiveSession(config)
    throw unsupported(to, 'live sessions')
  }
}

/** The one assistant of this thread. */
export function getPrimeBrainLLM(): PrimeBrainLLM {
  return singleton('prime-brain-llm', () => new PrimeBrainLLM())
}

const modelFor = (asked: string | undefined): string => provider().modelFor?.(asked) ?? asked ?? DEFAULT_MODEL

/**
 * What is sent and to whom, what it is kept under and where, and how it is waited for: all as it is now, whatever the caller
 * changes or configures meanwhile. Recall is sent, but is no part of the question.
 */
function prepared(prompt: string, context: AudioContext | null | undefined, options: GenerateOptions | null) {
  if (typeof prompt !== 'string') throw badOption(`prompt: found ${found(prompt)}; give a string`)
  if (context != null && !isRecord(context)) throw badOption(`context: found ${found(context)}; give an object such as { bpm: 120, key: 'C minor' }`)
  const asked = given(options)
  const known = context ? copied('context', context) : undefined
  const place = here()
  const { temperature = DEFAULT_TEMPERATURE, maxTokens, systemPrompt, thinkingConfig, useMixxRecall = true, useCache = true } = asked
  const model = modelFor(asked.model)
  const facts = useMixxRecall ? toldFacts(getMixxRecallContext()) : {}
  const audio = known ? audioContextText(known) : ''
  const sent = prompt + recallSection(facts) + audio
  // Answers that the Studio's own module kept are under the recall that it wrote, in its words.
  const asTheStudioSent = prompt + ((useMixxRecall && studioSection(place.storage)) || recallSection(facts)) + audio
  const draft: Draft = {
    model,
    prompt: sent,
    temperature,
    ...(maxTokens !== undefined && { maxTokens }),
    ...(systemPrompt !== undefined && { systemPrompt }),
    ...(thinkingConfig && { thinkingConfig }),
  }
  const question: Question = questionWithRecall(prompt, asTheStudioSent, facts, known && { ...known }, { ...asked, model, temperature })
  return { to: provider(), draft, place, question, signal: asked.signal, timeoutMs: asked.timeoutMs ?? timeLimit(), useCache }
}
