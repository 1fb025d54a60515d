/** A report as tables in a terminal. */
import { counted, formatBytes, formatCount, formatDuration } from '../ui/format.mjs'
import { renderTable } from '../ui/table.mjs'
import { interval, percent, waysOf, ways } from './reading.mjs'

/** @typedef {import('../../index.js').StoreReport} StoreReport */
/** @typedef {import('../../index.js').KindFigures} KindFigures */
/** @typedef {{ width: number, style: import('../ui/style.mjs').Style }} Terminal */

/** @param {StoreReport} report @param {Terminal} terminal @returns {string[]} */
export function reportLines(report, terminal) {
  const { style } = terminal
  const { stats, all, history, cache, seconds } = report
  return [
    style.bold(report.path),
    `${counted(all.memories, 'memory', 'memories')}, ${formatBytes(all.sourceBytes)} of text; ${formatBytes(stats.store.fileBytes)} on disk${stats.index.fileBytes > 0 ? ` and ${formatBytes(stats.index.fileBytes)} of index` : ', its index in memory only'}. ${stats.model.name}, ${stats.model.dims} numbers a memory token.`,
    '',
    ...renderTable(sizes(report, style), terminal),
    style.dim('ratio: text tokens per memory token. byte ratio: bytes of text per byte stored for it (zstd text, memory tokens, both indexes).'),
    ...report.kinds.flatMap((kind) => ['', ...kindLines(kind, terminal)]),
    ...(history.versions > 0 ? ['', historyLine(history)] : []),
    ...(cache.hits + cache.misses > 0 ? ['', cacheLine(cache)] : []),
    '',
    style.dim(`Measured in ${formatDuration(seconds * 1000)}; CPU times are of a sample, extrapolated.`)
  ]
}

/** @param {StoreReport} report @param {import('../ui/style.mjs').Style} style @returns {import('../ui/table.mjs').Table} */
function sizes({ kinds, all }, style) {
  const rows = kinds.flatMap(({ kind, all, tiers }) => {
    const present = Object.entries(tiers)
    const lines = present.map(([tier, part]) => row('', tier, part))
    return present.length === 1 ? [row(kind, present[0][0], all)] : [row(kind, 'all', all), ...lines]
  })
  return {
    columns: [
      { title: 'kind', shrinks: true, paint: style.bold },
      { title: 'tier' },
      { title: 'items', align: 'right' },
      { title: 'text tokens', align: 'right', optional: 4 },
      { title: 'memory tokens', align: 'right', optional: 4 },
      { title: 'ratio', align: 'right', paint: style.accent },
      { title: 'text', align: 'right' },
      { title: 'zstd', align: 'right', optional: 2 },
      { title: 'tokens', align: 'right' },
      { title: 'index', align: 'right', optional: 1 },
      { title: 'words', align: 'right', optional: 3 },
      { title: 'byte ratio', align: 'right', paint: style.accent }
    ],
    rows,
    total: row('all', '', all)
  }
}

/** @param {string} kind @param {string} tier @param {import('../../index.js').Footprint} part */
function row(kind, tier, part) {
  return [
    kind,
    tier,
    formatCount(part.memories),
    formatCount(part.sourceTokens),
    formatCount(part.memoryTokens),
    times(part.ratio),
    formatBytes(part.sourceBytes),
    formatBytes(part.textBytes),
    formatBytes(part.tokenBytes),
    formatBytes(part.indexBytes),
    formatBytes(part.wordBytes),
    times(part.byteRatio)
  ]
}

/** @param {number | null} value */
export function times(value) {
  if (value === null) return '–'
  return `${value >= 100 ? formatCount(value) : value >= 10 ? value.toFixed(1) : value >= 0.1 ? value.toFixed(2) : Number(value.toPrecision(2))}x`
}

