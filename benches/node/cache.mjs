/** How long the response cache takes: an equal request, a guarded lookup beside the bare encoding of its prompt. */
import { join } from 'node:path'
import { alternate, once, ratioOf } from '../measure/clock.mjs'
import { pick, seeded } from '../measure/random.mjs'
import { timingRow } from '../measure/report.mjs'
import { Bare } from './bare.mjs'

/** @typedef {import('../measure/report.mjs').Report} Report */
/** @typedef {import('./corpus.mjs').Class} Class */
/** @typedef {import('../../index.js').PrimeMemory} PrimeMemory */
/** @typedef {import('../../index.js').CacheRequest} CacheRequest */

const VERBS = ['tighten', 'warm up', 'brighten', 'widen', 'compress', 'saturate', 'automate', 'double', 'thin out', 'push back', 'duck', 'layer']
const PARTS = ['kick', 'bass', 'snare', 'lead vocal', 'pad', 'guitar', 'piano', 'strings', 'hat', 'choir', 'brass', 'clap']
const PLACES = ['in the first verse', 'in the chorus', 'before the drop', 'in the bridge', 'at the very end', 'in the intro', 'after the break']
const AIMS = ['so that the mix stays open', 'without making it harsh', 'and keep the low end clean', 'for a small club system', 'so the words are heard', 'without more level']
const OPTIONS = { temperature: 0.4, systemPrompt: 'You are Prime Brain, a mixing engineer.' }

/** A request of about thirty tokens that no other call gave. @param {() => number} random */
function newRequest(random) {
  const [verb, part, place, aim, other] = [VERBS, PARTS, PLACES, AIMS, PARTS].map((list) => pick(list, random))
  const prompt = `How would you ${verb} the ${part} ${place} ${aim} when the ${other} plays the same notes ${Math.floor(random() * 1e6)} ms later?`
  return { prompt, context: { bpm: 120, key: 'C minor' }, options: OPTIONS }
}

/** As {@link newRequest} in other words and without a number: facts agree, so the pair model is asked. @param {() => number} random */
function rewordedRequest(random) {
  const [verb, part, place, aim, other] = [VERBS, PARTS, PLACES, AIMS, PARTS].map((list) => pick(list, random))
  return { ...newRequest(random), prompt: `Tell me a way to ${verb} the ${part} ${place}, ${aim}, while the ${other} doubles its line a little moment afterwards` }
}

/** @param {Report} report @param {Class} PrimeMemory @param {string} folder for stores that nobody needs afterwards */
export async function cacheFigures(report, PrimeMemory, folder) {
  const memory = await PrimeMemory.open({ path: join(folder, 'cache.db'), threads: 1 })
  const entries = report.options.quick ? 200 : 10_000
  const random = seeded(5)
  for (let i = 0; i < entries; i += 100) {
    await Promise.all(Array.from({ length: 100 }, () => memory.cache.set(newRequest(random), 'Cut around 250 Hz, then listen in mono. '.repeat(10))))
  }
  await equal(report, memory)
  await guarded(report, memory, random, entries)
  await flight(report, memory)
  await memory.close()
}

/** @param {Report} report @param {PrimeMemory} memory */
async function equal(report, { cache }) {
  const request = { prompt: 'How do I make the low end of this mix tighter?', context: { bpm: 120, key: 'C minor', lufs: -9.5 }, options: OPTIONS }
  await cache.set(request, 'Cut around 250 Hz, then listen in mono. '.repeat(10))
  const timings = await alternate(
    [
      { name: 'cache.getSync', run: () => cache.getSync(request) },
      { name: 'cache.get', run: () => cache.get(request) }
    ],
    { rounds: report.options.quick ? 2 : 10, roundMs: 200, least: 20 }
  )
  report.table('An equal request', timings.map(({ name, p10, p50, p90, calls }) => ({ call: name, 'p50 µs': p50 * 1000, 'p10 µs': p10 * 1000, 'p90 µs': p90 * 1000, calls })))
  for (const { name, p50 } of timings) report.target(`exact hit, ${name}: p50 < 50 µs`, `${(p50 * 1000).toFixed(1)} µs`, p50 < 0.05)
}

/** @param {Report} report @param {PrimeMemory} memory @param {() => number} random @param {number} entries */
async function guarded(report, memory, random, entries) {
  const { cache } = memory
  const asksModel = (/** @type {CacheRequest} */ request) => cache.explainSync(request).candidates.some(({ score }) => score !== null)
  const tokens = memory.compressSync(newRequest(random).prompt).sourceTokens
  const bare = await Bare.open(1)
  const feeds = bare.feeds(tokens)
  const shareOf = (/** @type {(random: () => number) => CacheRequest} */ make) => {
    const lookups = Array.from({ length: report.options.quick ? 20 : 100 }, () => make(random))
    return lookups.filter(asksModel).length / lookups.length
  }
  const shares = [shareOf(newRequest), shareOf(rewordedRequest)]
  const [alone, encoded, looked, reworded] = await alternate(
    [
      { name: 'onnxruntime-node session.run', run: () => bare.run(feeds) },
      { name: 'compressSync', run: () => memory.compressSync(newRequest(random).prompt) },
      { name: 'cache.getSync, rules decide', run: () => cache.getSync(newRequest(random)) },
      { name: 'cache.getSync, pair model asked', run: () => cache.getSync(rewordedRequest(random)) }
    ],
    { rounds: report.options.quick ? 2 : 12, roundMs: 300, least: 10 }
  )
  const rows = [alone, encoded, looked, reworded].map((timing) => ({ ...timingRow(timing), 'x bare': ratioOf(timing, alone).ratio }))
  const [few, most] = shares.map((share) => `${(share * 100).toFixed(0)} %`)
  report.table(`A guarded lookup among ${entries.toLocaleString('en')}, ${tokens} tokens`, rows, `the pair model was asked in ${few} of the former lookups, in ${most} of the latter`)
  const times = [looked, reworded].map((timing) => ratioOf(timing, alone).ratio)
  report.target('guarded lookup, rules decide: < 1.3x the bare encode', `${times[0].toFixed(2)}x`, times[0] < 1.3)
  report.target(`guarded lookup, pair model asked in ${most}: < 6x`, `${times[1].toFixed(2)}x`, times[1] < 6 && shares[1] > 0.5)
}

/** @param {Report} report @param {PrimeMemory} memory */
async function flight(report, { cache }) {
  let calls = 0
  const produce = () => new Promise((/** @type {(answer: string) => void} */ resolve) => setTimeout(() => resolve(`answer ${++calls}`), 50))
  const all = () => Promise.all(Array.from({ length: 1000 }, () => cache.getOrCreate({ prompt: 'asked a thousand times' }, produce)))
  const { ms } = await once(all)
  report.table('1,000 equal requests at once', [{ 'provider calls': calls, 'ms in all': ms }], 'the provider takes 50 ms')
  report.target('1,000 equal requests at once: one provider call', String(calls), calls === 1)
}
