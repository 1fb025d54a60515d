/** What `EmbeddingResult.model` says of vectors without meaning. */
export const EXACT_ONLY_MODEL = 'exact-match-only'

/**
 * A vector of length 1 drawn from the text: the same text gives the same vector, any two others are nearly at right
 * angles. So a search finds equal texts and nothing else, which is all that can be promised without an encoder.
 */
export function exactOnly(text: string, dimensions: number): number[] {
  let state = 0x811c9dc5
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193)
  const numbers = Array.from({ length: dimensions }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return state / 2 ** 31
  })
  const length = Math.sqrt(numbers.reduce((sum, number) => sum + number * number, 0))
  return numbers.map((number) => number / length)
}
