/** A boxed table that fits the terminal: too wide, it first gives up optional columns, then shortens the longest texts. */
import { displayWidth, fitted, padded, printable } from './width.mjs'

/**
 * @typedef {object} Column
 * @property {string} title
 * @property {'left' | 'right'} [align] left, unless said
 * @property {boolean} [optional] may be left out where the terminal is narrow; the last such column goes first
 * @property {boolean} [shrinks] may be shortened
 * @property {number} [least] columns of the terminal, where tables should look alike whatever is in them
 * @property {(text: string) => string} [paint] colours a padded cell
 *
 * @typedef {object} Table
 * @property {Column[]} columns
 * @property {string[][]} rows one text per column
 * @property {string[]} [total] a last row, set apart
 */

/** A shortened column keeps at least this many columns of the terminal. */
const NARROWEST = 8

/**
 * @param {Table} table
 * @param {{ width: number, style: import('./style.mjs').Style }} terminal
 * @returns {string[]} lines
 */
export function renderTable(table, { width, style }) {
  const shown = fitColumns(measured(table), width)
  const rule = (/** @type {string} */ left, /** @type {string} */ middle, /** @type {string} */ right) =>
    style.dim(left + shown.map((column) => '─'.repeat(column.width + 2)).join(middle) + right)
  const line = (/** @type {(column: MeasuredColumn) => string} */ cell) => {
    const wall = style.dim('│')
    return `${wall} ${shown.map(cell).join(` ${wall} `)} ${wall}`
  }
  const bodyLine = (/** @type {number} */ row) => line((column) => (column.paint ?? plain)(laidOut(column, column.cells[row])))
  const lines = table.rows.map((_, row) => bodyLine(row))
  const total = table.total ? [rule('├', '┼', '┤'), line((column) => style.bold(laidOut(column, column.cells[table.rows.length])))] : []
  return [
    rule('╭', '┬', '╮'),
    line((column) => style.bold(laidOut(column, column.title))),
    rule('├', '┼', '┤'),
    ...lines,
    ...total,
    rule('╰', '┴', '╯')
  ]
}

/** @typedef {Column & { cells: string[], width: number }} MeasuredColumn */

/** @param {Table} table @returns {MeasuredColumn[]} */
function measured({ columns, rows, total }) {
  const all = total ? [...rows, total] : rows
  return columns.map((column, index) => {
    const cells = all.map((row) => printable(row[index] ?? ''))
    return { ...column, cells, width: Math.max(column.least ?? 0, displayWidth(column.title), ...cells.map(displayWidth)) }
  })
}

/** @param {MeasuredColumn[]} columns @param {number} width of the terminal */
function fitColumns(columns, width) {
  let shown = columns
  for (let surplus = tableWidth(shown) - width; surplus > 0; surplus = tableWidth(shown) - width) {
    const droppable = shown.findLastIndex((column) => column.optional)
    if (droppable === -1) return shrunk(shown, surplus)
    shown = shown.filter((_, index) => index !== droppable)
  }
  return shown
}

/** @param {MeasuredColumn[]} columns @param {number} surplus columns of the terminal to save */
function shrunk(columns, surplus) {
  const widths = columns.map((column) => column.width)
  for (let left = surplus; left > 0; left--) {
    const widest = columns.reduce((best, column, index) => (column.shrinks && widths[index] > NARROWEST && !(widths[best] > widths[index]) ? index : best), -1)
    if (widest === -1) break
    widths[widest]--
  }
  return columns.map((column, index) => ({ ...column, width: widths[index] }))
}

/** Walls and the spaces beside them included. @param {MeasuredColumn[]} columns */
function tableWidth(columns) {
  return 1 + columns.reduce((sum, column) => sum + column.width + 3, 0)
}

/** @param {MeasuredColumn} column @param {string} text */
function laidOut(column, text) {
  return padded(fitted(text, column.width), column.width, column.align ?? 'left')
}

/** @param {string} text */
function plain(text) {
  return text
}