/** @param {KindFigures} figures @param {Terminal} terminal */
function kindLines(figures, terminal) {
  const { style } = terminal
  const { kind, sample, encode } = figures
  if (!sample || !encode) return [`${style.bold(kind)}  ${style.dim('not measured')}`]
  const asked = waysOf(figures).map((way) => `${ways[way].title.toLowerCase()}: ${counted(questions(figures, way), 'question')} (±${percent(widest(questions(figures, way)))} at most)`)
  return [
    `${style.bold(kind)}  ${style.dim(`${counted(sample.items, 'item')} measured; ${asked.join(', ') || 'nothing to ask for'}`)}`,
    ...renderTable(ratioTable(figures, style), terminal),
    style.dim(`${counted(sample.singleSentence, 'item')} of one sentence, ${sample.withoutQuestion} that nothing asks for. R@1: the share found first among the sample. Encoding all: ${seconds(encode.cpuSeconds)} of CPU time.`)
  ]
}

/** @param {number} questions */
function widest(questions) {
  return 0.5 - interval(0.5, questions).low
}

/** @param {KindFigures} figures @param {import('./reading.mjs').Way} way */
function questions({ baselines }, way) {
  return baselines?.keyword[way]?.questions ?? 0
}

/** @param {KindFigures} figures @param {import('../ui/style.mjs').Style} style @returns {import('../ui/table.mjs').Table} */
function ratioTable(figures, style) {
  const asked = waysOf(figures)
  const { ratios, baselines, all, text } = figures
  const quality = (/** @type {any} */ meaning, /** @type {any} */ hybrid) => asked.flatMap((way) => [percent(meaning?.[way]?.r1), meaning?.[way]?.mrr10?.toFixed(2) ?? '–', ...(hybrid === undefined ? [''] : [percent(hybrid?.[way]?.r1)])])
  const used = Object.keys(figures.sample?.ratiosInUse ?? {})
  return {
    columns: [
      { title: 'at ratio', align: 'right' },
      { title: 'tokens (hot)', align: 'right' },
      { title: '(warm)', align: 'right', optional: 3 },
      { title: 'byte ratio', align: 'right', optional: 2 },
      ...asked.flatMap((way) => [
        { title: `${ways[way].short} R@1`, align: /** @type {const} */ ('right'), paint: style.accent },
        { title: 'MRR', align: /** @type {const} */ ('right'), optional: 4 },
        { title: '+ words', align: /** @type {const} */ ('right'), optional: 2 }
      ]),
      { title: 'encode CPU', align: 'right', optional: 1 },
      { title: 'scan 1000', align: 'right', optional: 5 }
    ],
    rows: [
      ...ratios.map((one) => [
        `${used.includes(String(one.ratio)) ? '● ' : ''}${one.ratio}`,
        formatBytes(one.hotBytes),
        formatBytes(one.warmBytes),
        times(one.hotByteRatio),
        ...quality(one.meaning, one.hybrid),
        seconds(one.encodeCpuSeconds),
        one.scanCpuMs === null ? '–' : formatDuration(one.scanCpuMs)
      ]),
      ['one vector', '', '', '', ...quality(baselines?.meanVector, undefined), '', ''],
      ['keywords', formatBytes(all.textBytes + all.wordBytes), '', times(all.textBytes + all.wordBytes > 0 ? all.sourceBytes / (all.textBytes + all.wordBytes) : null), ...quality(baselines?.keyword, undefined), seconds((text?.packCpuSeconds ?? NaN) + (text?.indexCpuSeconds ?? NaN)), '']
    ]
  }
}

/** @param {number | null | undefined} value */
function seconds(value) {
  return typeof value === 'number' && Number.isFinite(value) ? formatDuration(value * 1000) : '–'
}

/** @param {StoreReport['history']} history */
function historyLine({ projects, versions, bytes, storedBytes, byteRatio }) {
  return `History: ${counted(versions, 'version')} of ${counted(projects, 'project')}, ${formatBytes(bytes)} of JSON in ${formatBytes(storedBytes)} (${times(byteRatio)}).`
}

/** @param {StoreReport['cache']} cache */
function cacheLine({ entries, hits, misses, saved, savedEstimated }) {
  return `Cache: ${counted(entries, 'answer')} kept, ${counted(hits, 'hit')} of ${formatCount(hits + misses)} look-ups saved ${dollars(saved)}${savedEstimated > 0 ? `, ${dollars(savedEstimated)} of it estimated` : ''}.`
}

/** @param {number} amount US dollars */
export function dollars(amount) {
  return `$${amount.toFixed(amount >= 100 || amount === 0 ? 0 : amount >= 0.1 ? 2 : 4)}`
}
