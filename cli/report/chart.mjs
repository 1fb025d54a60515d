/** Line charts as SVG, drawn from plain numbers. Colours and fonts are the page's (style.mjs). */
import { html } from './html.mjs'

const WIDTH = 480
const HEIGHT = 300
const LEFT = 58
const RIGHT = 20
/** Room for what the upright axis counts, above it. */
const TOP = 34
const BOTTOM = 46
const RADIUS = 3.5

/**
 * @typedef {object} Point
 * @property {number} x in units of the axis
 * @property {number} y
 * @property {number} [low] where its uncertainty begins
 * @property {number} [high]
 * @property {string} [says] what a pointer over it, or a screen reader, is told
 *
 * @typedef {object} Series
 * @property {string} name
 * @property {string} look a class of the style sheet: `a`, `b`, `c`, `d`
 * @property {Point[]} points by rising x
 * @property {boolean} [area] filled down to the axis
 * @property {boolean} [bare] no mark on each point
 *
 * @typedef {object} Axis
 * @property {string} label with its unit
 * @property {number} from
 * @property {number} to
 * @property {{ at: number, text: string }[]} ticks
 *
 * @typedef {object} Chart
 * @property {string} id unique on the page
 * @property {string} title
 * @property {string} description what it shows, for those who don't see it
 * @property {Axis} x
 * @property {Axis} y
 * @property {Series[]} series
 * @property {{ at: number, text: string }[]} [marks] upright lines
 */

/** @param {Chart} chart */
export function chart({ id, title, description, x, y, series, marks = [] }) {
  const across = (/** @type {number} */ value) => LEFT + ((value - x.from) / (x.to - x.from || 1)) * (WIDTH - LEFT - RIGHT)
  const up = (/** @type {number} */ value) => HEIGHT - BOTTOM - ((value - y.from) / (y.to - y.from || 1)) * (HEIGHT - TOP - BOTTOM)
  const floor = HEIGHT - BOTTOM
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-says">
<title id="${id}-title">${title}</title><desc id="${id}-says">${description}</desc>
<g class="grid" aria-hidden="true">${y.ticks.map(({ at }) => html`<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${num(up(at))}" y2="${num(up(at))}"/>`)}</g>
<g class="ticks" aria-hidden="true">${y.ticks.map(({ at, text }) => html`<text x="${LEFT - 8}" y="${num(up(at) + 4)}" text-anchor="end">${text}</text>`)}
${x.ticks.map(({ at, text }) => html`<text x="${num(across(at))}" y="${floor + 18}" ${ended(across(at), text)}>${text}</text>`)}</g>
<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${floor}" y2="${floor}"/>
<g class="label" aria-hidden="true"><text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${x.label}</text>
<text x="0" y="13">${y.label}</text></g>
${marks.map(({ at, text }) => html`<g class="mark"><line x1="${num(across(at))}" x2="${num(across(at))}" y1="${TOP - 6}" y2="${floor}"/><text x="${num(across(at))}" y="${TOP - 11}" text-anchor="middle">${text}</text></g>`)}
${series.map((one) => drawn(one, across, up, floor))}
</svg>`
}

/** @param {Series} series @param {(value: number) => number} across @param {(value: number) => number} up @param {number} floor */
function drawn({ look, points, area, bare }, across, up, floor) {
  if (points.length === 0) return null
  const at = (/** @type {number} */ x, /** @type {number} */ y) => `${num(across(x))} ${num(up(y))}`
  const line = points.map(({ x, y }) => at(x, y)).join('L')
  const sure = points.filter(({ low, high }) => low !== undefined && high !== undefined)
  const band = [...sure.map(({ x, high }) => at(x, high ?? 0)), ...sure.toReversed().map(({ x, low }) => at(x, low ?? 0))].join('L')
  const under = `${line}L${num(across(points[points.length - 1].x))} ${floor}L${num(across(points[0].x))} ${floor}`
  return html`<g class="series ${look}">${sure.length > 1 && html`<path class="band" d="M${band}Z"/>`}${area && html`<path class="band" d="M${under}Z"/>`}<path class="line" d="M${line}"/>
${points.map(({ x, y, says }) => (bare ? null : mark(look, across(x), up(y), says)))}</g>`
}

/** In the middle of its tick, unless that would leave the picture. @param {number} at @param {string} text */
function ended(at, text) {
  return at + text.length * 4 > WIDTH ? html`text-anchor="end" dx="${RIGHT}"` : html`text-anchor="middle"`
}

/** Told apart by shape too. @param {string} look @param {number} x @param {number} y @param {string} [says] */
function mark(look, x, y, says) {
  const title = says !== undefined && html`<title>${says}</title>`
  if (look === 'a') return html`<circle class="dot" cx="${num(x)}" cy="${num(y)}" r="${RADIUS}">${title}</circle>`
  if (look === 'b') return html`<rect class="dot" x="${num(x - RADIUS)}" y="${num(y - RADIUS)}" width="${2 * RADIUS}" height="${2 * RADIUS}">${title}</rect>`
  return html`<path class="dot" d="M${num(x)} ${num(y - RADIUS - 1)}L${num(x + RADIUS + 1)} ${num(y + RADIUS)}L${num(x - RADIUS - 1)} ${num(y + RADIUS)}Z">${title}</path>`
}

/** Its line and mark, small, for a legend. @param {{ look: string, bare?: boolean }} series */
export function swatch({ look, bare }) {
  const isLone = look.includes('lone')
  return html`<svg class="swatch" viewBox="0 0 28 12" aria-hidden="true"><g class="series ${look}">${!isLone && html`<path class="line" d="M1 6L27 6"/>`}${(isLone || (!bare && look < 'c')) && mark(look, 14, 6)}</g></svg>`
}

/** @param {number} value */
function num(value) {
  return Math.round(value * 10) / 10
}

/** Round steps from 0 to at least `most`. @param {number} most @param {(value: number) => string} format @param {number} [count] */
export function roundTicks(most, format, count = 4) {
  const rough = Math.max(most, 1e-9) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough * (1 - 1e-9)) ?? rough
  const steps = Math.max(1, Math.ceil(most / step - 1e-9))
  return { to: steps * step, ticks: Array.from({ length: steps + 1 }, (_, at) => ({ at: at * step, text: format(at * step) })) }
}
