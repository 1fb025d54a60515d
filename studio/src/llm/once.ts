// One answer for all who ask the same at once, kept afterwards.
import type { CacheAnswer } from '@mixxclub/prime-memory'
import { readAnswerLater, writeAnswerLater } from '../cache/answers.js'
import { canonical } from '../cache/local-cache.js'
import { DEFAULT_TTL_MS, type Question } from '../cache/request.js'
import { session, singleton } from '../store/session.js'
import { limited, type Limit } from './attempts.js'
import { Flight } from './flight.js'
import { replayed } from './replay.js'

/** A piece that says only that `isAsking` changed: looking up and keeping are in nobody's time limit. */
const NOTED = ''

/** Asks the provider: the pieces, then the whole. */
export type Ask = (signal: AbortSignal) => AsyncGenerator<string, CacheAnswer>

/** How long one of those who wait does so, and what ends that earlier. */
export interface Patience {
  signal?: AbortSignal | undefined
  timeoutMs: number
}

/**
 * The answer kept for this question, else the provider's, which is then kept. Callers who ask the same at the same time
 * share one call, in pieces or whole; its error reaches all and is not kept. Each waits as long as it said itself.
 */
export async function answerOnce(question: Question, ask: Ask, { signal, timeoutMs }: Patience): Promise<string> {
  const limit = limited(signal, timeoutMs)
  let answer = ''
  try {
    const flight = flightOf(question, ask)
    for await (const piece of flight.follow(limit.signal)) {
      if (piece === NOTED) time(limit, flight)
      answer += piece
    }
    return answer
  } catch (error) {
    throw limit.reason(error)
  } finally {
    limit.done()
  }
}

/** As `answerOnce`, in pieces; the time limit is for each. */
export async function* streamOnce(question: Question, ask: Ask, { signal, timeoutMs }: Patience): AsyncGenerator<string, void> {
  const limit = limited(signal, timeoutMs)
  try {
    const flight = flightOf(question, ask)
    for await (const piece of flight.follow(limit.signal)) {
      if (flight.isKept) return yield* replayed(piece, signal)
      time(limit, flight)
      if (piece === NOTED) continue
      yield piece
      time(limit, flight)
    }
  } catch (error) {
    throw limit.reason(error)
  } finally {
    limit.done()
  }
}

const time = (limit: Limit, flight: Flight): void => (flight.isAsking ? limit.begin() : limit.end())

/** The flight under way for this question, or a new one. */
function flightOf(question: Question, ask: Ask): Flight {
  const flights = singleton('flights', () => new Map<string, Flight>())
  // Another store may hold another answer.
  const key = `${session.settings.path ?? ''}\n${canonical(question)}`
  const underWay = flights.get(key)
  if (underWay) return underWay
  const flight: Flight = new Flight((flight, signal) => keptOrAsked(flight, question, ask, signal), () => {
    if (flights.get(key) === flight) flights.delete(key)
  })
  flights.set(key, flight)
  return flight
}

async function* keptOrAsked(flight: Flight, question: Question, ask: Ask, signal: AbortSignal): AsyncGenerator<string, void> {
  const kept = await readAnswerLater(question, DEFAULT_TTL_MS, signal)
  if (kept !== null) {
    flight.isKept = true
    return yield kept
  }
  flight.isAsking = true
  yield NOTED
  const answer = yield* ask(signal)
  flight.isAsking = false
  yield NOTED
  await writeAnswerLater(question, answer)
}
