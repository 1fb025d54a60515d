/** A boxed table that fits the terminal: too wide, it first breaks its titles, then shortens long texts, then gives up optional columns and says which. */
import { displayWidth, fitted, padded, printable } from './width.mjs'

/**
 * @typedef {object} Column
 * @property {string} title
 * @property {'left' | 'right'} [align] left, unless said
 * @property {boolean | number} [optional] may be left out where the terminal is narrow; the highest number goes first, of equal ones the last. Never an id or a name that another command asks for
 * @property {boolean} [shrinks] may be shortened
 * @property {number} [least] columns of the terminal, where tables should look alike whatever is in them; not shortened further while a column can be left out
 * @property {(text: string) => string} [paint] colours a padded cell
 *
 * @typedef {object} Table
 * @property {Column[]} columns
 * @property {string[][]} rows one text per column
 * @property {string[]} [total] a last row, set apart
 */

/** A shortened column keeps at least this many columns of the terminal; of fewer than SHORT little can be read, so a column is left out before that. */
const NARROWEST = 8
const SHORT = 16

/**
 * @param {Table} table
 * @param {{ width: number, style: import('./style.mjs').Style }} terminal
 * @returns {string[]} lines
 */
export function renderTable(table, { width, style }) {
  const all = measured(table)
  const shown = fitColumns(all, width)
  const leftOut = new Set(all.filter(({ index, title }) => title && !shown.some((column) => column.index === index)).map(({ title }) => title))
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
    ...Array.from({ length: Math.max(...shown.map(({ heading }) => heading.length)) }, (_, at) => line((column) => style.bold(laidOut(column, column.heading[at] ?? '')))),
    rule('├', '┼', '┤'),
    ...lines,
    ...total,
    rule('╰', '┴', '╯'),
    ...(leftOut.size > 0 ? [style.dim(fitted(`not shown, for want of room: ${[...leftOut].join(', ')}`, width))] : [])
  ]
}

/** @typedef {Column & { index: number, heading: string[], cells: string[], width: number }} MeasuredColumn `heading`: the title, a line each */

/** @param {Table} table @returns {MeasuredColumn[]} */
function measured({ columns, rows, total }) {
  const all = total ? [...rows, total] : rows
  return columns.map((column, index) => {
    const cells = all.map((row) => printable(row[index] ?? ''))
    return { ...column, index, heading: [column.title], cells, width: widthOf(column, [column.title], cells) }
  })
}

/** @param {Column} column @param {string[]} heading @param {string[]} cells */
function widthOf({ least = 0 }, heading, cells) {
  return Math.max(least, ...heading.map(displayWidth), ...cells.map(displayWidth))
}

/** @param {MeasuredColumn[]} columns @param {number} width of the terminal */
function fitColumns(columns, width) {
  if (tableWidth(columns) <= width) return columns
  let shown = columns.map(broken)
  for (;;) {
    const short = shrunk(shown, tableWidth(shown) - width, SHORT)
    if (tableWidth(short) <= width) return short
    const droppable = shown.reduce((best, { optional = 0 }, index) => (optional && !(Number(shown[best]?.optional) > Number(optional)) ? index : best), -1)
    if (droppable === -1) return shrunk(short, tableWidth(short) - width, NARROWEST)
    shown = shown.filter((_, index) => index !== droppable)
  }
}

/** Its title in two lines, where that makes the column narrower. @param {MeasuredColumn} column @returns {MeasuredColumn} */
function broken(column) {
  const words = column.title.split(' ')
  const headings = words.slice(1).map((_, at) => [words.slice(0, at + 1).join(' '), words.slice(at + 1).join(' ')])
  return headings.map((heading) => ({ ...column, heading, width: widthOf(column, heading, column.cells) })).reduce((best, other) => (other.width < best.width ? other : best), column)
}

/** @param {MeasuredColumn[]} columns @param {number} surplus columns of the terminal to save @param {number} narrowest */
function shrunk(columns, surplus, narrowest) {
  const widths = columns.map((column) => column.width)
  const floor = (/** @type {MeasuredColumn} */ { least = 0 }) => (narrowest === NARROWEST ? narrowest : Math.max(narrowest, least))
  for (let left = surplus; left > 0; left--) {
    const widest = columns.reduce((best, column, index) => (column.shrinks && widths[index] > floor(column) && !(widths[best] > widths[index]) ? index : best), -1)
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
