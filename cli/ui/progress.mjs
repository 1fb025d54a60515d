/** A progress bar on a terminal; in a pipe or a log, a plain line now and then. */
import { displayWidth, fitted, padded, printable } from './width.mjs'

/**
 * @typedef {object} Terminal
 * @property {{ write(text: string): unknown, isTTY?: boolean }} stream
 * @property {number} width columns
 * @property {import('./style.mjs').Style} style
 */

const LONGEST_BAR = 28
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
const MS_BETWEEN_FRAMES = 33
/** In a pipe one line for so much of the work. */
const PLAIN_STEP = 1 / 4

/**
 * @param {string} label what is being done, `Reading`
 * @param {number} total
 * @param {Terminal} terminal
 */
export function createProgress(label, total, { stream, width, style }) {
  const isTerminal = stream.isTTY === true
  let drawnAt = -Infinity
  let nextPlainLine = PLAIN_STEP
  const draw = (/** @type {number} */ done, /** @type {string} */ detail) => {
    const now = performance.now()
    if (now - drawnAt < MS_BETWEEN_FRAMES) return
    drawnAt = now
    stream.write(`\r\x1b[K${progressLine({ label, done, total, detail, width, style })}`)
  }
  const log = (/** @type {number} */ done) => {
    const finished = Math.floor(done)
    if (total <= 0 || finished / total < nextPlainLine) return
    nextPlainLine = (Math.floor(finished / total / PLAIN_STEP) + 1) * PLAIN_STEP
    stream.write(`${label} ${finished} of ${total}\n`)
  }
  return {
    /** @param {number} done fractions move the bar @param {string} [detail] what is in work just now */
    update: (done, detail = '') => (isTerminal ? draw(done, detail) : log(done)),
    /** Takes the bar away. */
    end: () => void (isTerminal && stream.write('\r\x1b[K'))
  }
}

/**
 * One frame, never wider than the terminal: `Reading  ██████▌░░░  6/10  Skiessi-C64`.
 *
 * @param {{ label: string, done: number, total: number, detail: string, width: number, style: import('./style.mjs').Style }} frame
 */
export function progressLine({ label, done, total, detail, width, style }) {
  const count = `${padded(String(Math.floor(done)), String(total).length, 'right')}/${total}`
  const room = width - 1 - displayWidth(label) - displayWidth(count) - 4
  const barWidth = Math.max(0, Math.min(LONGEST_BAR, room))
  const { full, rest } = bar(total > 0 ? done / total : 1, barWidth)
  const text = fitted(printable(detail), Math.max(0, room - barWidth - 2))
  return `${label}  ${style.accent(full)}${style.dim(rest)}  ${count}${text ? `  ${style.dim(text)}` : ''}`
}

/** @param {number} share 0 … 1 @param {number} columns */
export function bar(share, columns) {
  const eighths = Math.round(Math.max(0, Math.min(1, share)) * columns * 8)
  const full = '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]
  return { full, rest: '░'.repeat(columns - Math.ceil(eighths / 8)) }
}
