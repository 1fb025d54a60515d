/** The same vectors, the same questions, the same recall: how long does each engine take? */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alternate, once, ratioOf } from '../measure/clock.mjs'
import { mean } from '../measure/quantiles.mjs'
import { nearest, recall, similarities } from '../measure/vectors.mjs'
import { TOP } from './engines/engine.mjs'
import { hnswlib } from './engines/hnswlib.mjs'
import { lancedbHnsw, lancedbIvf } from './engines/lancedb.mjs'
import { own } from './engines/own.mjs'
import { sqliteVec, sqliteVecBits } from './engines/sqlite-vec.mjs'
import { usearch } from './engines/usearch.mjs'

const WANTED = 0.99

/** @typedef {import('./engines/engine.mjs').Engine} Engine */
/** @typedef {import('../measure/report.mjs').Report} Report */
/** @typedef {{ vector: Float32Array, scores: Float32Array, exact: { cut: number, wanted: number } }} Question */
/** @typedef {{ engine: Engine, setting: number, reached: number, buildMs: number }} Ready */

/**
 * @param {Report} report
 * @param {import('../node/corpus.mjs').Corpus} corpus
 * @param {Float32Array[]} queries encoded
 */
export async function searchAgainstPeers(report, corpus, queries) {
  const questions = queries.map((vector) => {
    const scores = similarities(vector, corpus.vectors)
    return { vector, scores, exact: nearest(scores, TOP) }
  })
  const folder = mkdtempSync(join(tmpdir(), 'prime-memory-peers-'))
  const makers = [own(corpus), usearch('i8'), usearch('f32'), hnswlib, lancedbHnsw, lancedbIvf, sqliteVec, sqliteVecBits]
  const ready = []
  const out = []
  try {
    for (const [i, maker] of makers.entries()) {
      const place = join(folder, String(i))
      mkdirSync(place)
      try {
        ready.push(await prepared(maker, { ...corpus, folder: place }, questions))
      } catch (err) {
        out.push({ engine: maker.name, reason: String(/** @type {any} */ (err)?.message ?? err).split('\n')[0].slice(0, 150) })
      }
    }
    await compare(report, corpus.count, ready, questions)
    if (out.length > 0) report.table('Left out', out)
  } finally {
    for (const { engine } of ready) await engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Built, and set to the cheapest setting that reaches the recall.
 * @param {import('./engines/engine.mjs').Maker} maker @param {import('./engines/engine.mjs').Data} data
 * @param {Question[]} questions @returns {Promise<Ready>}
 */
async function prepared(maker, data, questions) {
  process.stderr.write(`building ${maker.name}\n`)
  const { ms: buildMs, result: engine } = await once(() => maker.build(data))
  let [setting] = engine.settings
  let reached = 0
  for (setting of engine.settings) {
    await engine.set(setting)
    reached = await recallOf(engine, questions)
    if (reached >= WANTED) break
  }
  process.stderr.write(`  ${(buildMs / 1000).toFixed(0)} s, recall ${reached.toFixed(4)} at ${engine.knob} ${setting}\n`)
  return { engine, setting, reached, buildMs }
}

/** @param {Engine} engine @param {Question[]} questions */
async function recallOf(engine, questions) {
  const recalls = []
  for (const { vector, scores, exact } of questions) recalls.push(recall(await engine.search(vector), scores, exact))
  return mean(recalls)
}

/** @param {Report} report @param {number} count @param {Ready[]} ready @param {Question[]} questions */
async function compare(report, count, ready, questions) {
  const variants = ready.map(({ engine }) => {
    let next = 0
    return { name: engine.name, run: () => engine.search(questions[next++ % questions.length].vector) }
  })
  const effort = report.options.quick ? { rounds: 1, roundMs: 20, least: 10 } : { rounds: 5, roundMs: 600, least: 20 }
  const timings = await alternate(variants, effort)
  const rows = ready.map(({ engine, setting, reached, buildMs }, i) => ({
    engine: engine.name,
    'recall@10': reached.toFixed(4),
    setting: `${engine.knob} ${setting}`,
    'p50 ms': timings[i].p50,
    'p90 ms': timings[i].p90,
    'CPU ms': timings[i].cpu,
    'x ours': ratioOf(timings[i], timings[0]).ratio,
    'build s': buildMs / 1000,
    'file MB': engine.bytes / 1e6,
    'package MB': engine.packageBytes / 1e6,
    how: engine.note
  }))
  report.table(`Top 10 of ${count} vectors, one query at a time, 1 thread where it can be set`, rows, 'Peers hand back row numbers only; prime-memory the whole hits, and its files hold texts, metadata and keywords too. Package: with all it needs at run time; LanceDB without its optional openai and transformers.')
  const faster = ready.slice(1).filter(({ reached }, i) => reached >= WANTED && ratioOf(timings[i + 1], timings[0]).ratio < 1)
  const own = ready[0].reached >= WANTED && faster.length === 0
  report.target(`search ${count}: recall@10 >= .99 and faster than every peer there`, faster.length > 0 ? `slower than ${faster.map(({ engine }) => engine.name).join(', ')}` : `recall ${ready[0].reached.toFixed(4)}`, own)
}
