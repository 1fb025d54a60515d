/** The pictures of a report: quality against ratio and bytes, growth, money saved. */
import { formatBytes, formatCount } from '../ui/format.mjs'
import { chart, roundTicks, swatch } from './chart.mjs'
import { html } from './html.mjs'
import { between, interval, percent, ways } from './reading.mjs'
import { dollars } from './terminal.mjs'

/** @typedef {import('../../index.js').KindFigures} KindFigures */
/** @typedef {import('../../index.js').StoreReport} StoreReport */
/** @typedef {import('./reading.mjs').Way} Way */
/** @typedef {import('./chart.mjs').Series} Series */

const SHARES = [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, text: percent(at) }))
const QUALITY = { label: 'found first (R@1)', from: 0, to: 1, ticks: SHARES }
const DAY = 86_400_000

/** @param {string} id @param {string} caption @param {any} picture @param {{ name: string, look: string, bare?: boolean }[]} legend @param {any} [note] */
function figure(id, caption, picture, legend, note) {
  return html`<figure id="${id}"><figcaption>${caption}</figcaption>
<ul class="legend">${legend.map((one) => html`<li>${swatch(one)} ${one.name}</li>`)}</ul>
<div class="picture">${picture}</div>${note && html`<p class="note">${note}</p>`}</figure>`
}

/** Found first at each ratio, by meaning and with keywords, beside what needs no memory tokens. @param {KindFigures} kind @param {Way} way @param {string} id */
export function qualityByRatio(kind, way, id) {
  const x = (/** @type {number} */ ratio) => Math.log2(ratio)
  const { ratios, baselines, sample } = kind
  const from = x(ratios[0].ratio)
  const to = x(ratios[ratios.length - 1].ratio)
  const level = (/** @type {string} */ name, /** @type {string} */ look, /** @type {number | undefined} */ share) => ({ name, look, bare: true, points: share === undefined ? [] : [{ x: from, y: share }, { x: to, y: share }] })
  const series = [
    level('keywords in the text', 'c', baselines?.keyword[way]?.r1),
    level('one mean vector', 'd', baselines?.meanVector[way]?.r1),
    { name: 'meaning and keywords, as search() does', look: 'b', points: measured(kind, way, 'hybrid', (one) => x(one.ratio), false) },
    { name: 'meaning alone', look: 'a', points: measured(kind, way, 'meaning', (one) => x(one.ratio), true) }
  ]
  const used = Object.keys(sample?.ratiosInUse ?? {}).map(Number).filter((ratio) => x(ratio) >= from && x(ratio) <= to)
  const picture = chart({
    id: `${id}-chart`,
    title: `${kind.kind}: found first at each ratio, ${ways[way].title.toLowerCase()}`,
    description: spoken(kind, way),
    x: { label: 'text tokens per memory token', from, to, ticks: ratios.map(({ ratio }) => ({ at: x(ratio), text: String(ratio) })) },
    y: QUALITY,
    series,
    marks: used.length === 1 ? [{ at: x(used[0]), text: 'in use' }] : []
  })
  return figure(id, ways[way].title, picture, series.toReversed(), `${ways[way].what} The band is the 95 % interval of ${formatCount(baselines?.keyword[way]?.questions ?? 0)} questions.`)
}

/** Found first against the bytes one item takes. @param {KindFigures} kind @param {Way} way @param {string} id */
export function qualityByBytes(kind, way, id) {
  const { all, ratios, baselines } = kind
  const each = (/** @type {number} */ bytes) => Math.log10(Math.max(1, bytes / all.memories))
  const text = all.textBytes + all.wordBytes
  const sizes = ratios.flatMap(({ hotBytes, warmBytes }) => [each(hotBytes), each(warmBytes)])
  const from = Math.floor(Math.min(...sizes, text > 0 ? each(text) : Infinity) * 2) / 2
  const to = Math.max(from + 0.5, Math.ceil(Math.max(...sizes, each(text)) * 2) / 2)
  const keyword = baselines?.keyword[way]
  const byMeaning = (/** @type {'hotBytes' | 'warmBytes'} */ bytes, /** @type {boolean} */ band) => measured(kind, way, 'meaning', (one) => each(one[bytes]), band, bytes).toSorted((a, b) => a.x - b.x)
  const series = [
    { name: 'text and its word index, by keywords', look: 'c lone', points: keyword && text > 0 ? [{ x: each(text), y: keyword.r1, says: `text: ${formatBytes(text / all.memories)} an item, ${percent(keyword.r1)} found first` }] : [] },
    { name: 'warm: 8-bit memory tokens', look: 'b', points: byMeaning('warmBytes', false) },
    { name: 'hot: 16-bit memory tokens', look: 'a', points: byMeaning('hotBytes', false) }
  ]
  const steps = []
  for (let at = Math.ceil(from); at <= to; at++) steps.push({ at, text: bytesTick(10 ** at) })
  if (steps.length < 3) for (let at = Math.floor(from) + Math.log10(3); at <= to; at++) if (at >= from) steps.push({ at, text: bytesTick(3 * 10 ** Math.floor(at)) })
  const picture = chart({
    id: `${id}-chart`,
    title: `${kind.kind}: found first against the bytes of an item, ${ways[way].title.toLowerCase()}`,
    description: `From ${formatBytes(10 ** Math.min(...sizes))} to ${formatBytes(10 ** Math.max(...sizes))} of memory tokens an item. ${spoken(kind, way)}`,
    x: { label: 'bytes an item, without its text (log)', from, to, ticks: steps },
    y: QUALITY,
    series
  })
  return figure(id, 'Against bytes', picture, series.toReversed(), 'One mark for each ratio, the highest ratio at the left. 8-bit vectors were not measured apart: their cosine with the exact ones is at least 0.9998.')
}

