// Is the right passage found? Stores the passages of two public sets at three ratios and asks all their queries in
// every mode. `npm run bench:retrieval`, about 5 minutes; the first run downloads two Debian packages (README.md).
//
//   node benches/retrieval/bench.mjs [--quick] [--json FILE]

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PrimeMemory } from '../../index.mjs'
import { Report, readOptions } from '../measure/report.mjs'
import { similarities } from '../measure/vectors.mjs'
import { SOURCES, fetchSets, setPath } from './fetch.mjs'
import { DEPTH, gain, rankOf, scores } from './score.mjs'

/** @typedef {{ id: string, query: string, passage: string }} Pair */
/** @typedef {import('./score.mjs').Ranks} Ranks */
/** @typedef {Record<'keyword' | 'semantic' | 'hybrid' | 'mean vector', Ranks>} Answers by mode */

const RATIOS = [4, 16, 64]
/** The row of the issue is about this one. */
const JUDGED = 16
const MODES = /** @type {const} */ (['keyword', 'semantic', 'hybrid'])

const options = readOptions(process.argv.slice(2))
const folder = mkdtempSync(join(tmpdir(), 'prime-memory-retrieval-'))
const report = new Report('prime-memory: retrieval', options)
try {
  fetchSets()
  for (const { name } of SOURCES) await setFigures(name)
  report.finish()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** @param {string} name of the set */
async function setFigures(name) {
  const pairs = readPairs(name)
  const rows = []
  const differences = []
  for (const ratio of options.quick ? [JUDGED] : RATIOS) {
    const answers = await ask(name, pairs, ratio)
    for (const [mode, ranks] of Object.entries(answers)) rows.push({ ratio, mode, ...fixed(scores(ranks)) })
    differences.push(...differencesOf(answers).map((row) => ({ ratio, ...row })))
    if (ratio === JUDGED) judge(name, answers)
  }
  report.table(`${name}: ${pairs.length} passages, ${pairs.length} queries`, rows, 'mean vector: brute force by the cosine with the whole-text vector alone.')
  report.table(`${name}: differences in R@1`, differences, '95 % bootstrap interval over the queries; an interval that holds 0 may be chance.')
}

/** @param {string} name @returns {Pair[]} */
function readPairs(name) {
  const pairs = readFileSync(setPath(name), 'utf8').trim().split('\n').map((line) => JSON.parse(line))
  return options.quick ? pairs.slice(0, 40) : pairs
}

/** @param {string} name @param {Pair[]} pairs @param {number} ratio @returns {Promise<Answers>} */
async function ask(name, pairs, ratio) {
  const memory = await PrimeMemory.open({ path: join(folder, `${name}-${ratio}.db`) })
  const ids = await memory.rememberMany(pairs.map(({ passage }) => ({ kind: 'passage', text: passage, ratio })))
  const answers = Object.fromEntries(MODES.map((mode) => [mode, pairs.map(({ query }, i) => rankOf(found(memory, query, mode), ids[i]))]))
  answers['mean vector'] = await meanVectorRanks(memory, pairs, ids)
  await memory.close()
  return /** @type {Answers} */ (answers)
}

/** @param {PrimeMemory} memory @param {string} query @param {typeof MODES[number]} mode */
function found(memory, query, mode) {
  return memory.searchSync(query, { mode, limit: DEPTH, kind: 'passage' }).map(({ id }) => id)
}

/** The baseline everybody has: one vector a text. @param {PrimeMemory} memory @param {Pair[]} pairs @param {string[]} ids */
async function meanVectorRanks(memory, pairs, ids) {
  const { dims } = memory.stats().model
  const all = new Float32Array(ids.length * dims)
  for (const [i, id] of ids.entries()) all.set((await memory.tokens(id))?.whole ?? [], i * dims)
  return pairs.map(({ query }, right) => {
    const cosines = similarities(memory.compressSync(query).whole, all)
    const rank = 1 + cosines.filter((cosine) => cosine > cosines[right]).length
    return rank <= DEPTH ? rank : Infinity
  })
}

/** @param {Answers} answers */
function differencesOf(answers) {
  const better = betterPart(answers)
  const pairs = /** @type {const} */ ([['semantic', 'mean vector'], ['hybrid', better], ['hybrid', 'mean vector']])
  return pairs.map(([a, b]) => {
    const { difference, low, high } = gain(answers[a], answers[b])
    return { comparison: `${a} - ${b}`, 'R@1 points': signed(difference), '95 %': `${signed(low)} to ${signed(high)}` }
  })
}

/** @param {Answers} answers @returns {'keyword' | 'semantic'} */
function betterPart({ keyword, semantic }) {
  return scores(keyword)['R@1'] > scores(semantic)['R@1'] ? 'keyword' : 'semantic'
}

/** @param {string} name @param {Answers} answers */
function judge(name, answers) {
  const first = (/** @type {keyof Answers} */ mode) => scores(answers[mode])['R@1']
  const better = betterPart(answers)
  report.target(`${name}@${JUDGED}: semantic better than the mean vector (R@1)`, `${first('semantic').toFixed(3)} against ${first('mean vector').toFixed(3)}`, first('semantic') > first('mean vector'))
  report.target(`${name}@${JUDGED}: hybrid at least as good as the better part, ${better} (R@1)`, `${first('hybrid').toFixed(3)} against ${first(better).toFixed(3)}`, first('hybrid') >= first(better))
}

/** @param {Record<string, number>} values */
function fixed(values) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.toFixed(3)]))
}

/** @param {number} difference as a share */
function signed(difference) {
  return `${difference < 0 ? '-' : '+'}${Math.abs(difference * 100).toFixed(1)}`
}
