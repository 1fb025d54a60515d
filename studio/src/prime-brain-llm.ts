// Drop-in for the Studio's `PrimeBrainLLM`: the same names, over a provider of choice, the memory's cache and recall.
import { readAnswerLater, writeAnswer } from './cache/answers.js'
import type { CacheStats } from './cache/local-cache.js'
import { DEFAULT_MODEL, DEFAULT_TEMPERATURE, DEFAULT_TTL_MS, questionWithRecall, type Question } from './cache/request.js'
import { ask, askStream, provider, type Draft } from './llm/ask.js'
import { structuredOf, type AnalysisResult, type AnalysisTask, type AudioBufferLike, type AudioContext } from './llm/audio.js'
import { answerOnce } from './llm/once.js'
import { analysisPrompt, audioContextText, SYSTEM_PROMPTS } from './llm/prompts.js'
import { unsupported, type LiveSession, type LiveSessionConfig, type ProviderCalls } from './llm/provider.js'
import { replayed } from './llm/replay.js'
import { getMixxRecallContext, saveProjectContext } from './mixx-recall-context.js'
import { getCacheStats } from './prime-brain-cache.js'
import { recallSection, toldFacts } from './recall/section.js'
import { singleton } from './store/session.js'

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
  /** Milliseconds; of a stream, for each piece. @default the setting, 60_000 */
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

  /** A kept answer, or the provider's. Equal requests under way at once make one provider call. */
  async generateText(prompt: string, context?: AudioContext, options: GenerateOptions = {}): Promise<string> {
    const { draft, question } = prepared(prompt, context, options)
    const { signal, timeoutMs, useCache = true } = options
    if (!useCache) return (await ask(draft, signal, timeoutMs)).content
    return answerOnce(question, (waiting) => ask(draft, waiting, timeoutMs), signal)
  }

  /** As `generateText`, in pieces. A kept answer is replayed; a stream that ends well is kept, any other is not. */
  async *generateTextStream(
    prompt: string,
    context?: AudioContext,
    options: GenerateOptions = {},
  ): AsyncGenerator<string, void, unknown> {
    const { draft, question } = prepared(prompt, context, options)
    const { signal, timeoutMs, useCache = true } = options
    const kept = useCache ? await readAnswerLater(question, DEFAULT_TTL_MS, signal) : null
    if (kept) return yield* replayed(kept, signal)
    const answer = yield* askStream(draft, signal, timeoutMs)
    if (useCache) writeAnswer(question, answer)
  }

  /** Answers from the measurements in `task`; the samples themselves are not looked at. */
  async analyzeAudio(_audioBuffer: AudioBufferLike | null | undefined, task: AnalysisTask): Promise<AnalysisResult> {
    const options = { temperature: 0.3, maxTokens: 300, systemPrompt: SYSTEM_PROMPTS[task.type] }
    const content = await this.generateText(analysisPrompt(task), task.context, options)
    if (task.context) {
      const { bpm, key, lufs } = task.context
      saveProjectContext({ ...(bpm && { bpm }), ...(key && { key }), ...(lufs !== undefined && { lufs }) })
    }
    const structured = structuredOf(content)
    return { content, ...(structured && { structured }), model: modelFor(undefined) }
  }

  /** Never cached: what is in an image is not compared. */
  async analyzeImage(imageData: string, prompt: string, mimeType: string = 'image/jpeg'): Promise<string> {
    const image = { data: imageData, mimeType }
    return (await ask({ model: modelFor(undefined), prompt, image }, undefined)).content
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

/** What is sent, and what it is kept under. Recall is sent, but is no part of the question. */
function prepared(prompt: string, context: AudioContext | undefined, options: GenerateOptions): { draft: Draft; question: Question } {
  const { temperature = DEFAULT_TEMPERATURE, maxTokens, systemPrompt, thinkingConfig, useMixxRecall = true } = options
  const model = modelFor(options.model)
  const facts = useMixxRecall ? toldFacts(getMixxRecallContext()) : {}
  const sent = prompt + recallSection(facts) + (context ? audioContextText(context) : '')
  const counting = { ...options, model, temperature }
  const draft = {
    model,
    prompt: sent,
    temperature,
    ...(maxTokens !== undefined && { maxTokens }),
    ...(systemPrompt !== undefined && { systemPrompt }),
    ...(thinkingConfig && { thinkingConfig }),
  }
  return { draft, question: questionWithRecall(prompt, sent, facts, context && { ...context }, counting) }
}
