/** A report as one HTML page: no script, no network, every text escaped. */
import { counted, formatBytes, formatCount, formatDuration } from '../ui/format.mjs'
import { growthPictures, moneyPicture, qualityByBytes, qualityByRatio } from './figures.mjs'
import { html, trusted } from './html.mjs'
import { between, percent, ways, waysOf } from './reading.mjs'
import { STYLE } from './style.mjs'
import { dollars, times } from './terminal.mjs'

/** @typedef {import('../../index.js').StoreReport} StoreReport */
/** @typedef {import('../../index.js').KindFigures} KindFigures */
/** @typedef {import('../../index.js').Footprint} Footprint */

/** @param {StoreReport} report @returns {string} */
export function page(report) {
  const name = report.path.split(/[\\/]/).at(-1) ?? report.path
  const made = new Date(report.at).toISOString().slice(0, 16).replace('T', ' ')
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${name}: memory report</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<header>
<p class="eyebrow">Memory report</p>
<h1>${name}</h1>
<p class="lead">${made} UTC · ${report.stats.model.name}, ${report.stats.model.dims} numbers a memory token · measured in ${formatDuration(report.seconds * 1000)}</p>
${headline(report)}
</header>
<main>
${sizesSection(report)}
${report.kinds.map((kind, at) => kindSection(kind, `kind-${at}`))}
${growthSection(report)}
${historySection(report.history)}
${cacheSection(report.cache)}
${readingSection()}
</main>
<footer><p>Made by <code>prime-memory report</code>. Nothing on this page came from, or goes to, a network.</p></footer>
</body>
</html>
`.toString()
}

/** @param {StoreReport} report */
function headline({ all, stats, cache, kinds }) {
  const cpu = kinds.reduce((sum, { encode }) => sum + (encode?.cpuSeconds ?? 0), 0)
  const cards = [
    [formatCount(all.memories), all.memories === 1 ? 'memory' : 'memories', `${formatBytes(all.sourceBytes)} of text`],
    [times(all.ratio), 'ratio', `${formatCount(all.sourceTokens)} text tokens in ${formatCount(all.memoryTokens)} memory tokens`],
    [times(all.byteRatio), 'byte ratio', 'text to everything stored for it'],
    [formatBytes(stats.store.fileBytes + stats.index.fileBytes), 'on disk', `${formatBytes(stats.store.fileBytes)} store, ${stats.index.fileBytes > 0 ? `${formatBytes(stats.index.fileBytes)} index` : 'index in memory only'}`],
    ...(cpu > 0 ? [[formatDuration(cpu * 1000), 'CPU to encode all', 'extrapolated from a sample']] : []),
    ...(cache.hits > 0 ? [[dollars(cache.saved), 'saved by the cache', `${formatCount(cache.hits)} of ${formatCount(cache.hits + cache.misses)} look-ups served`]] : [])
  ]
  return html`<dl class="cards">${cards.map(([value, what, more]) => html`<div><dt>${what}</dt><dd><strong>${value}</strong><span>${more}</span></dd></div>`)}</dl>`
}

/** @param {string[]} heads @param {import('./html.mjs').Value[][]} rows @param {string} caption @param {number} [texts] columns of text before the numbers */
function table(heads, rows, caption, texts = 1) {
  const side = (/** @type {number} */ at) => (at < texts ? 'text' : 'number')
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption>
<thead><tr>${heads.map((head, at) => html`<th scope="col" class="${side(at)}">${head}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${cells.map((cell, at) => (at === 0 ? html`<th scope="row">${cell}</th>` : html`<td class="${side(at)}">${cell}</td>`))}</tr>`)}</tbody></table></div>`
}

