/** LanceDB: columns on disk, an index of HNSW over 8-bit vectors, the best rescored by f32. */
import { bytesOf, lancedbBytes } from '../bytes.mjs'
import { TOP, vectorAt, versionOf } from './engine.mjs'

const CHUNK = 10_000

/** @type {import('./engine.mjs').Maker} */
export const lancedbHnsw = {
  name: 'LanceDB HNSW',
  build: (data) =>
    build(data, 'HNSW-SQ, refined by f32', 'ef', [32, 64, 96, 128, 192, 256, 384, 512], (Index) => Index.hnswSq({ distanceType: 'cosine', numPartitions: 1, m: 32, efConstruction: 128 }), (search, ef) => search.ef(ef).refineFactor(3))
}

/** Trained less than by default, which took more than 10 minutes on one core. @type {import('./engine.mjs').Maker} */
export const lancedbIvf = {
  name: 'LanceDB IVF',
  build: (data) =>
    build(data, 'IVF-PQ, refined by f32', 'nprobes', [5, 10, 20, 40, 80, 160], (Index) => Index.ivfPq({ distanceType: 'cosine', numPartitions: 256, numSubVectors: 48, maxIterations: 10, sampleRate: 64 }), (search, nprobes) => search.nprobes(nprobes).refineFactor(10))
}

/**
 * @param {import('./engine.mjs').Data} data @param {string} note @param {string} knob @param {number[]} settings
 * @param {(Index: any) => any} kind @param {(search: any, setting: number) => any} tuned
 * @returns {Promise<import('./engine.mjs').Engine>}
 */
async function build(data, note, knob, settings, kind, tuned) {
  const { connect, Index } = await import('@lancedb/lancedb')
  const connection = await connect(data.folder)
  const table = await filled(connection, data)
  await table.createIndex('vector', { config: kind(Index) })
  let setting = settings[0]
  return {
    name: `LanceDB ${versionOf('@lancedb/lancedb')} ${note.split(',')[0]}`,
    note,
    bytes: bytesOf(data.folder),
    knob,
    settings,
    set: (value) => (setting = value),
    async search(query) {
      const rows = await tuned(table.vectorSearch(query).distanceType('cosine'), setting).select(['id', '_distance']).limit(TOP).toArray()
      return rows.map((/** @type {{ id: number }} */ row) => Number(row.id))
    },
    packageBytes: lancedbBytes(),
    close: () => connection.close()
  }
}

/** @param {any} connection @param {import('./engine.mjs').Data} data */
async function filled(connection, data) {
  let table
  for (let start = 0; start < data.count; start += CHUNK) {
    const rows = Array.from({ length: Math.min(CHUNK, data.count - start) }, (_, i) => ({ id: start + i, vector: Array.from(vectorAt(data, start + i)) }))
    if (table) await table.add(rows)
    else table = await connection.createTable('t', rows)
  }
  await table.optimize()
  return table
}
