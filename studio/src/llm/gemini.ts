import { messageOf, StudioError } from '../errors.js'
import { closed, limited, unlessAborted } from './attempts.js'
import { aText, anObject, checkOptions, type Known } from './options.js'
import type { LiveSession, LiveSessionConfig, Provider, ProviderAnswer, ProviderCalls, ProviderPiece, ProviderRequest } from './provider.js'

/** How to reach Gemini. */
export interface GeminiOptions {
  /** @default GEMINI_API_KEY, GOOGLE_API_KEY or VITE_GEMINI_API_KEY of the environment */
  apiKey?: string
  /** Another address that speaks Gemini's REST. @default Google's */
  baseUrl?: string
  /** A client of `@google/genai`, instead of one made here on first use. */
  client?: GeminiClient
}

/** The part of a `GoogleGenAI` client that is used here. */
export interface GeminiClient {
  models: {
    generateContent(parameters: any): Promise<GeminiResponse>
    generateContentStream(parameters: any): Promise<AsyncIterable<GeminiResponse>>
  }
  live: { connect(parameters: any): Promise<{ sendRealtimeInput(data: any): void; close(): void }> }
}

interface GeminiResponse {
  readonly text?: string | undefined
  modelVersion?: string | undefined
  usageMetadata?: { promptTokenCount?: number; candidatesTokenCount?: number; thoughtsTokenCount?: number } | undefined
  // The SDK's enumeration of reasons grows; only 'STOP' and 'MAX_TOKENS' are told apart.
  candidates?: { finishReason?: unknown }[] | undefined
  promptFeedback?: { blockReason?: unknown } | undefined
}

const LIVE_MODEL = 'gemini-2.5-flash-native-audio-preview-09-2025'

const OPTIONS: Known<GeminiOptions> = { apiKey: aText, baseUrl: aText, client: anObject }

/**
 * Gemini through `@google/genai`, which is loaded and given its key with the first request, not before.
 *
 * @throws `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION`
 */
export function gemini(options: GeminiOptions = {}): Provider {
  checkOptions('gemini', options, OPTIONS)
  let made: Promise<GeminiClient> | undefined
  const client = (): Promise<GeminiClient> => {
    made ??= options.client ? Promise.resolve(options.client) : connect(options)
    // A key that was missing may be there the next time.
    made.catch(() => (made = undefined))
    return made
  }
  return {
    name: 'Gemini',
    models: lazyCalls('models', async () => (await client()).models),
    live: lazyCalls('live', async () => (await client()).live),
    async generate(request) {
      const response = await (await client()).models.generateContent(parameters(request))
      refuseBlocked(response)
      if (!response.text && !response.candidates?.length) throw new StudioError('PM_PROVIDER', 'Gemini gave no answer: a response without candidates')
      return answer(response)
    },
    async *stream(request) {
      for await (const response of untilWhole(await (await client()).models.generateContentStream(parameters(request)))) {
        refuseBlocked(response)
        yield piece(response)
      }
    },
    createLiveSession: async (config) => liveSession(await client(), config),
  }
}

/** The methods of an SDK object that is there only later. */
function lazyCalls(name: string, target: () => Promise<object>): ProviderCalls {
  return new Proxy({} as ProviderCalls, {
    get: (_, method) =>
      // Not a promise itself, or `await` would take it for one.
      typeof method === 'string' && method !== 'then'
        ? async (...parameters: unknown[]) => {
            const calls = (await target()) as ProviderCalls
            if (typeof calls[method] !== 'function') throw new StudioError('PM_PROVIDER', `the SDK of Gemini has no ${name}.${method}`)
            return calls[method](...parameters)
          }
        : undefined,
  })
}

async function connect({ apiKey = keyOfEnvironment(), baseUrl }: GeminiOptions): Promise<GeminiClient> {
  if (!apiKey) {
    throw new StudioError('PM_PROVIDER', 'no key for Gemini: set GEMINI_API_KEY, or configure({ provider: gemini({ apiKey }) })')
  }
  const { GoogleGenAI } = await load()
  return new GoogleGenAI({ apiKey, ...(baseUrl && { httpOptions: { baseUrl } }) })
}

