/** How long searching takes, how much of the exact answer it finds, and what a memory costs on disk. */
import { alternate } from '../measure/clock.mjs'
import { mean } from '../measure/quantiles.mjs'
import { figure } from '../measure/report.mjs'
import { nearest, recall, similarities } from '../measure/vectors.mjs'
import { EVERYTHING, attributes, corpusOf, fileBytes, settled } from './corpus.mjs'
import { openFigures } from './open.mjs'

/** @typedef {import('../measure/report.mjs').Report} Report */
/** @typedef {import('./corpus.mjs').Class} Class */
/** @typedef {import('./corpus.mjs').Corpus} Corpus */
/** @typedef {import('../../index.js').PrimeMemory} PrimeMemory */
/** @typedef {import('../../index.js').MemoryTokens} MemoryTokens */
/** @typedef {{ text: string, tokens: MemoryTokens, scores: Float32Array }} Question `scores`: exact, of every row */
/** @typedef {{ name: string, options: import('../../index.js').SearchOptionsSync, allowed: (row: number) => boolean }} Reach */

const TOP = 10
/** Truth for this many questions: 200 are 20,000,000 dot products over the largest store. */
const QUESTIONS = 200

/** @type {Reach} */
const NO_FILTER = { name: 'everything', options: {}, allowed: () => true }

/** @type {Reach[]} */
const FILTERS = [
  { name: 'kind preset', options: { kind: 'preset' }, allowed: (row) => attributes(row).kind === 'preset' },
  { name: 'kind idea', options: { kind: 'idea' }, allowed: (row) => attributes(row).kind === 'idea' },
  { name: 'one project', options: { scope: { user: 'ana', project: 'p3' } }, allowed: (row) => attributes(row).project === 'p3' },
  { name: 'bpm < 120', options: { where: { bpm: { lt: 120 } } }, allowed: (row) => attributes(row).bpm < 120 },
  { name: 'bpm < 72', options: { where: { bpm: { lt: 72 } } }, allowed: (row) => attributes(row).bpm < 72 },
  { name: 'take < 10', options: { where: { take: { lt: 10 } } }, allowed: (row) => attributes(row).take < 10 },
  { name: 'take = 7', options: { where: { take: 7 } }, allowed: (row) => attributes(row).take === 7 }
]

/** @param {Report} report @param {Class} PrimeMemory @param {string} fingerprint */
export async function searchFigures(report, PrimeMemory, fingerprint) {
  const sizes = report.options.quick ? [200, 1000] : [1000, 10_000, 100_000]
  const rows = []
  for (const count of sizes) {
    const corpus = await corpusOf(PrimeMemory, count, fingerprint)
    const memory = await PrimeMemory.open({ path: corpus.path, scope: { user: 'ana' }, threads: 1 })
    await settled(memory)
    const questions = questionsOf(memory, corpus)
    rows.push(await ofSize(report, memory, corpus, questions))
    const isLargest = count === sizes.at(-1)
    if (isLargest) await filtered(report, memory, corpus, questions)
    if (isLargest) await modes(report, memory, questions)
    await memory.close()
    if (isLargest) await openFigures(report, corpus)
  }
  report.table('Search by an encoded query, top 10, semantic, 1 thread', rows, 'Time of searchSync({ tokens }): index, 40 candidates rescored from SQLite, text and metadata of the hits read. Recall against brute force over the stored vectors, ties as good.')
}

/** @param {PrimeMemory} memory @param {Corpus} corpus @returns {Question[]} */
function questionsOf(memory, { queries, vectors }) {
  return queries.slice(0, QUESTIONS).map((text) => {
    const tokens = memory.compressSync(text)
    return { text, tokens, scores: similarities(tokens.whole, vectors) }
  })
}

/** @param {Report} report @param {PrimeMemory} memory @param {Corpus} corpus @param {Question[]} questions */
async function ofSize(report, memory, corpus, questions) {
  const found = await measured(report, memory, corpus, questions, NO_FILTER)
  const { index } = memory.stats()
  const bytes = fileBytes(corpus.path) + fileBytes(`${corpus.path}.index`)
  if (corpus.count === 100_000) {
    report.target('search 100,000: recall@10 >= .99 against exact', found['recall@10'], Number(found['recall@10']) >= 0.99)
    report.target('search 100,000: p50 under 1 ms besides encoding', `${figure(found['p50 ms'])} ms (CPU ${figure(found['CPU ms'])})`, found['p50 ms'] < 1)
  }
  return { memories: corpus.count, ...found, way: `${index.mode}${index.mode === 'graph' ? `, expansion ${index.expansion}` : ''}`, 'bytes/memory': Math.round(bytes / corpus.count), 'index MB in RAM': index.memoryBytes / 1e6 }
}

/** @param {Report} report @param {PrimeMemory} memory @param {Corpus} corpus @param {Question[]} questions */
async function filtered(report, memory, corpus, questions) {
  const rows = []
  for (const reach of FILTERS) {
    const share = corpus.ids.filter((_, row) => reach.allowed(row)).length / corpus.count
    rows.push({ filter: reach.name, 'lets through': `${(share * 100).toFixed(1)} %`, ...(await measured(report, memory, corpus, questions.slice(0, 50), reach)) })
  }
  report.table(`The same with a filter, ${corpus.count} memories`, rows)
}

/**
 * @param {Report} report @param {PrimeMemory} memory @param {Corpus} corpus @param {Question[]} questions
 * @param {Reach} reach
 */
async function measured(report, memory, { ids }, questions, { options, allowed }) {
  const all = /** @type {const} */ ({ mode: 'semantic', scope: EVERYTHING, limit: TOP, ...options })
  const rowOf = new Map(ids.map((id, row) => [id, row]))
  const recalls = questions.map(({ tokens, scores }) => {
    const rows = memory.searchSync({ tokens }, all).map(({ id }) => rowOf.get(id) ?? -1)
    return recall(rows, scores, nearest(scores, TOP, allowed))
  })
  let next = 0
  const run = () => memory.searchSync({ tokens: questions[next++ % questions.length].tokens }, all)
  const [{ p50, p99, cpu }] = await alternate([{ name: 'search', run }], effort(report))
  return { 'recall@10': mean(recalls).toFixed(4), 'p50 ms': p50, 'p99 ms': p99, 'CPU ms': cpu }
}

/** @param {Report} report @param {PrimeMemory} memory @param {Question[]} questions */
async function modes(report, memory, questions) {
  let next = 0
  const text = () => questions[next++ % questions.length].text
  const by = (/** @type {'hybrid' | 'semantic' | 'keyword'} */ mode) => () => memory.searchSync(text(), { mode, scope: EVERYTHING })
  const timings = await alternate(
    [
      { name: 'compressSync of the query alone', run: () => memory.compressSync(text()) },
      { name: 'semantic', run: by('semantic') },
      { name: 'keyword', run: by('keyword') },
      { name: 'hybrid', run: by('hybrid') }
    ],
    effort(report)
  )
  report.table('Search by text, encoding included, the largest store', timings.map(({ name, p50, p99, cpu }) => ({ mode: name, 'p50 ms': p50, 'p99 ms': p99, 'CPU ms': cpu })))
}

/** @param {Report} report */
function effort({ options: { quick } }) {
  return quick ? { rounds: 1, roundMs: 20, least: 20 } : { rounds: 5, roundMs: 600, least: 10 }
}
