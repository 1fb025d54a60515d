import type { CacheRequest } from '@mixxclub/prime-memory'
import { copied, isNothing } from '../llm/options.js'
import { audioContextText } from '../llm/prompts.js'
import type { ToldFacts } from '../recall/data.js'
import { splitRecallSection } from '../recall/section.js'
import { session } from '../store/session.js'
import { legacyHash, mayBeAnother } from './legacy.js'

/** The model the Studio means when it names none. */
export const DEFAULT_MODEL = 'gemini-2.5-flash'
export const DEFAULT_TEMPERATURE = 0.7
/** How old an answer may be, milliseconds, when the reader does not say: a day. */
export const DEFAULT_TTL_MS = 86_400_000

/** A request, and the number under which the Studio's own cache would have kept its answer. */
export interface Question {
  request: CacheRequest
  /** Null where that number may mean another request, see `legacyHashOf`. Worked out when asked for. */
  legacyHash: () => string | null
}

/** Options that say how to ask, not what is answered. */
const NOT_PART_OF_THE_QUESTION = new Set(['useCache', 'useMixxRecall', 'signal', 'timeoutMs'])

/** A call of the Studio's cache as a request. A recall section inside the prompt is told apart from the question. */
export function question(prompt: string, context?: Record<string, unknown>, options?: Record<string, unknown>): Question {
  const split = splitRecallSection(prompt)
  return {
    request: request(split.prompt, context, options, split.recall),
    legacyHash: () => legacyHashOf(prompt, withoutContext(split.prompt, context), context, options),
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
  return { request: request(prompt, context, options, recall), legacyHash: () => legacyHashOf(asSent, prompt, context, options) }
}

function request(
  prompt: string,
  context: Record<string, unknown> | undefined,
  options: Record<string, unknown> | undefined,
  recall: ToldFacts | null,
): CacheRequest {
  const { scope } = session.settings
  const known = context ? asJson(context) : {}
  return {
    prompt,
    // An empty one says nothing.
    ...(Object.keys(known).length > 0 && { context: known }),
    options: counting(options),
    ...(recall && Object.keys(recall).length > 0 && { recall }),
    ...(scope !== undefined && { scope }),
  } as CacheRequest
}

/** As the Studio's own key has it: a number that JSON cannot say, such as the -Infinity LUFS of silence, is unknown, null. */
const asJson = (context: Record<string, unknown>): Record<string, unknown> => JSON.parse(JSON.stringify(context))

/** What can change the answer, as the assistant sends it, with the Studio's defaults filled in. */
function counting(options: Record<string, unknown> = {}): Record<string, unknown> {
  const given = Object.entries(options ?? {}).filter(counts).map(([name, value]) => [name, copied(`options.${name}`, value)])
  return { model: DEFAULT_MODEL, temperature: DEFAULT_TEMPERATURE, ...Object.fromEntries(given) }
}

const counts = ([name, value]: [string, unknown]): boolean => !NOT_PART_OF_THE_QUESTION.has(name) && !isNothing(name, value)

/** What the number knows of the options; it took temperature 0 for 0.7. */
const IN_THE_NUMBER = new Set(['model', 'temperature'])

/** Null for a request that others share their number with: by other options, by temperature 0, or by the case of a chord. */
function legacyHashOf(asSent: string, asked: string, context?: unknown, options?: Record<string, unknown>): string | null {
  const others = Object.entries(options ?? {}).filter(counts).some(([name]) => !IN_THE_NUMBER.has(name))
  return others || options?.temperature === 0 || mayBeAnother(asked) ? null : legacyHash(asSent, context, options)
}

/** The context's own case is in the number: what it adds to a prompt cannot be mistaken. */
function withoutContext(prompt: string, context: Record<string, unknown> | undefined): string {
  const added = context ? audioContextText(context) : ''
  return added !== '' && prompt.endsWith(added) ? prompt.slice(0, -added.length) : prompt
}
