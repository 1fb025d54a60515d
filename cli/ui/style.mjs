/** Colours, where they are wanted: on a terminal, unless NO_COLOR (https://no-color.org) or a dumb terminal says no. */

/**
 * @typedef {object} Style each paints a text; without colours, hands it back
 * @property {(text: string) => string} bold
 * @property {(text: string) => string} dim
 * @property {(text: string) => string} accent
 * @property {(text: string) => string} warning
 */

/** @param {{ isTTY?: boolean }} stream @param {NodeJS.ProcessEnv} env @returns {boolean} */
export function wantsColour(stream, env) {
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
}

/** @param {boolean} coloured @returns {Style} */
export function createStyle(coloured) {
  const paint = (/** @type {number} */ on, /** @type {number} */ off) => (/** @type {string} */ text) => (coloured && text !== '' ? `\x1b[${on}m${text}\x1b[${off}m` : text)
  return { bold: paint(1, 22), dim: paint(2, 22), accent: paint(36, 39), warning: paint(33, 39) }
}
