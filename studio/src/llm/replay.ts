import { aborted } from './attempts.js'

/** About this many characters make a piece; pieces end where a word does. */
const PIECE = 48

/** A kept answer as a stream. Together the pieces are the answer, character for character. */
export async function* replayed(content: string, signal: AbortSignal | undefined): AsyncGenerator<string, void, unknown> {
  for (const [piece] of content.matchAll(new RegExp(`[\\s\\S]{1,${PIECE}}\\S*\\s*`, 'g'))) {
    if (signal?.aborted) throw aborted()
    yield piece
  }
}
