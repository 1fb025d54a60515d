import { badOption, StudioError } from '../errors.js'
import { isRecord } from '../store/web-storage.js'
import { aName, aText, anObject, checkOptions, type Known } from './options.js'
import { events } from './server-sent-events.js'
import { asJson, type Provider, type ProviderAnswer, type ProviderPiece, type ProviderRequest } from './provider.js'

/** How to reach an endpoint that speaks OpenAI's chat completions: OpenAI, Ollama, llama.cpp, vLLM, LM Studio … */
export interface OpenAIOptions {
  /** The model asked when the caller names none, or one of Gemini's, as the Studio does. */
  model: string
  /** A client of the `openai` package, instead of `fetch`. */
  client?: OpenAIClient
  /** Up to and with `/v1`. @default 'https://api.openai.com/v1' */
  baseUrl?: string
  /** @default OPENAI_API_KEY of the environment, else none is sent */
  apiKey?: string
}

/** The part of an `OpenAI` client that is used here. */
export interface OpenAIClient {
  // The SDK overloads this by `stream`; both forms are told apart by what they give.
  chat: { completions: { create(body: any, options?: any): PromiseLike<any> } }
}

interface Completion {
  model?: string
  choices?: { message?: { content?: string | null; tool_calls?: unknown[] | null }; delta?: { content?: string | null }; finish_reason?: string | null }[]
  usage?: { prompt_tokens?: number; completion_tokens?: number } | null
  /** Instead of the rest, with status 200: what went wrong. */
  error?: unknown
}

const OPTIONS: Known<OpenAIOptions> = { model: aName, client: anObject, baseUrl: aText, apiKey: aText }

/**
 * Any OpenAI-compatible endpoint. `thinkingConfig` is Gemini's own and is not sent.
 *
 * @throws `PM_UNKNOWN_OPTION`, `PM_BAD_OPTION`
 */
export function openAICompatible(options: OpenAIOptions): Provider {
  checkOptions('openAICompatible', options, OPTIONS)
  if (options.model === undefined) throw badOption('openAICompatible.model: missing; give the name of the model to ask')
  const create = options.client ? throughClient(options.client) : throughFetch(options)
  return {
    name: 'the OpenAI-compatible endpoint',
    modelFor: (asked) => (asked === undefined || asked.startsWith('gemini') ? options.model : asked),
    async generate(request) {
      const completion = (await create(body(request, false), request.signal)) as Completion
      refuseFailed(completion)
      if (!Array.isArray(completion?.choices)) throw malformed(completion)
      refuseBlocked(completion)
      const [choice] = completion.choices
      // An answer may be empty, but what only calls tools is none.
      if (!choice?.message || (!choice.message.content && choice.message.tool_calls?.length)) throw malformed(completion)
      return answer(completion, choice.message.content)
    },
    async *stream(request) {
      const chunks = (await create(body(request, true), request.signal)) as AsyncIterable<Completion>
      // Usage comes in a chunk of its own, after the one that says why it ended.
      let last: ProviderPiece | undefined
      for await (const chunk of chunks) {
        refuseFailed(chunk)
        if (!isRecord(chunk)) throw malformed(chunk)
        refuseBlocked(chunk)
        const next = piece(chunk)
        if (last) last = { ...last, ...next, text: last.text + next.text, finished: true }
        else if (next.finished) last = next
        else yield next
      }
      if (last) yield last
    },
  }
}

type Create = (body: object, signal: AbortSignal) => PromiseLike<unknown>

/** Its own retries are switched off: they would be repeated by ours. */
const throughClient = (client: OpenAIClient): Create => (body, signal) =>
  client.chat.completions.create(body, { signal, maxRetries: 0 })

function throughFetch({ baseUrl = 'https://api.openai.com/v1', apiKey = keyOfEnvironment() }: OpenAIOptions): Create {
  return async (body, signal) => {
    const response = await fetch(`${baseUrl.replace(/\/$/, '')}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
      body: JSON.stringify(body),
      signal,
    })
    if (!response.ok) throw await refusal(response)
    return 'stream' in body ? events(response) : asJson(await response.text())
  }
}

function keyOfEnvironment(): string | undefined {
  return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.OPENAI_API_KEY
}

/** The error the retries read: a status, and what the endpoint asked to wait. */
async function refusal(response: Response): Promise<Error> {
  const text = (await response.text().catch(() => '')).slice(0, 300)
  const error = new StudioError('PM_PROVIDER', `${response.status} ${response.statusText}: ${text}`)
  return Object.assign(error, { status: response.status, headers: response.headers })
}

function body({ model, prompt, systemPrompt, temperature, maxTokens, image }: ProviderRequest, stream: boolean): object {
  const url = image && `data:${image.mimeType};base64,${image.data}`
  const content = url ? [{ type: 'image_url', image_url: { url } }, { type: 'text', text: prompt }] : prompt
  return {
    model,
    messages: [...(systemPrompt !== undefined ? [{ role: 'system', content: systemPrompt }] : []), { role: 'user', content }],
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(stream && { stream: true, stream_options: { include_usage: true } }),
  }
}

function answer({ usage, model }: Completion, text: string | null | undefined): ProviderAnswer {
  return {
    text: text ?? '',
    ...(usage && {
      usage: {
        ...(usage.prompt_tokens !== undefined && { inputTokens: usage.prompt_tokens }),
        ...(usage.completion_tokens !== undefined && { outputTokens: usage.completion_tokens }),
      },
    }),
    ...(model && { model }),
  }
}

function piece(chunk: Completion): ProviderPiece {
  const choice = chunk.choices?.[0]
  return { ...answer(chunk, choice?.delta?.content), finished: ['stop', 'length'].includes(choice?.finish_reason ?? '') }
}

/** An error that came with status 200, or in the middle of a stream, in the endpoint's own words and with its status. */
function refuseFailed(completion: Completion | null | undefined): void {
  const error = completion?.error
  if (error == null) return
  const { message = JSON.stringify(error), code, status = code } = (isRecord(error) ? error : {}) as { message?: unknown; code?: unknown; status?: unknown }
  const failure = new StudioError('PM_PROVIDER', `the endpoint failed: ${String(message).slice(0, 300)}; nothing was kept`)
  throw Object.assign(failure, typeof status === 'number' && { status })
}

function refuseBlocked({ choices }: Completion): void {
  if (choices?.[0]?.finish_reason !== 'content_filter') return
  throw new StudioError('PM_PROVIDER', 'the endpoint held the answer back: content_filter')
}

function malformed(found: unknown): StudioError {
  return new StudioError('PM_PROVIDER', `the endpoint gave no answer in words: ${JSON.stringify(found)?.slice(0, 200)}`)
}
