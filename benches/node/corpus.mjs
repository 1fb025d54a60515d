/**
 * Stores of many real encodings, made once and kept in `benches/.data/`: 100,000 take about 3 minutes of CPU time.
 * Delete the folder to have them made again.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { oneLiners } from '../texts/lines.mjs'

export const DATA = fileURLToPath(new URL('../.data/', import.meta.url))

/** Every memory is of this user, in one of ten projects. */
export const EVERYTHING = { user: 'ana', allProjects: true }
const QUERIES = 200
const CHUNK = 500

/** @typedef {typeof import('../../index.js').PrimeMemory} Class */
/** @typedef {import('../../index.js').PrimeMemory} PrimeMemory */

/**
 * @typedef {object} Corpus
 * @property {string} path of the store
 * @property {string} folder
 * @property {number} count memories, of one memory token each
 * @property {string[]} ids in the order they were remembered
 * @property {string[]} queries texts that are alike, but not among the memories
 * @property {Float32Array} vectors of the memories, in the order of `ids`
 * @property {number} dims
 * @property {number} fromDebian memories that are package descriptions; the rest are notes
 */

/** What the filters of the search bench look at. @param {number} row */
export function attributes(row) {
  const kinds = ['idea', 'preset', 'preset', 'preset', 'preset', 'preset']
  return {
    kind: kinds[row % 20] ?? 'note',
    project: `p${Math.floor(row / 20) % 10}`,
    bpm: 60 + ((row * 7919) % 120),
    take: (row * 104_729) % 1000
  }
}

/**
 * The corpus of `count` memories, made if it is not there.
 * @param {Class} PrimeMemory @param {number} count @param {string} fingerprint of the model @returns {Promise<Corpus>}
 */
export async function corpusOf(PrimeMemory, count, fingerprint) {
  const folder = `${DATA}lines-${count}-${fingerprint.slice(0, 12)}/`
  if (!(await isUsable(PrimeMemory, folder))) await makeCorpus(PrimeMemory, count, folder)
  const { ids, queries, dims, fromDebian } = JSON.parse(readFileSync(`${folder}lines.json`, 'utf8'))
  const bytes = readFileSync(`${folder}vectors.f32`)
  const vectors = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
  return { folder, path: `${folder}memory.db`, count, ids, queries, vectors, dims, fromDebian }
}

/** Whether it is there, and of the format of today. @param {Class} PrimeMemory @param {string} folder */
async function isUsable(PrimeMemory, folder) {
  if (!existsSync(folder)) return false
  try {
    const memory = await PrimeMemory.open({ path: `${folder}memory.db`, threads: 1 })
    memory.stats()
    await memory.close()
    return true
  } catch (err) {
    console.error(`${folder} is made again: ${err instanceof Error ? err.message : err}`)
    return false
  }
}

/** Made aside and renamed: what is there is whole. @param {Class} PrimeMemory @param {number} count @param {string} folder */
async function makeCorpus(PrimeMemory, count, folder) {
  const aside = `${folder.slice(0, -1)}.partial/`
  rmSync(aside, { recursive: true, force: true })
  mkdirSync(aside, { recursive: true })
  const { lines, heldOut, fromDebian } = await oneLiners(count, QUERIES)
  const memory = await PrimeMemory.open({ path: `${aside}memory.db`, scope: { user: 'ana' } })
  const ids = await rememberAll(memory, lines)
  await settled(memory)
  const { vectors, dims } = await vectorsOf(memory, ids)
  await memory.close()
  writeFileSync(`${aside}vectors.f32`, new Uint8Array(vectors.buffer))
  writeFileSync(`${aside}lines.json`, JSON.stringify({ dims, fromDebian, queries: heldOut, ids }))
  rmSync(folder, { recursive: true, force: true })
  renameSync(aside, folder)
}

/** @param {PrimeMemory} memory @param {string[]} lines */
async function rememberAll(memory, lines) {
  const ids = []
  for (let start = 0; start < lines.length; start += CHUNK) {
    const items = lines.slice(start, start + CHUNK).map((text, i) => item(text, start + i))
    ids.push(...(await memory.rememberMany(items)))
    progress(`remembering ${ids.length} of ${lines.length}`)
  }
  return ids
}

/** @param {string} text @param {number} row @returns {import('../../index.js').NewMemory} */
function item(text, row) {
  const { kind, project, bpm, take } = attributes(row)
  return { kind, text, ratio: 256, scope: { user: 'ana', project }, metadata: { bpm, take } }
}

/** Until what answers was built and probed, or there is nothing to wait for. @param {PrimeMemory} memory */
export async function settled(memory) {
  for (let before = -1, quiet = 0; quiet < 4; await sleep(500)) {
    const { mode, graphed, vectors, recall } = memory.stats().index
    const busy = mode === 'building' || graphed !== before || (mode !== 'exact' && recall === null)
    quiet = busy ? 0 : quiet + 1
    before = graphed
    progress(`index: ${graphed} of ${vectors} in the graph`)
  }
  if (process.stderr.isTTY) process.stderr.write('\n')
}

/** The whole-text vectors as they are stored. @param {PrimeMemory} memory @param {string[]} ids */
async function vectorsOf(memory, ids) {
  const { dims } = memory.stats().model
  const vectors = new Float32Array(ids.length * dims)
  for (let start = 0; start < ids.length; start += CHUNK) {
    const some = await Promise.all(ids.slice(start, start + CHUNK).map((id) => memory.tokens(id, { scope: EVERYTHING })))
    some.forEach((tokens, i) => vectors.set(tokens?.whole ?? [], (start + i) * dims))
  }
  return { vectors, dims }
}

let shown = ''

/** In a log only every tenth thousand. @param {string} line */
function progress(line) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`)
  else if (line !== shown && /\D\d*0000 of/.test(line)) process.stderr.write(`${line}\n`)
  shown = line
}

/** @param {string} path @returns {number} bytes, 0 when there is no such file */
export function fileBytes(path) {
  return existsSync(path) ? statSync(path).size : 0
}