/** @param {StoreReport} report */
function sizesSection({ kinds, all }) {
  const row = (/** @type {string} */ kind, /** @type {string} */ tier, /** @type {Footprint} */ part) => [
    kind, tier, formatCount(part.memories), formatCount(part.sourceTokens), formatCount(part.memoryTokens), times(part.ratio), formatBytes(part.sourceBytes), formatBytes(part.textBytes),
    formatBytes(part.tokenBytes), formatBytes(part.indexBytes), formatBytes(part.wordBytes), formatBytes(part.dataBytes), times(part.byteRatio)
  ]
  const rows = kinds.flatMap(({ kind, all, tiers }) => {
    const present = Object.entries(tiers)
    return present.length === 1 ? [row(kind, present[0][0], all)] : [row(kind, 'all', all), ...present.map(([tier, part]) => row(`${kind}, ${tier}`, tier, part))]
  })
  if (kinds.length > 1) rows.push(row('all kinds', '', all))
  const heads = ['kind', 'tier', 'items', 'text tokens', 'memory tokens', 'ratio', 'text', 'zstd text', 'memory tokens', 'index', 'word index', 'JSON data', 'byte ratio']
  return html`<section aria-labelledby="sizes"><h2 id="sizes">What it takes</h2>${table(heads, rows, 'Items, tokens and bytes by kind and tier', 2)}</section>`
}

