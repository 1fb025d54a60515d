/** How many columns of a terminal a text takes. Names of songs are in every script there is. */

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
const WIDE = /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}])/u
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu

/** Without what moves a cursor, changes a colour or turns the reading direction: file names come from anywhere. @param {string} text */
export function printable(text) {
  return text.replace(INVISIBLE, ' ').trim()
}

/** @param {string} text of printable characters @returns {number} columns */
export function displayWidth(text) {
  let columns = 0
  for (const { segment } of graphemes.segment(text)) columns += WIDE.test(segment) ? 2 : 1
  return columns
}

/** Cut to fit, the cut shown by `…`. @param {string} text @param {number} columns */
export function fitted(text, columns) {
  if (displayWidth(text) <= columns) return text
  let [kept, used] = ['', 1]
  for (const { segment } of graphemes.segment(text)) {
    used += displayWidth(segment)
    if (used > columns) break
    kept += segment
  }
  return columns > 0 ? `${kept.trimEnd()}…` : ''
}

/** @param {string} text @param {number} columns @param {'left' | 'right'} align */
export function padded(text, columns, align) {
  const gap = ' '.repeat(Math.max(0, columns - displayWidth(text)))
  return align === 'right' ? gap + text : text + gap
}
