/**
 * Times that can be compared: every variant runs in a tight loop of its own, and the loops alternate, so that a
 * machine that slows down slows all of them. Interleaving call by call would measure cold caches instead.
 */
import { median, quantile } from './quantiles.mjs'

/**
 * @typedef {object} Variant
 * @property {string} name
 * @property {() => unknown} [run] one call; a promise is awaited
 * @property {(effort: Effort) => Promise<Loop>} [loop] instead of `run`: many calls, measured elsewhere
 *
 * @typedef {object} Effort
 * @property {number} rounds how often the loops alternate
 * @property {number} roundMs how long each loop runs at least
 * @property {number} least calls in each loop at least
 *
 * @typedef {object} Timing milliseconds of one call
 * @property {string} name
 * @property {number} p10
 * @property {number} p50
 * @property {number} p90
 * @property {number} p99
 * @property {number} cpu of all threads of the process, per call
 * @property {number} calls
 * @property {number[]} rounds median of each round
 * @property {number[]} cpuRounds CPU time per call of each round
 */

/**
 * @param {Variant[]} variants
 * @param {Effort} effort
 * @returns {Promise<Timing[]>} in the order of the variants
 */
export async function alternate(variants, effort) {
  const loops = variants.map(() => /** @type {Loop[]} */ ([]))
  for (const variant of variants) await loopOf(variant, { ...effort, roundMs: effort.roundMs / 2 })
  for (let round = 0; round < effort.rounds; round++) {
    for (const [i, variant] of variants.entries()) loops[i].push(await loopOf(variant, effort))
  }
  return variants.map(({ name }, i) => timing(name, loops[i]))
}

/** @typedef {{ times: number[], cpu: number }} Loop */

/** @param {Variant} variant @param {Effort} effort @returns {Promise<Loop>} */
function loopOf(variant, effort) {
  return variant.loop ? variant.loop(effort) : loop(/** @type {() => unknown} */ (variant.run), effort)
}

/** @param {() => unknown} run @param {Effort} effort @returns {Promise<Loop>} */
export async function loop(run, { roundMs, least }) {
  const times = []
  const cpuBefore = process.cpuUsage()
  const end = performance.now() + roundMs
  while (times.length < least || performance.now() < end) {
    const start = performance.now()
    const result = run()
    if (isPromise(result)) await result
    times.push(performance.now() - start)
  }
  const { user, system } = process.cpuUsage(cpuBefore)
  return { times, cpu: (user + system) / 1000 / times.length }
}

/** @param {unknown} value */
function isPromise(value) {
  return typeof (/** @type {any} */ (value)?.then) === 'function'
}

/** @param {string} name @param {Loop[]} loops @returns {Timing} */
function timing(name, loops) {
  const times = loops.flatMap((loop) => loop.times)
  const rounds = loops.map((loop) => median(loop.times))
  const cpuRounds = loops.map((loop) => loop.cpu)
  const [p10, p50, p90, p99] = [0.1, 0.5, 0.9, 0.99].map((share) => quantile(times, share))
  return { name, p10, p50, p90, p99, cpu: median(cpuRounds), calls: times.length, rounds, cpuRounds }
}

/**
 * How many times as long `slow` takes as `fast`, round by round: the loops of one round ran side by side.
 * @param {Timing} slow @param {Timing} fast
 * @returns {{ ratio: number, least: number, most: number, cpu: number }} `cpu` is the ratio of CPU times, which a
 * busy machine disturbs less
 */
export function ratioOf(slow, fast) {
  const pairs = slow.rounds.map((ms, round) => ms / fast.rounds[round])
  const cpu = median(slow.cpuRounds.map((ms, round) => ms / fast.cpuRounds[round]))
  return { ratio: median(pairs), least: Math.min(...pairs), most: Math.max(...pairs), cpu }
}

/** How long one call takes. @template T @param {() => T | Promise<T>} run @returns {Promise<{ ms: number, result: T }>} */
export async function once(run) {
  const start = performance.now()
  const result = await run()
  return { ms: performance.now() - start, result }
}