/** @param {KindFigures} kind @param {string} id */
function kindSection(kind, id) {
  const { sample, encode, text, all } = kind
  const asked = waysOf(kind)
  const stored = Object.keys(sample?.ratiosInUse ?? {}).join(', ')
  const facts = sample && encode && [
    `${formatCount(sample.items)} of ${formatCount(all.memories)} items measured`,
    `stored at ratio ${stored}`,
    sample.singleSentence > 0 && `${formatCount(sample.singleSentence)} of one sentence`,
    sample.withoutQuestion > 0 && `${formatCount(sample.withoutQuestion)} that nothing asks for`,
    sample.shortened > 0 && `${formatCount(sample.shortened)} read up to 8 kB only`,
    `encoding all ${cpu(encode.cpuSeconds)} of CPU time; packing and indexing their text ${cpu(sum(text?.packCpuSeconds, text?.indexCpuSeconds))}`
  ].filter(Boolean).join(' · ')
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${kind.kind}</h2>
<p class="facts">${facts || 'Nothing was measured: no texts, or a sample of 0.'}</p>
${asked.map((way) => html`<div class="pair">${qualityByRatio(kind, way, `${id}-${way}`)}${qualityByBytes(kind, way, `${id}-${way}-bytes`)}</div>`)}
<details><summary>${asked.length > 0 ? 'The same as tables' : 'Bytes at each ratio'}</summary>${costTable(kind)}${asked.length > 0 && qualityTable(kind, asked)}</details></section>`
}

/** @param {number | null | undefined} a @param {number | null | undefined} b */
const sum = (a, b) => (typeof a === 'number' && typeof b === 'number' ? a + b : null)
/** @param {number | null | undefined} seconds */
const cpu = (seconds) => (typeof seconds === 'number' ? formatDuration(seconds * 1000) : '–')

/** @param {KindFigures} kind */
function costTable({ kind, ratios, all, text, baselines }) {
  const textBytes = all.textBytes + all.wordBytes
  const rows = ratios.map((one) => [one.ratio, formatCount(one.memoryTokens), formatBytes(one.hotBytes), times(one.hotByteRatio), formatBytes(one.warmBytes), times(one.warmByteRatio), cpu(one.encodeCpuSeconds), one.scanCpuMs === null ? '–' : formatDuration(one.scanCpuMs)])
  const asText = ['text and its words', '', formatBytes(textBytes), times(textBytes > 0 ? all.sourceBytes / textBytes : null), '', '', cpu(sum(text?.packCpuSeconds, text?.indexCpuSeconds)), '']
  return table(['ratio', 'memory tokens', 'bytes hot', 'byte ratio', 'bytes warm', 'byte ratio', 'CPU to encode all', 'CPU of 1,000 comparisons'], baselines ? [...rows, asText] : rows, `${kind}: bytes and CPU time at each ratio`)
}

/** @param {KindFigures} kind @param {import('./reading.mjs').Way[]} asked */
function qualityTable({ kind, ratios, baselines }, asked) {
  const heads = ['ratio', ...asked.flatMap((way) => [`${ways[way].short}: R@1`, '95 % interval', 'MRR@10', 'R@1 with keywords'])]
  const found = (/** @type {any} */ by, /** @type {any} */ hybrid) => asked.flatMap((way) => [percent(by?.[way]?.r1), by?.[way] ? between(by[way].r1, by[way].questions) : '–', by?.[way]?.mrr10.toFixed(3) ?? '–', hybrid ? percent(hybrid[way]?.r1) : ''])
  const rows = [...ratios.map((one) => [one.ratio, ...found(one.meaning, one.hybrid)]), ['one mean vector', ...found(baselines?.meanVector, null)], ['keywords in text', ...found(baselines?.keyword, null)]]
  return table(heads, rows, `${kind}: found at each ratio`)
}

/** @param {StoreReport} report */
function growthSection({ growth }) {
  const pictures = growthPictures(growth)
  if (pictures.length === 0) return null
  const day = (/** @type {number} */ at) => new Date(at).toISOString().slice(0, growth.bucket === 'day' ? 10 : 7)
  const rows = growth.points.map(({ at, items, sourceBytes, storedBytes }) => [day(at), formatCount(items), formatBytes(sourceBytes), formatBytes(storedBytes)])
  return html`<section aria-labelledby="growth"><h2 id="growth">Growth</h2><div class="pair">${pictures}</div>
<details><summary>The same as a table</summary>${table([growth.bucket, 'memories added', 'text', 'stored'], rows, `Added by ${growth.bucket}, in UTC, of what is kept today`)}</details></section>`
}

/** @param {StoreReport['history']} history */
function historySection({ projects, versions, bytes, storedBytes, byteRatio }) {
  if (versions === 0) return null
  return html`<section aria-labelledby="history"><h2 id="history">Project history</h2>
<p class="facts">${counted(versions, 'version')} of ${counted(projects, 'project')} · ${formatBytes(bytes)} of JSON kept in ${formatBytes(storedBytes)}, audio once · byte ratio ${times(byteRatio)}, without loss</p></section>`
}

/** @param {StoreReport['cache']} cache */
function cacheSection(cache) {
  if (cache.hits + cache.misses === 0) return null
  const { bucket, points, undated } = cache.savings
  const rows = points.map(({ at, saved }) => [new Date(at).toISOString().slice(0, bucket === 'day' ? 10 : 7), dollars(saved)])
  if (undated > 0) rows.unshift(['before days were counted', dollars(undated)])
  return html`<section aria-labelledby="cache"><h2 id="cache">Cache</h2>
<p class="facts">${counted(cache.entries, 'answer')} in ${formatBytes(cache.bytes)} · ${formatCount(cache.hits)} of ${formatCount(cache.hits + cache.misses)} look-ups served (${percent(cache.hits / (cache.hits + cache.misses))}) · ${dollars(cache.saved)} saved${cache.savedEstimated > 0 && `, ${dollars(cache.savedEstimated)} of it estimated`}</p>
<div class="pair">${moneyPicture(cache)}</div>
${rows.length > 0 && html`<details><summary>The same as a table</summary>${table([bucket, 'saved'], rows, `Saved by ${bucket}, in UTC`)}</details>`}</section>`
}

function readingSection() {
  return html`<section aria-labelledby="reading"><h2 id="reading">How to read this</h2>
<dl class="words">
<dt>ratio</dt><dd>Text tokens that one memory token stands for. It is no ratio of bytes.</dd>
<dt>byte ratio</dt><dd>Bytes of text (UTF-8) per byte stored for it. Below 1, memory tokens take more than the text they stand for.</dd>
<dt>found first (R@1)</dt><dd>The share of questions whose own item came before all other sampled items of its kind.</dd>
<dt>left out, in it</dt><dd>A sentence that was held out before the rest was encoded; a sentence that was encoded with it. Sentences that stand in several items ask for none.</dd>
<dt>hot, warm</dt><dd>16-bit and 8-bit memory tokens. Cold memories keep 8-bit tokens and lose their text.</dd>
<dt>CPU</dt><dd>Processor time of one core, measured while the sample was encoded and extrapolated by text tokens. One run of the model serves every ratio.</dd>
</dl></section>`
}
