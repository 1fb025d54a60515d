/** What moving memories between tiers costs those who search meanwhile, what it frees, and what it costs in finding things. */
import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { once } from '../measure/clock.mjs'
import { median, quantile } from '../measure/quantiles.mjs'
import { EVERYTHING, corpusOf, settled } from './corpus.mjs'

/** @typedef {import('../measure/report.mjs').Report} Report */
/** @typedef {import('./corpus.mjs').Class} Class */
/** @typedef {import('../../index.js').PrimeMemory} PrimeMemory */
/** @typedef {import('../../index.js').TierPolicy} TierPolicy */
/** @typedef {import('../../index.js').MemoryTokens} MemoryTokens */

const KINDS = ['idea', 'preset', 'note']

/** @param {Report} report @param {Class} PrimeMemory @param {string} fingerprint @param {string} folder for a copy that is moved */
export async function tierFigures(report, PrimeMemory, fingerprint, folder) {
  const { quick } = report.options
  const corpus = await corpusOf(PrimeMemory, quick ? 1000 : 100_000, fingerprint)
  const path = join(folder, 'tiers.db')
  for (const end of ['', '.index']) if (existsSync(corpus.path + end)) copyFileSync(corpus.path + end, path + end)
  const memory = await PrimeMemory.open({ path, scope: { user: 'ana' }, threads: 1 })
  await settled(memory)
  const questions = corpus.queries.map((text) => memory.compressSync(text))
  const effort = quick ? { rounds: 1, ms: 300 } : { rounds: 5, ms: 6000 }
  await forecastFigures(report, memory)
  const rows = []
  for (const [name, policy] of /** @type {[string, TierPolicy][]} */ ([
    ['warm', { warmAfterDays: 0 }],
    ['cold', { coldAfterDays: 0, disposableKinds: KINDS }]
  ])) rows.push(await beside(report, memory, questions, name, policy, effort))
  report.table(`Search while a move runs, ${corpus.count} memories`, rows, 'searchSync({ tokens }), top 10, one after the other without a pause; rounds with and without a move alternate, 96 warm or 64 cold memories a transaction. Growth: of p99, the median of the rounds.')
  await restFigures(report, memory)
  await memory.close()
}

/** @param {Report} report @param {PrimeMemory} memory */
async function forecastFigures(report, memory) {
  const sample = report.options.quick ? 20 : 500
  const rows = []
  for (const [tier, policy] of /** @type {[string, TierPolicy][]} */ ([
    ['warm', { warmAfterDays: 0 }],
    ['cold', { coldAfterDays: 0, disposableKinds: KINDS }]
  ])) {
    const forecast = await memory.tiers.simulate(policy, { sample })
    const { quality } = forecast
    if (!quality) continue
    for (const [by, now, then] of /** @type {const} */ ([
      ['meaning and keywords', quality.now, quality.then],
      ['meaning alone', quality.meaningNow, quality.meaningThen]
    ])) {
      rows.push({ 'all to': tier, by, 'R@1 now': now.recallAt1, 'R@1 then': then.recallAt1, 'MRR now': now.mrr, 'MRR then': then.mrr, 'similarity ±': quality.similarityError.toFixed(5), most: quality.mostSimilarityError.toFixed(5), 'MB now': forecast.bytesBefore / 1e6, 'MB then': forecast.bytesAfter / 1e6, 'forecast ms': forecast.durationMs })
    }
  }
  report.table(`simulate(): ${sample} of the memories looked for by half of their text`, rows, 'Texts are one line long: half a line is a hard question, and finds less than a whole sentence of a longer text would.')
}

/**
 * Rounds of searching with and without a move.
 * @param {Report} report @param {PrimeMemory} memory @param {MemoryTokens[]} questions @param {string} name @param {TierPolicy} policy @param {{ rounds: number, ms: number }} effort
 */
