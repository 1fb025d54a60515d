/** How the figures of a report are read: the same in the terminal and on the page. */

/** @typedef {'heldOut' | 'kept' | 'half'} Way how an item was asked for */
/** @typedef {import('../../index.js').KindFigures} KindFigures */

/** @type {Record<Way, { title: string, short: string, what: string }>} */
export const ways = {
  heldOut: { title: 'By a sentence left out', short: 'left out', what: 'A sentence was held out before the item was encoded; the rest must be found by it.' },
  kept: { title: 'By a sentence in it', short: 'in it', what: 'A sentence that was encoded with the item must find it: its detail must have survived.' },
  half: { title: 'By the other half', short: 'half', what: 'Items of one sentence: the first half was encoded, the second must find it.' }
}

/** The ways in which this kind was asked for, most telling first. @param {KindFigures} figures @returns {Way[]} */
export function waysOf({ baselines }) {
  return /** @type {Way[]} */ (Object.keys(ways)).filter((way) => baselines?.keyword[way])
}

/** The 95 % interval (Wilson) of a share that was seen in `questions` questions. @param {number} share @param {number} questions */
export function interval(share, questions) {
  const z = 1.96
  const scale = 1 + z ** 2 / questions
  const middle = share + z ** 2 / (2 * questions)
  const half = z * Math.sqrt((share * (1 - share)) / questions + z ** 2 / (4 * questions ** 2))
  return { low: Math.max(0, (middle - half) / scale), high: Math.min(1, (middle + half) / scale) }
}

/** `68 to 100 %`. @param {number} share @param {number} questions */
export function between(share, questions) {
  const { low, high } = interval(share, questions)
  return `${Math.round(low * 100)} to ${percent(high)}`
}

/** @param {number | undefined | null} share */
export function percent(share) {
  return typeof share === 'number' ? `${Math.round(share * 100)} %` : '–'
}