/**
 * @param {KindFigures} kind @param {Way} way @param {'meaning' | 'hybrid'} by @param {(one: import('../../index.js').RatioFigures) => number} x
 * @param {boolean} band @param {'hotBytes' | 'warmBytes'} [bytes]
 */
function measured({ ratios, all }, way, by, x, band, bytes) {
  return ratios.flatMap((one) => {
    const quality = one[by]?.[way]
    if (!quality) return []
    const size = bytes ? `, ${formatBytes(one[bytes] / all.memories)} an item` : ''
    const says = `ratio ${one.ratio}${size}: ${percent(quality.r1)} found first (95 % interval: ${between(quality.r1, quality.questions)})`
    return [{ x: x(one), y: quality.r1, says, ...(band && interval(quality.r1, quality.questions)) }]
  })
}

/** @param {KindFigures} kind @param {Way} way */
function spoken({ ratios, baselines }, way) {
  const parts = ratios.map((one) => `ratio ${one.ratio} ${percent(one.meaning?.[way]?.r1)}`)
  return `By meaning alone: ${parts.join(', ')}. By keywords ${percent(baselines?.keyword[way]?.r1)}.`
}

/** @param {StoreReport['growth']} growth */
export function growthPictures({ bucket, points }) {
  if (points.length === 0) return []
  const items = cumulative(points.map(({ at, items }) => ({ at, value: items })), bucket)
  const text = cumulative(points.map(({ at, sourceBytes }) => ({ at, value: sourceBytes })), bucket)
  const stored = cumulative(points.map(({ at, storedBytes }) => ({ at, value: storedBytes })), bucket)
  const last = (/** @type {{ y: number }[]} */ line) => line[line.length - 1].y
  return [
    timeFigure({ id: 'growth-items', caption: 'Memories', title: 'Memories over time', label: 'memories', format: (value) => formatCount(value), series: [{ name: `added by then, of what is kept today (by ${bucket})`, look: 'a', area: true, bare: true, points: items }], description: `${formatCount(last(items))} memories at the end.` }),
    timeFigure({
      id: 'growth-bytes', caption: 'Bytes', title: 'Bytes over time', label: 'bytes', format: bytesTick,
      series: [{ name: 'text', look: 'b', bare: true, points: text }, { name: 'stored for it: text, data, memory tokens', look: 'a', area: true, bare: true, points: stored }],
      description: `${formatBytes(last(text))} of text, ${formatBytes(last(stored))} stored at the end.`
    })
  ]
}

/** @param {StoreReport['cache']} cache */
export function moneyPicture({ saved, savings: { bucket, points, undated } }) {
  if (points.length === 0) return null
  const line = cumulative(points.map(({ at, saved }) => ({ at, value: saved })), bucket, undated)
  return timeFigure({ id: 'money', caption: 'Money saved', title: 'Money the cache saved over time', label: 'US dollars', format: dollars, series: [{ name: `saved by then (by ${bucket})`, look: 'a', area: true, bare: true, points: line }], description: `${dollars(saved)} at the end${undated > 0 ? `, ${dollars(undated)} of it before days were counted` : ''}.` })
}

/** What had come together by the beginning and the end of each step. @param {{ at: number, value: number }[]} points @param {'day' | 'month'} bucket @param {number} [start] */
function cumulative(points, bucket, start = 0) {
  let sum = start
  return points.flatMap(({ at, value }) => {
    const before = { x: at, y: sum }
    sum += value
    return [before, { x: endOf(at, bucket), y: sum }]
  })
}

/** @param {number} at @param {'day' | 'month'} bucket */
function endOf(at, bucket) {
  const date = new Date(at)
  return bucket === 'day' ? at + DAY : Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
}

/** @param {{ id: string, caption: string, title: string, label: string, description: string, format: (value: number) => string, series: Series[] }} what */
function timeFigure({ id, caption, title, label, description, format, series }) {
  const points = series.flatMap((one) => one.points)
  const from = Math.min(...points.map(({ x }) => x))
  const to = Math.max(...points.map(({ x }) => x))
  const { to: top, ticks } = roundTicks(Math.max(...points.map(({ y }) => y)), format)
  const picture = chart({ id: `${id}-chart`, title, description, x: { label: 'UTC', from, to, ticks: dates(from, to) }, y: { label, from: 0, to: top, ticks }, series })
  return figure(id, caption, picture, series)
}

/** Four or five dates between. @param {number} from @param {number} to */
function dates(from, to) {
  const days = Math.round((to - from) / DAY)
  const step = Math.max(1, Math.ceil(days / 4)) * DAY
  const long = days > 100
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...(long ? { month: 'short', year: 'numeric' } : { day: 'numeric', month: 'short' }) })
  const ticks = []
  for (let at = from; at <= to; at += step) ticks.push({ at, text: format.format(at) })
  return ticks
}

/** @param {number} bytes */
function bytesTick(bytes) {
  const [figures, unit] = formatBytes(bytes).split(' ')
  return bytes === 0 ? '0' : `${Number(figures)} ${unit}`
}
