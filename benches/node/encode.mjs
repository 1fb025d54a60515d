/** How long encoding takes, beside ONNX Runtime alone. */
import { alternate, once, ratioOf } from '../measure/clock.mjs'
import { median, quantile } from '../measure/quantiles.mjs'
import { timingRow } from '../measure/report.mjs'
import { mixedNotes, textsOfLength } from '../texts/lengths.mjs'
import { Bare } from './bare.mjs'

/** @typedef {import('../measure/report.mjs').Report} Report */
/** @typedef {import('../../index.js').PrimeMemory} PrimeMemory */

/**
 * @param {Report} report
 * @param {{ one: PrimeMemory, all: PrimeMemory }} memories with one thread, and with one for each core
 */
export async function encodeFigures(report, memories) {
  const bare = await Bare.open(1)
  await singleTexts(report, memories.one, bare)
  await batches(report, memories, bare)
  await mixed(report, memories, bare)
}

/** @param {Report} report @param {PrimeMemory} memory @param {Bare} bare */
async function singleTexts(report, memory, bare) {
  const rows = []
  for (const textTokens of [8, 16, 32, 128, 512]) {
    const [text] = await textsOfLength(1, textTokens, (text) => memory.compressSync(text).sourceTokens)
    const feeds = bare.feeds(textTokens)
    const [alone, sync, async] = await alternate(
      [
        { name: 'onnxruntime-node session.run', run: () => bare.run(feeds) },
        { name: 'compressSync', run: () => memory.compressSync(text) },
        { name: 'compress', run: () => memory.compress(text) }
      ],
      effort(report, 400)
    )
    for (const timing of [alone, sync, async]) {
      const { ratio, least, most, cpu } = ratioOf(timing, alone)
      rows.push({ tokens: textTokens, ...timingRow(timing), 'x bare': ratio, 'least-most': `${least.toFixed(2)}–${most.toFixed(2)}`, 'x CPU': cpu })
    }
    if (textTokens === 16) target(report, ratioOf(sync, alone))
  }
  report.table('One text, 1 thread', rows, 'Tokeniser, pooling and binding included; bare = the graph on as many ids, for 512 tokens its windows. onnxruntime-node adds about 0.3 ms a call of its own: the ratio to a bare run from Rust is printed by benches/core.')
}

/** @param {Report} report @param {{ ratio: number, cpu: number }} found */
function target(report, { ratio, cpu }) {
  const text = 'compressSync of 16 tokens within 15 % of a bare run (here: of onnxruntime-node)'
  report.target(text, `${ratio.toFixed(2)}x wall, ${cpu.toFixed(2)}x CPU`, ratio <= 1.15)
}

/** @param {Report} report @param {{ one: PrimeMemory, all: PrimeMemory }} memories @param {Bare} bare */
async function batches(report, { one, all }, bare) {
  const texts = await textsOfLength(32, 16, (text) => one.compressSync(text).sourceTokens)
  const feeds = texts.flatMap(() => bare.feeds(16))
  const timings = await alternate(
    [
      { name: '32 bare runs', run: () => bare.run(feeds) },
      { name: 'compressMany, 1 thread', run: () => one.compressMany(texts) },
      { name: `compressMany, ${all.stats().model.threads} threads`, run: () => all.compressMany(texts) },
      { name: 'compressManySync, 1 thread', run: () => one.compressManySync(texts) }
    ],
    effort(report, 600)
  )
  report.table('32 texts of 16 tokens in one call', timings.map((timing) => ({ ...timingRow(timing), 'x bare': ratioOf(timing, timings[0]).ratio })))
}

/** @param {Report} report @param {{ one: PrimeMemory, all: PrimeMemory }} memories @param {Bare} bare */
async function mixed(report, { one, all }, bare) {
  const { quick } = report.options
  const texts = await mixedNotes(quick ? 40 : 1000)
  const lengths = (await one.compressMany(texts)).map((tokens) => tokens.sourceTokens)
  const feeds = lengths.flatMap((length) => bare.feeds(length))
  const cores = all.stats().model.threads
  const two = await Bare.open(cores)
  const variants = {
    'sum of bare runs, 1 thread': () => bare.run(feeds),
    [`sum of bare runs, ${cores} threads`]: () => two.run(feeds),
    'compressMany, 1 thread': () => one.compressMany(texts),
    [`compressMany, ${cores} threads`]: () => all.compressMany(texts)
  }
  const times = await rounds(variants, quick ? 1 : 3)
  const names = Object.keys(variants)
  const best = (/** @type {string[]} */ some) => Math.min(...some.map((name) => median(times[name].ms)))
  const bareBest = best(names.slice(0, 2))
  report.table(
    `${texts.length} texts of ${Math.min(...lengths)} to ${Math.max(...lengths)} tokens in one call`,
    names.map((name) => ({ variant: name, 'p50 ms': median(times[name].ms), 'CPU ms': median(times[name].cpu), 'texts/s': Math.round((texts.length / median(times[name].ms)) * 1000), 'x best bare': median(times[name].ms) / bareBest })),
    `Half of them have under ${quantile(lengths, 0.5)} tokens, ${lengths.reduce((a, b) => a + b)} in all.`
  )
  const ratio = best(names.slice(2)) / bareBest
  report.target(`${texts.length} mixed texts in one call within 10 % of the sum of bare runs at the best thread count`, `${ratio.toFixed(2)}x`, ratio <= 1.1)
}

/**
 * Calls of seconds each: every variant once a round.
 * @param {Record<string, () => Promise<unknown>>} variants @param {number} count
 */
async function rounds(variants, count) {
  const times = Object.fromEntries(Object.keys(variants).map((name) => [name, { ms: /** @type {number[]} */ ([]), cpu: /** @type {number[]} */ ([]) }]))
  for (let round = 0; round < count; round++) {
    for (const [name, run] of Object.entries(variants)) {
      const before = process.cpuUsage()
      times[name].ms.push((await once(run)).ms)
      const { user, system } = process.cpuUsage(before)
      times[name].cpu.push((user + system) / 1000)
    }
  }
  return times
}

/** @param {Report} report @param {number} roundMs */
function effort({ options: { quick } }, roundMs) {
  return quick ? { rounds: 2, roundMs: 20, least: 2 } : { rounds: 7, roundMs, least: 5 }
}
