/** Numbers as a person reads them. */

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** Decimal units, three figures. @param {number} bytes */
export function formatBytes(bytes) {
  const power = Math.min(BYTE_UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)))
  return `${power === 0 ? Math.round(bytes) : threeFigures(bytes / 1000 ** power)} ${BYTE_UNITS[power]}`
}

/** @param {number} milliseconds */
export function formatDuration(milliseconds) {
  if (milliseconds < 1) return `${Math.round(milliseconds * 1000)} µs`
  return milliseconds < 1000 ? `${threeFigures(milliseconds)} ms` : `${threeFigures(milliseconds / 1000)} s`
}

/** With thin spaces between thousands. @param {number} count */
export function formatCount(count) {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, '\u202f')
}

/** `12.3x`; a dash when nothing was compressed. @param {number} whole @param {number} part */
export function formatRatio(whole, part) {
  return part > 0 ? `${threeFigures(whole / part)}x` : '–'
}

/** Two digits after the point; a dash for what a search did not look at. @param {number | null | undefined} score */
export function formatScore(score) {
  return typeof score === 'number' && Number.isFinite(score) ? score.toFixed(2) : '–'
}

/** `1 project`, `2 projects`. @param {number} count @param {string} noun @param {string} [plural] */
export function counted(count, noun, plural = `${noun}s`) {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`
}

/** @param {number} value */
function threeFigures(value) {
  return value >= 100 ? formatCount(value) : value.toFixed(value >= 10 ? 1 : 2)
}
