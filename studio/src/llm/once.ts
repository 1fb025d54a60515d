// One answer for all who ask the same at once, kept afterwards.
import type { CacheAnswer } from '@mixxclub/prime-memory'
import { keyOf, readAnswerLater, writeAnswerLater } from '../cache/answers.js'
import { DEFAULT_TTL_MS, type Question } from '../cache/request.js'
import { atMost } from '../store/at-most.js'
import { hold } from '../store/memory.js'
import type { Place } from '../store/place.js'
import { singleton } from '../store/session.js'
import { limited, type Limit } from './attempts.js'
import { Flight } from './flight.js'
import { replayed } from './replay.js'

/**
 * A piece without a text: a thought of the provider, which is a piece as any other, or that `isAsking` changed: looking up
 * and keeping are in nobody's time limit.
 */
const NOTED = ''

/** How long an answer that is there waits to be kept, milliseconds: while another process holds the store, nobody waits. */
const MOST_KEEPING_MS = 500

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
export async function answerOnce(place: Place, question: Question, ask: Ask, { signal, timeoutMs }: Patience): Promise<string> {
  const limit = limited(signal, timeoutMs)
  let answer = ''
  let timed = false
  try {
    const flight = flightOf(place, question, ask)
    for await (const piece of flight.follow(limit.signal)) {
      // The limit is for the whole: pieces do not begin it anew.
      if (timed !== flight.isAsking) time(limit, flight)
      timed = flight.isAsking
      answer += piece
    }
    return answer
  } catch (error) {
    throw limit.reason(error)
  } finally {
    limit.done()
  }
}

/** As `answerOnce`, in pieces; the time limit is for each, and does not run while the caller works with one. */
export async function* streamOnce(place: Place, question: Question, ask: Ask, { signal, timeoutMs }: Patience): AsyncGenerator<string, void> {
  const limit = limited(signal, timeoutMs)
  try {
    const flight = flightOf(place, question, ask)
    for await (const piece of flight.follow(limit.signal)) {
      if (flight.isKept) return yield* replayed(piece, signal)
      time(limit, flight)
      if (piece === NOTED) continue
      limit.end()
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
function flightOf(place: Place, question: Question, ask: Ask): Flight {
  const flights = singleton('flights', () => new Map<string, Flight>())
  const key = keyOf(place, question)
  const underWay = flights.get(key)
  if (underWay) return underWay
  const flight: Flight = new Flight((flight, signal) => keptOrAsked(flight, place, question, ask, signal), () => {
    if (flights.get(key) === flight) flights.delete(key)
  })
  flights.set(key, flight)
  return flight
}

async function* keptOrAsked(flight: Flight, place: Place, question: Question, ask: Ask, signal: AbortSignal): AsyncGenerator<string, void> {
  const release = hold(place.store)
  try {
    const kept = await readAnswerLater(place, question, DEFAULT_TTL_MS, signal)
    if (kept !== null) {
      flight.isKept = true
      return yield kept
    }
    flight.isAsking = true
    yield NOTED
    const answer = yield* ask(signal)
    flight.isAsking = false
    yield NOTED
    await atMost(MOST_KEEPING_MS, writeAnswerLater(place, question, answer))
  } finally {
    release()
  }
}
