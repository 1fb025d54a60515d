import { aborted, unlessAborted } from './attempts.js'

/** Where an answer comes from, piece by piece. */
export type Source = (flight: Flight, signal: AbortSignal) => AsyncGenerator<string, void>

/** The signals of flights: whoever asks for one asks for all who follow it. */
const ofFlights = new WeakSet<AbortSignal>()

export const isOfFlight = (signal: AbortSignal | undefined): boolean => signal !== undefined && ofFlights.has(signal)

/**
 * One answer on its way to all who asked the same. It moves on when one of them wants more, whoever comes late is told
 * what has come already, and it is cancelled when the last has left, and not before.
 */
export class Flight {
  /** Whether the answer was kept: then it is one piece. */
  isKept = false
  /** Whether the provider is at work. */
  isAsking = false
  readonly #pieces: string[] = []
  readonly #controller = new AbortController()
  readonly #source: AsyncGenerator<string, void>
  readonly #over: () => void
  #end: { error?: unknown } | undefined
  #next: Promise<void> | undefined
  #followers = 0

  /** @param over told once that nobody can join any more */
  constructor(source: Source, over: () => void) {
    ofFlights.add(this.#controller.signal)
    this.#source = source(this, this.#controller.signal)
    this.#over = over
  }

  /** The whole answer for one of those who asked; its error reaches all. A signal that is aborted leaves alone. */
  async *follow(signal: AbortSignal): AsyncGenerator<string, void> {
    const leave = this.#join(signal)
    try {
      for (let i = 0; ; i++) {
        while (!signal.aborted && i >= this.#pieces.length && !this.#end) await unlessAborted(this.#advance(), signal)
        if (signal.aborted) throw aborted()
        if (i < this.#pieces.length) yield this.#pieces[i]!
        else if ('error' in this.#end!) throw this.#end!.error
        else return
      }
    } finally {
      leave()
    }
  }

  #join(signal: AbortSignal): () => void {
    this.#followers += 1
    let left = false
    const leave = () => {
      if (left) return
      left = true
      signal.removeEventListener('abort', leave)
      this.#followers -= 1
      if (this.#followers === 0 && !this.#end) this.#cancel()
    }
    signal.addEventListener('abort', leave, { once: true })
    return leave
  }

  /** One piece, or the end; never rejects. */
  #advance(): Promise<void> {
    const step = async () => {
      try {
        const { done, value } = await this.#source.next()
        if (done) this.#finish({})
        else this.#pieces.push(value)
      } catch (error) {
        this.#finish({ error })
      }
      this.#next = undefined
    }
    return (this.#next ??= step())
  }

  #finish(end: { error?: unknown }): void {
    this.#end ??= end
    this.#over()
  }

  #cancel(): void {
    this.#finish({ error: aborted() })
    this.#controller.abort()
    // Not waited for: a provider that hangs would hang its caller.
    this.#source.return().catch(() => undefined)
  }
}
