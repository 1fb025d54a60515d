import type { CacheRequest } from '@mixxclub/prime-memory'
import type { ToldFacts } from '../recall/data.js'
import { splitRecallSection } from '../recall/section.js'
import { session } from '../store/session.js'
import { legacyHash } from './legacy.js'

/** The model the Studio means when it names none. */
export const DEFAULT_MODEL = 'gemini-2.5-flash'
export const DEFAULT_TEMPERATURE = 0.7
/** How old an answer may be, milliseconds, when the reader does not say: a day. */
export const DEFAULT_TTL_MS = 86_400_000

/** A request, and the number under which the Studio's own cache would have kept its answer. */
export interface Question {
  request: CacheRequest
  /** Null where that number is known to mix up requests: it took temperature 0 for 0.7. Worked out when asked for. */
  legacyHash: () => string | null
}

/** Options that say how to ask, not what is answered. */
const NOT_PART_OF_THE_QUESTION = new Set(['useCache', 'useMixxRecall', 'signal', 'timeoutMs'])

/** A call of the Studio's cache as a request. A recall section inside the prompt is told apart from the question. */
export function question(prompt: string, context?: Record<string, unknown>, options?: Record<string, unknown>): Question {
  const split = splitRecallSection(prompt)
  return {
    request: request(split.prompt, context, options, split.recall),
    legacyHash: () => legacyHashOf(prompt, context, options),
  }
}

/** A question whose recall was never part of the prompt; `asSent` is the prompt as the Studio's own assistant sent it. */
export function questionWithRecall(
  prompt: string,
  asSent: string,
  recall: ToldFacts | null,
  context?: Record<string, unknown>,
  options?: Record<string, unknown>,
): Question {
  return { request: request(prompt, context, options, recall), legacyHash: () => legacyHashOf(asSent, context, options) }
}

function request(
  prompt: string,
  context: Record<string, unknown> | undefined,
  options: Record<string, unknown> | undefined,
  recall: ToldFacts | null,
): CacheRequest {
  const { scope } = session.settings
  return {
    prompt,
    ...(context && { context }),
    options: counting(options),
    ...(recall && Object.keys(recall).length > 0 && { recall }),
    ...(scope !== undefined && { scope }),
  } as CacheRequest
}

/** What can change the answer, with the Studio's defaults filled in. */
function counting(options: Record<string, unknown> = {}): Record<string, unknown> {
  const given = Object.entries(options).filter(([name, value]) => value != null && !NOT_PART_OF_THE_QUESTION.has(name))
  return { model: DEFAULT_MODEL, temperature: DEFAULT_TEMPERATURE, ...Object.fromEntries(given) }
}

function legacyHashOf(prompt: string, context?: unknown, options?: Record<string, unknown>): string | null {
  return options?.temperature === 0 ? null : legacyHash(prompt, context, options)
}