async function load(): Promise<{ GoogleGenAI: new (options: object) => GeminiClient }> {
  try {
    return (await import('@google/genai')) as unknown as { GoogleGenAI: new (options: object) => GeminiClient }
  } catch (error) {
    throw new StudioError('PM_PROVIDER', `@google/genai cannot be loaded (${messageOf(error)}): npm install @google/genai`, error)
  }
}

function keyOfEnvironment(): string | undefined {
  const env = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env
  // One that is set to nothing is not set.
  return env?.GEMINI_API_KEY || env?.GOOGLE_API_KEY || env?.VITE_GEMINI_API_KEY
}

function parameters({ model, prompt, systemPrompt, temperature, maxTokens, thinkingConfig, image, signal }: ProviderRequest): object {
  const parts = image ? [{ inlineData: image }, { text: prompt }] : [{ text: prompt }]
  return {
    model,
    contents: [{ role: 'user', parts }],
    config: {
      ...(temperature !== undefined && { temperature }),
      ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
      ...(systemPrompt !== undefined && { systemInstruction: systemPrompt }),
      ...(thinkingConfig && { thinkingConfig }),
      abortSignal: signal,
    },
  }
}

function answer(response: GeminiResponse): ProviderAnswer {
  const { usageMetadata: usage, modelVersion } = response
  return {
    text: response.text ?? '',
    ...(usage && { usage: usageOf(usage) }),
    ...(modelVersion && { model: modelVersion }),
  }
}

function usageOf(usage: NonNullable<GeminiResponse['usageMetadata']>) {
  const { promptTokenCount, candidatesTokenCount, thoughtsTokenCount } = usage
  return {
    ...(promptTokenCount !== undefined && { inputTokens: promptTokenCount }),
    // Thinking is paid for as output.
    ...(candidatesTokenCount !== undefined && { outputTokens: candidatesTokenCount + (thoughtsTokenCount ?? 0) }),
  }
}

const WHOLE = ['STOP', 'MAX_TOKENS']

const isWhole = ({ candidates }: GeminiResponse): boolean => WHOLE.includes(String(candidates?.[0]?.finishReason))

const piece = (response: GeminiResponse): ProviderPiece => ({ ...answer(response), finished: isWhole(response) })

/** How long the end of a stream may take once the answer is whole, milliseconds: its token counts may come last. */
const GRACE_MS = 500

/** A stream that ends soon after its answer is whole, though the connection stays open. */
async function* untilWhole(responses: AsyncIterable<GeminiResponse>): AsyncGenerator<GeminiResponse> {
  const coming = responses[Symbol.asyncIterator]()
  const grace = limited(undefined, GRACE_MS)
  try {
    for (;;) {
      const { done, value } = await unlessAborted(coming.next(), grace.signal)
      if (done) return
      yield value
      if (isWhole(value)) grace.begin()
    }
  } catch (error) {
    if (!grace.signal.aborted) throw error
  } finally {
    grace.done()
    closed(coming)
  }
}

/** An answer that the provider held back is an error, not an empty answer to keep. */
function refuseBlocked({ promptFeedback, candidates }: GeminiResponse): void {
  const reason = promptFeedback?.blockReason ?? candidates?.[0]?.finishReason
  if (reason === undefined || [...WHOLE, 'FINISH_REASON_UNSPECIFIED'].includes(String(reason))) return
  throw new StudioError('PM_PROVIDER', `Gemini held the answer back: ${String(reason)}`)
}

async function liveSession(client: GeminiClient, config: LiveSessionConfig): Promise<LiveSession> {
  const { voiceName = 'Aoede', sampleRate = 16_000, model = LIVE_MODEL } = config
  const callbacks: ((data: unknown) => void)[] = []
  const early: unknown[] = []
  const session = await client.live.connect({
    model,
    config: {
      responseModalities: ['AUDIO'],
      speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName } } },
    },
    callbacks: {
      onmessage: (message: unknown) => {
        if (callbacks.length === 0) early.push(message)
        for (const callback of callbacks) callback(message)
      },
    },
  })
  return {
    sendRealtimeInput: ({ media }) => {
      const mimeType = media.mimeType === 'audio/pcm' ? `audio/pcm;rate=${sampleRate}` : media.mimeType
      session.sendRealtimeInput({ media: { ...media, mimeType } })
    },
    onRealtimeOutput: (callback) => {
      callbacks.push(callback)
      for (const message of early.splice(0)) callback(message)
    },
    close: () => session.close(),
  }
}
