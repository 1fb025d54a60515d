import { messageOf, StudioError } from '../errors.js'
import { isRecord } from '../store/web-storage.js'
import { aborted } from './attempts.js'
import { found } from './options.js'

/** One request to a provider. */
export interface ProviderRequest {
  model: string
  /** The question with everything the model is told: recall and audio context. */
  prompt: string
  systemPrompt?: string
  temperature?: number
  /** Most tokens of the answer. */
  maxTokens?: number
  thinkingConfig?: { thinkingBudget?: number }
  /** An image to look at. */
  image?: {
    /** Base64. */
    data: string
    mimeType: string
  }
  /** Aborted by the caller or by the time limit. */
  signal: AbortSignal
}

/** Tokens as the provider counted them. */
export interface ProviderUsage {
  inputTokens?: number
  outputTokens?: number
}

/** A whole answer. */
export interface ProviderAnswer {
  text: string
  usage?: ProviderUsage
  /** The model that answered. @default the one that was asked */
  model?: string
}

/** A part of an answer as it arrives. */
export interface ProviderPiece {
  text: string
  usage?: ProviderUsage
  model?: string
  /** True with the piece after which nothing is missing. A stream that ends without one was cut. */
  finished?: boolean
}

/** Who answers. Implementations call out and convert; retries, spacing and time limits are not theirs. */
export interface Provider {
  /** For messages. */
  readonly name: string
  /** The model that will be asked; answers of different models are never exchanged. @default asked, or 'gemini-2.5-flash' */
  modelFor?(asked: string | undefined): string
  generate(request: ProviderRequest): Promise<ProviderAnswer>
  /** Left out, a stream is one piece. */
  stream?(request: ProviderRequest): AsyncIterable<ProviderPiece>
  /** The provider's own `models` and `live`, handed through. */
  readonly models?: ProviderCalls
  readonly live?: ProviderCalls
  createLiveSession?(config: LiveSessionConfig): Promise<LiveSession>
}

/** A provider as a function: an answer, or its pieces as they come. */
export type ProviderFunction = (
  request: ProviderRequest,
) => Promise<ProviderAnswer | string> | ProviderAnswer | string | AsyncIterable<ProviderPiece | string>

/** Methods of a provider's SDK, whatever they take and give. */
export interface ProviderCalls {
  // Their types are the SDK's, which is an optional dependency.
  [method: string]: (...parameters: any[]) => Promise<any>
}

export interface LiveSessionConfig {
  /** @default 'Aoede' */
  voiceName?: string
  /** Of the audio that is sent, in Hz; counts where its MIME type names none. @default 16_000 */
  sampleRate?: number
  /** @default 'gemini-2.5-flash-native-audio-preview-09-2025' */
  model?: string
}

export interface LiveSession {
  sendRealtimeInput: (data: { media: { data: string; mimeType: string } }) => void
  /** Messages that came before the first callback are handed to it. */
  onRealtimeOutput: (callback: (data: any) => void) => void
  close: () => void
}

/** What a caller gave as provider, as a provider. */
export const asProvider = (given: Provider | ProviderFunction): Provider => (typeof given === 'function' ? fromFunction(given) : given)

const FUNCTION = "the caller's function"

function fromFunction(call: ProviderFunction): Provider {
  return {
    name: FUNCTION,
    generate: (request) => whole(pieces(call, request), request.signal),
    stream: (request) => pieces(call, request),
  }
}

/** A whole answer is one piece; of a function's stream, the end is the end: it throws when it breaks. */
async function* pieces(call: ProviderFunction, request: ProviderRequest): AsyncGenerator<ProviderPiece> {
  const given = await call(request)
  if (typeof given === 'string') return yield { text: given, finished: true }
  if (!isIterable(given)) return yield { ...told(FUNCTION, given), finished: true }
  for await (const piece of given) yield told(FUNCTION, typeof piece === 'string' ? { text: piece } : piece)
  yield { text: '', finished: true }
}

const isIterable = <T>(value: unknown): value is AsyncIterable<T> =>
  typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)

/** An answer or a piece of one, if it has a text. */
export function told<T extends { text: string }>(name = 'the provider', given: T): T {
  if (isRecord(given) && typeof given.text === 'string') return given
  throw new StudioError('PM_PROVIDER', `${name} gave no answer but ${found(given)}; an answer is { text: string, usage?, model? }`)
}

/** What an endpoint sent, read. */
export function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const begins = JSON.stringify(text.slice(0, 80))
    throw new StudioError('PM_PROVIDER', `the endpoint sent no JSON (${messageOf(error)}) but ${begins}; check baseUrl, and what stands between`, error)
  }
}

/** All pieces as one answer; the stream is closed once nobody waits for it. */
async function whole(pieces: AsyncIterable<ProviderPiece>, signal: AbortSignal): Promise<ProviderAnswer> {
  const answer: ProviderAnswer = { text: '' }
  for await (const { text, usage, model } of pieces) {
    if (signal.aborted) throw aborted()
    answer.text += text
    if (usage) answer.usage = usage
    if (model) answer.model = model
  }
  return answer
}

/** A stream of any provider; one without streams answers in one piece. */
export async function* streamOf(provider: Provider, request: ProviderRequest): AsyncGenerator<ProviderPiece> {
  if (!provider.stream) return yield { ...told(provider.name, await provider.generate(request)), finished: true }
  const given = provider.stream(request)
  if (!isIterable<ProviderPiece>(given)) {
    throw new StudioError('PM_PROVIDER', `${provider.name} gave no stream but ${found(given)}; stream() gives an AsyncIterable`)
  }
  for await (const piece of given) yield told(provider.name, piece)
}

/** What a provider cannot do. */
export function unsupported(provider: Provider, what: string): StudioError {
  return new StudioError('PM_PROVIDER', `${provider.name} has no ${what}; configure a provider that has`)
}
