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

/** Half the width of the 95 % interval of a share that was seen in `questions` questions. @param {number} share @param {number} questions */
export function margin(share, questions) {
  return questions > 0 ? 1.96 * Math.sqrt((share * (1 - share)) / questions) : 1
}

/** @param {number | undefined | null} share */
export function percent(share) {
  return typeof share === 'number' ? `${Math.round(share * 100)} %` : '–'
}
