// One question on its way to the provider and back.
import type { CacheAnswer } from '@mixxclub/prime-memory'
import { StudioError } from '../errors.js'
import { session } from '../store/session.js'
import { closed, limited, repeated, unlessAborted } from './attempts.js'
import { isOfFlight } from './flight.js'
import { gemini } from './gemini.js'
import { asProvider, streamOf, told, type Provider, type ProviderPiece, type ProviderRequest, type ProviderUsage } from './provider.js'

export const DEFAULT_TIMEOUT_MS = 60_000

/** A request before somebody decided when it must end. */
export type Draft = Omit<ProviderRequest, 'signal'>

/** The configured provider; Gemini where none is. Made on first use, so that nothing is needed before. */
export function provider(): Provider {
  const { provider } = session.settings
  if (provider) return asProvider(provider)
  return (defaultProvider ??= gemini())
}

let defaultProvider: Provider | undefined

/** The whole answer. `timeoutMs` `Infinity`: no limit. Throws what the provider throws, `PM_TIMEOUT`, or an `AbortError`. */
export async function ask(to: Provider, draft: Draft, signal: AbortSignal | undefined, timeoutMs = timeLimit()): Promise<CacheAnswer> {
  const limit = limited(signal, timeoutMs)
  limit.begin()
  try {
    const { text, usage } = await repeated(limit.signal, () =>
      unlessAborted(generated(to, { ...draft, signal: limit.signal }), limit.signal),
    )
    return { content: text, ...(usage && { usage }) }
  } catch (error) {
    throw limit.reason(error)
  } finally {
    limit.done()
  }
}

/**
 * The answer as it arrives; returns the whole of it. Repeated only while nothing has arrived yet. A stream that breaks,
 * is cut, or is left throws or ends here, so that nothing unfinished is kept. The time limit is for each piece, and does
 * not run while the caller works with one. A piece without a text (a thought) counts too: a flight, whose followers have
 * limits of their own, is told of it by an empty one.
 */
export async function* askStream(to: Provider, draft: Draft, signal: AbortSignal | undefined, timeoutMs = timeLimit()): AsyncGenerator<string, CacheAnswer> {
  const limit = limited(signal, timeoutMs)
  limit.begin()
  const whole: { content: string; usage?: ProviderUsage } = { content: '' }
  let pieces: AsyncIterator<ProviderPiece> | undefined
  try {
    const begun = await repeated(limit.signal, () => begin(to, { ...draft, signal: limit.signal }))
    pieces = begun.pieces
    let finished = false
    for (let next = begun.first; !next.done; next = await unlessAborted(pieces.next(), limit.signal)) {
      limit.end()
      const { text, usage } = next.value
      finished ||= next.value.finished === true
      whole.content += text
      if (usage) whole.usage = usage
      if (text || isOfFlight(signal)) yield text
      limit.begin()
    }
    if (limit.signal.aborted) throw new Error('stopped')
    if (!finished) throw new StudioError('PM_PROVIDER', `${to.name} ended the stream before the answer was whole; nothing was kept`)
    return whole
  } catch (error) {
    throw limit.reason(error)
  } finally {
    limit.done()
    // Closes the connection of a stream that is left early; after its end this does nothing.
    limit.stop()
    closed(pieces)
  }
}

/** The whole answer as a stream of one piece. */
export async function* askWhole(to: Provider, draft: Draft, signal: AbortSignal, timeoutMs?: number): AsyncGenerator<string, CacheAnswer> {
  const answer = await ask(to, draft, signal, timeoutMs)
  if (answer.content) yield answer.content
  return answer
}

const generated = async (to: Provider, request: ProviderRequest) => told(to.name, await to.generate(request))

async function begin(to: Provider, request: ProviderRequest) {
  const pieces = streamOf(to, request)[Symbol.asyncIterator]()
  try {
    return { pieces, first: await unlessAborted(pieces.next(), request.signal) }
  } catch (error) {
    closed(pieces)
    throw error
  }
}

export const timeLimit = (): number => session.settings.timeoutMs ?? DEFAULT_TIMEOUT_MS
