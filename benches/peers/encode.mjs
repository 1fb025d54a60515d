/**
 * The same texts through the same graph file: transformers.js and prime-memory, each as it is installed, that is with the
 * ONNX Runtime it asks for, in processes that take turns.
 */
import { freemem } from 'node:os'
import { alternate, ratioOf } from '../measure/clock.mjs'
import { timingRow } from '../measure/report.mjs'
import { dotAt } from '../measure/vectors.mjs'
import { mixedNotes, textsOfLength } from '../texts/lengths.mjs'
import { TransformersPeer } from './transformers-peer.mjs'

/** @typedef {import('../measure/report.mjs').Report} Report */
/** @typedef {import('../measure/clock.mjs').Timing} Timing */
/** @typedef {import('../../index.js').PrimeMemory} PrimeMemory */

/** Attention of one text at one time: heads, 4-byte scores, before and after softmax. */
const ATTENTION_BYTES = 12 * 4 * 2

/** @param {Report} report @param {{ memory: PrimeMemory, threads: number }[]} memories by threads */
export async function encodeAgainstTransformers(report, memories) {
  const short = []
  for (const { memory, threads } of memories) {
    const peer = await TransformersPeer.open(threads)
    if (threads === 1) await agreement(report, memory, peer)
    short.push(...(await single(report, memory, peer, threads)), ...(await batch(report, memory, peer, threads)))
    peer.close()
  }
  report.table('Encoding: transformers.js against prime-memory', short, 'x: how many times as long transformers.js takes, round by round. Equal lengths leave nothing to gain but calls and tokenising.')
  const last = memories[memories.length - 1]
  const peer = await TransformersPeer.open(last.threads)
  await mixed(report, last.memory, peer, last.threads)
  peer.close()
}

/** Both must give the same vectors, or the comparison is of different work. @param {Report} report @param {PrimeMemory} memory @param {TransformersPeer} peer */
async function agreement(report, memory, peer) {
  const texts = (await mixedNotes(30, 3)).filter((text) => text.length < 600)
  const theirs = await peer.embed(texts)
  const cosines = texts.map((text, i) => dotAt(memory.compressSync(text).whole, theirs[i], 0))
  report.table('Agreement', [{ texts: texts.length, 'least cosine of the two whole-text vectors': Math.min(...cosines).toFixed(5) }])
}

/** @param {Report} report @param {PrimeMemory} memory @param {TransformersPeer} peer @param {number} threads */
async function single(report, memory, peer, threads) {
  const [text] = await textsOfLength(1, 16, (text) => memory.compressSync(text).sourceTokens)
  const timings = await alternate(
    [
      peer.variant('transformers.js', [text]),
      { name: 'compressSync', run: () => memory.compressSync(text) },
      { name: 'compress', run: () => memory.compress(text) }
    ],
    effort(report, 600)
  )
  if (threads === 1) {
    const { ratio, cpu } = ratioOf(timings[0], timings[1])
    report.target('one 16-token text: at least 1.3x faster than transformers.js, 1 thread, sync', `${ratio.toFixed(2)}x wall, ${cpu.toFixed(2)}x CPU`, ratio >= 1.3)
  }
  return rowsOf('1 text of 16 tokens', threads, timings)
}

/** @param {Report} report @param {PrimeMemory} memory @param {TransformersPeer} peer @param {number} threads */
async function batch(report, memory, peer, threads) {
  const texts = await textsOfLength(32, 16, (text) => memory.compressSync(text).sourceTokens)
  const timings = await alternate(
    [
      peer.variant('transformers.js', [texts]),
      { name: 'compressMany', run: () => memory.compressMany(texts) }
    ],
    effort(report, 800)
  )
  return rowsOf('32 texts of 16 tokens', threads, timings)
}

/** @param {Report} report @param {PrimeMemory} memory @param {TransformersPeer} peer @param {number} threads */
async function mixed(report, memory, peer, threads) {
  const texts = await mixedNotes(report.options.quick ? 30 : 1000)
  const lengths = (await memory.compressMany(texts)).map((tokens) => tokens.sourceTokens)
  const longest = Math.max(...lengths) + 2
  const fits = Math.max(1, Math.floor(freemem() / 4 / (ATTENTION_BYTES * longest ** 2)))
  const inCalls = Math.min(fits, texts.length)
  const sorted = texts.map((text, i) => ({ text, length: lengths[i] })).sort((a, b) => b.length - a.length).map(({ text }) => text)
  const timings = await alternate(
    [
      peer.variant(inCalls === texts.length ? 'transformers.js, one call' : `transformers.js, calls of ${inCalls}`, chunks(texts, inCalls)),
      peer.variant('transformers.js, calls of 32', chunks(texts, 32)),
      peer.variant('transformers.js, sorted by hand, calls of 32', chunks(sorted, 32)),
      { name: 'compressMany, one call', run: () => memory.compressMany(texts) }
    ],
    { rounds: report.options.quick ? 1 : 2, roundMs: 1, least: 1 }
  )
  const rows = timings.map((timing) => ({ ...timingRow(timing), 'texts/s': Math.round((texts.length / timing.p50) * 1000), 'x ours': ratioOf(timing, timings[3]).ratio }))
  report.table(`${texts.length} texts of ${Math.min(...lengths)} to ${longest - 2} tokens, ${threads} threads`, rows, `A call pads all its texts to the longest; one call of all would want ${(ATTENTION_BYTES * longest ** 2 * texts.length / 1e9).toFixed(0)} GB for attention.`)
  const { ratio } = ratioOf(timings[0], timings[3])
  report.target(`${texts.length} mixed texts in one call: at least 1.5x transformers.js`, `${ratio.toFixed(2)}x (sorted by hand: ${ratioOf(timings[2], timings[3]).ratio.toFixed(2)}x)`, ratio >= 1.5)
}

/** @param {string[]} texts @param {number} size */
function chunks(texts, size) {
  return Array.from({ length: Math.ceil(texts.length / size) }, (_, i) => texts.slice(i * size, (i + 1) * size))
}

/** The first timing is the peer's. @param {string} what @param {number} threads @param {Timing[]} timings */
function rowsOf(what, threads, timings) {
  return timings.map((timing) => {
    const { ratio, least, most, cpu } = ratioOf(timings[0], timing)
    return { texts: what, threads, ...timingRow(timing), x: ratio, 'least-most': `${least.toFixed(2)}–${most.toFixed(2)}`, 'x CPU': cpu }
  })
}

/** @param {Report} report @param {number} roundMs */
function effort({ options: { quick } }, roundMs) {
  return quick ? { rounds: 2, roundMs: 20, least: 2 } : { rounds: 7, roundMs, least: 5 }
}
