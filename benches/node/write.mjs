/** How fast memories are stored, and whether the event loop keeps turning meanwhile. */
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { once } from '../measure/clock.mjs'
import { oneLiners } from '../texts/lines.mjs'

/** @typedef {import('../measure/report.mjs').Report} Report */
/** @typedef {import('./corpus.mjs').Class} Class */
/** @typedef {import('../../index.js').PrimeMemory} PrimeMemory */
/** @typedef {{ name: string, run: (memory: PrimeMemory, items: import('../../index.js').NewMemory[]) => Promise<unknown> }} Way */

/** @type {Way[]} */
const WAYS = [
  { name: 'remember, one after the other', run: oneByOne },
  { name: 'remember, all at once', run: (memory, items) => Promise.all(items.map((item) => memory.remember(item))) },
  { name: 'rememberMany', run: (memory, items) => memory.rememberMany(items) }
]

/** @param {PrimeMemory} memory @param {import('../../index.js').NewMemory[]} items */
async function oneByOne(memory, items) {
  for (const item of items) await memory.remember(item)
}

/** @param {Report} report @param {Class} PrimeMemory @param {string} folder for stores that nobody needs afterwards */
export async function writeFigures(report, PrimeMemory, folder) {
  const { lines } = await oneLiners(report.options.quick ? 30 : 1000, 0)
  const items = lines.map((text) => ({ kind: 'note', text }))
  const rows = []
  for (const [i, way] of WAYS.entries()) {
    for (const durability of /** @type {const} */ (['normal', 'full'])) {
      const memory = await PrimeMemory.open({ path: join(folder, `write-${i}-${durability}.db`), durability })
      memory.compressSync('warm up')
      const { ms, delays } = await withDelays(() => way.run(memory, items))
      await memory.close()
      rows.push({ way: way.name, durability, 'memories/s': Math.round((items.length / ms) * 1000), ms, 'loop delay p99 ms': delays.p99, 'most ms': delays.max })
      if (way.name === 'remember, all at once' && durability === 'normal') target(report, items.length, delays)
    }
  }
  const idle = await withDelays(() => sleep(report.options.quick ? 50 : 1000))
  report.table(`Remembering ${items.length} one-line texts, encoding included`, rows, `Loop delay: an idle loop shows ${idle.delays.p99.toFixed(1)} ms here, of which 1 is the timer's.`)
}

/** @param {Report} report @param {number} count @param {{ p99: number, max: number }} delays */
function target(report, count, { p99, max }) {
  report.target(`event loop delay p99 under 20 ms while ${count} remember calls run`, `${p99.toFixed(1)} ms (most ${max.toFixed(1)})`, p99 < 20)
}

/** @template T @param {() => Promise<T>} run */
async function withDelays(run) {
  const histogram = monitorEventLoopDelay({ resolution: 1 })
  histogram.enable()
  await sleep(5)
  const { ms } = await once(run)
  histogram.disable()
  return { ms, delays: { p99: histogram.percentile(99) / 1e6, max: histogram.max / 1e6 } }
}
