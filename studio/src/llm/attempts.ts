// How a request reaches the provider: spaced, within its time, again when it was no fault of the request.
import { messageOf, StudioError } from '../errors.js'
import { session, singleton } from '../store/session.js'

/** Longest wait before a repetition, milliseconds, unless the provider asks for more. */
const LONGEST_BACKOFF_MS = 8_000

/** The longest a timer can wait; given more, Node and browsers wait not at all. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** An `AbortError` as the addon's. */
export function aborted(): Error {
  return Object.assign(new Error('cancelled by the caller'), { name: 'AbortError', code: 'PM_ABORTED' })
}

/** The caller's signal and a time limit, once begun, as one signal. */
export interface Limit {
  signal: AbortSignal
  /** Begins the time, anew where it runs already. */
  begin: () => void
  /** Stops the time. */
  end: () => void
  /** Ends waiting; must be called. */
  done: () => void
  /** Ends what the signal was given to. */
  stop: () => void
  /** SDKs word an abort in their own ways; here it is told by who aborted. */
  reason: (error: unknown) => unknown
}

/** @param timeoutMs `Infinity` for no limit */
export function limited(signal: AbortSignal | undefined, timeoutMs: number): Limit {
  const controller = new AbortController()
  const stop = () => controller.abort()
  let late = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const end = () => clearTimeout(timer)
  const begin = () => {
    end()
    if (timeoutMs === Infinity) return
    timer = setTimeout(() => {
      late = true
      stop()
    }, Math.min(timeoutMs, LONGEST_TIMER_MS))
  }
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop, { once: true })
  const done = () => {
    end()
    signal?.removeEventListener('abort', stop)
  }
  const reason = (error: unknown) => {
    if (late) return new StudioError('PM_TIMEOUT', `no answer within ${timeoutMs} ms; raise timeoutMs, or ask for less`, error)
    return controller.signal.aborted ? aborted() : error
  }
  return { signal: controller.signal, begin, end, done, stop, reason }
}

/** Calls `attempt` until it succeeds, its failure is final, or the attempts are used up. */
export async function repeated<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  const { retries = 3, backoffMs = 500 } = session.settings
  for (let tries = 0; ; tries++) {
    await turn(signal)
    try {
      return await attempt()
    } catch (error) {
      if (signal.aborted || tries >= retries || !passing(error)) throw error
      await pause(askedFor(error) ?? jittered(backoffMs * 2 ** tries), signal)
    }
  }
}

/** Those whose requests wait to go out, one after the other. */
interface Line {
  /** Settled when the last of them has gone out, or has left. */
  last: Promise<void>
  /** When a request last went out, by `performance.now`, which no change of the clock turns back. */
  sentAt: number
}

/** How often who waits looks whether `spacingMs` was changed, milliseconds. */
const LOOK_AGAIN_MS = 200

/**
 * Waits until a request may go out: first come, first served, and at least `spacingMs` after the one that went out before.
 * Who is cancelled leaves at once, and nobody waits for the turn that was not taken.
 */
export function turn(signal: AbortSignal): Promise<void> {
  const line = singleton('requests', (): Line => ({ last: Promise.resolve(), sentAt: -Infinity }))
  const mine = line.last.then(() => first(line, signal))
  line.last = mine.catch(() => undefined)
  return unlessAborted(mine, signal)
}

/** Waits as the first of the line. */
async function first(line: Line, signal: AbortSignal): Promise<void> {
  for (;;) {
    if (signal.aborted) throw aborted()
    const { spacingMs = 100 } = session.settings
    const wait = line.sentAt + spacingMs - performance.now()
    if (wait <= 0) break
    await pause(Math.min(wait, LOOK_AGAIN_MS), signal)
  }
  line.sentAt = performance.now()
}

/** Half to all of it, so that many clients that failed together do not come back together. */
const jittered = (ms: number): number => Math.min(ms, LONGEST_BACKOFF_MS) * (0.5 + Math.random() / 2)

/** Whether a failure may pass by itself: too many requests, the server's own trouble, a broken connection. */
export function passing(error: unknown): boolean {
  const status = (error as { status?: unknown } | null)?.status
  if (typeof status === 'number') return status === 429 || status === 408 || status >= 500
  if ((error as { code?: unknown } | null)?.code === 'PM_PROVIDER') return false
  return /fetch|network|load failed|socket|ECONN|terminated|connection error/i.test(messageOf(error))
}

/**
 * Milliseconds that the provider asked to wait: `Retry-After` in seconds or as a date, where the error has headers, or
 * `retryDelay` in the text of Google's errors. Those of `@google/genai` have no headers: of them only the latter is known.
 */
function askedFor(error: unknown): number | undefined {
  const asked = retryAfter((error as { headers?: unknown } | null)?.headers) ?? /"retryDelay":\s*"([\d.]+)s"/.exec(messageOf(error))?.[1]
  if (asked == null || asked === '') return undefined
  const ms = Number.isFinite(Number(asked)) ? Number(asked) * 1000 : Date.parse(String(asked)) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}

/** `Headers`, or a plain object, in which clients other than `fetch` put them. */
function retryAfter(headers: unknown): unknown {
  if (typeof headers !== 'object' || headers === null) return undefined
  if ('get' in headers && typeof headers.get === 'function') return headers.get('retry-after')
  return Object.entries(headers).find(([name]) => name.toLowerCase() === 'retry-after')?.[1]
}

/** The promise, or an `AbortError` as soon as the signal is aborted: nobody has to trust a provider to look at it. */
export function unlessAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const stop = () => reject(aborted())
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

/** Lets a stream clean up. Not waited for: one that hangs would hang its reader. */
export const closed = (stream: AsyncIterator<unknown> | undefined): void => void stream?.return?.()?.catch?.(() => undefined)

/** Waits; rejects at once when the signal is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(aborted())
  if (ms <= 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(aborted())
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, Math.min(ms, LONGEST_TIMER_MS))
    signal.addEventListener('abort', stop, { once: true })
  })
}