async function beside(report, memory, questions, name, policy, { rounds, ms }) {
  const alone = []
  const moving = []
  const growths = []
  let moved = 0
  let took = 0
  searches(memory, questions, ms / 4)
  for (let round = 0; round < rounds; round++) {
    await quiet(memory)
    const before = searches(memory, questions, ms)
    const controller = new AbortController()
    const had = tiersOf(memory)[name]
    const move = memory.tiers.move(policy, { signal: controller.signal }).catch(() => {})
    await sleep(20)
    const begun = performance.now()
    const meanwhile = searches(memory, questions, ms)
    took += performance.now() - begun
    controller.abort()
    await move
    moved += tiersOf(memory)[name] - had
    growths.push(quantile(meanwhile, 0.99) / quantile(before, 0.99) - 1)
    alone.push(...before)
    moving.push(...meanwhile)
  }
  const growth = median(growths)
  report.target(`foreground search p99 grows by < 20 % while memories become ${name}`, percent(growth), growth < 0.2)
  const [p50, p99] = [0.5, 0.99].map((share) => quantile(alone, share))
  const [p50Moving, p99Moving] = [0.5, 0.99].map((share) => quantile(moving, share))
  return { 'memories become': name, 'p50 ms alone': p50, 'p50 ms moving': p50Moving, 'p99 ms alone': p99, 'p99 ms moving': p99Moving, growth: percent(growth), 'of rounds': growths.map(percent).join(' '), searches: moving.length, 'moved/s': Math.round((moved / took) * 1000) }
}

/** @param {PrimeMemory} memory @param {MemoryTokens[]} questions @param {number} ms @returns {number[]} milliseconds of each */
function searches(memory, questions, ms) {
  const times = []
  for (const end = performance.now() + ms; performance.now() < end; ) {
    const tokens = questions[times.length % questions.length]
    const start = performance.now()
    memory.searchSync({ tokens }, { mode: 'semantic', scope: EVERYTHING })
    times.push(performance.now() - start)
  }
  return times
}

/** What is left moves with nobody else there. @param {Report} report @param {PrimeMemory} memory */
async function restFigures(report, memory) {
  const rows = []
  for (const policy of /** @type {TierPolicy[]} */ ([{ warmAfterDays: 0 }, { coldAfterDays: 0, disposableKinds: KINDS }])) {
    const cpu = process.cpuUsage()
    const { result, ms } = await once(() => memory.tiers.move(policy))
    const { user, system } = process.cpuUsage(cpu)
    const freed = Object.values(result.kinds).reduce((sum, kind) => sum + kind.warmFreedBytes + kind.coldFreedBytes, 0)
    const { walBytes, unusedBytes, fileBytes } = memory.stats().store
    rows.push({ move: 'warmAfterDays' in policy ? 'warm' : 'cold', moved: result.moved, 'moved/s': Math.round((result.moved / ms) * 1000), 'CPU ms/1000': (user + system) / result.moved, 'MB freed': freed / 1e6, 'MB now': result.bytesAfter / 1e6, 'file MB': fileBytes / 1e6, 'unused MB': unusedBytes / 1e6, 'WAL MB': walBytes / 1e6 })
  }
  report.table('The rest, nobody searching', rows, 'Freed pages are used by what is remembered next; the file does not shrink.')
}

/** @param {PrimeMemory} memory @returns {Record<string, number>} */
function tiersOf(memory) {
  const sum = { hot: 0, warm: 0, cold: 0 }
  for (const { tiers } of Object.values(memory.stats().kinds)) for (const tier of /** @type {const} */ (['hot', 'warm', 'cold'])) sum[tier] += tiers[tier]
  return sum
}

/** Until nothing that was found is being made hot again. @param {PrimeMemory} memory */
async function quiet(memory) {
  for (let before = -1, still = 0; still < 2; await sleep(1200)) {
    const { hot } = tiersOf(memory)
    still = hot === before ? still + 1 : 0
    before = hot
  }
}

/** @param {number} share */
function percent(share) {
  return `${share < 0 ? '' : '+'}${(share * 100).toFixed(0)} %`
}
