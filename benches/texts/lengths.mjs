/** Texts of a given number of text tokens. */
import { seeded } from '../measure/random.mjs'
import { Notes, projectFacts } from './notes.mjs'

/** One text token of its own wherever it stands. */
const FILLER = ' bass'

/** @typedef {(text: string) => number} Count text tokens of a text */

/**
 * `how many` different texts of exactly `textTokens` text tokens each.
 * @param {number} howMany @param {number} textTokens @param {Count} count @returns {Promise<string[]>}
 */
export async function textsOfLength(howMany, textTokens, count) {
  const notes = new Notes(await projectFacts(), seeded(textTokens))
  return Array.from({ length: howMany }, () => exactly(notes.note(textTokens), textTokens, count))
}

/** @param {string} text @param {number} textTokens @param {Count} count */
function exactly(text, textTokens, count) {
  let shorter = text
  while (count(shorter) > textTokens) shorter = shorter.slice(0, Math.max(shorter.lastIndexOf(' '), 1))
  return shorter + FILLER.repeat(textTokens - count(shorter))
}

/**
 * A studio's notes: 4 to 400 text tokens, each length as likely as its logarithm, so that half are under 40.
 * @param {number} howMany @param {number} [seed] @returns {Promise<string[]>}
 */
export async function mixedNotes(howMany, seed = 1) {
  const random = seeded(seed)
  const notes = new Notes(await projectFacts(), random)
  return Array.from({ length: howMany }, () => notes.note(Math.round(4 * 100 ** random())))
}
