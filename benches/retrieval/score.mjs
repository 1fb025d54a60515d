/** Ranks of right answers, and what they say about two ways of asking. */
import { bootstrap, mean } from '../measure/quantiles.mjs'
import { seeded } from '../measure/random.mjs'

/** Ranks looked at; a right answer further down counts as not found. */
export const DEPTH = 50

/** @typedef {number[]} Ranks of the right answer of each query, from 1; Infinity when it was not found */

/** @param {string[]} ids found, best first @param {string} right */
export function rankOf(ids, right) {
  const at = ids.indexOf(right)
  return at < 0 ? Infinity : at + 1
}

/** @param {Ranks} ranks */
export function scores(ranks) {
  return {
    'R@1': recallAt(ranks, 1),
    'R@5': recallAt(ranks, 5),
    MRR: mean(ranks.map((rank) => 1 / rank))
  }
}

/** @param {Ranks} ranks @param {number} depth */
function recallAt(ranks, depth) {
  return mean(ranks.map((rank) => Number(rank <= depth)))
}

/**
 * How much more often `a` has the right answer first than `b`, query by query.
 * @param {Ranks} a @param {Ranks} b @returns {{ difference: number, low: number, high: number }} 95 % bootstrap interval
 */
export function gain(a, b) {
  const differences = a.map((rank, i) => Number(rank === 1) - Number(b[i] === 1))
  return { difference: mean(differences), ...bootstrap(differences, seeded(95)) }
}
