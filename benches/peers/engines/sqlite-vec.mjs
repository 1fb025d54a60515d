/** sqlite-vec in better-sqlite3: vectors in a SQLite file, every one of them looked at. */
import { join } from 'node:path'
import { bytesOf, closureBytes } from '../bytes.mjs'
import { TOP, vectorAt, versionOf } from './engine.mjs'

/** Exact. @type {import('./engine.mjs').Maker} */
export const sqliteVec = {
  name: 'sqlite-vec f32',
  async build(data) {
    const db = await filled(data, `v float[${data.dims}] distance_metric=cosine`, 'INSERT INTO t(rowid, v) VALUES (?, ?)', 1)
    const select = db.prepare(`SELECT rowid FROM t WHERE v MATCH ? AND k = ${TOP}`).pluck()
    return engine(db, data, 'f32, exact scan', 'k', [TOP], () => {}, (query) => select.all(query))
  }
}

/** The way its documentation shows for speed: bits first, the best of them again by f32. @type {import('./engine.mjs').Maker} */
export const sqliteVecBits = {
  name: 'sqlite-vec bits',
  async build(data) {
    const insert = 'INSERT INTO t(rowid, v, b) VALUES (?, ?, vec_quantize_binary(?))'
    const db = await filled(data, `v float[${data.dims}] distance_metric=cosine, b bit[${data.dims}]`, insert, 2)
    const select = db
      .prepare(
        `WITH coarse AS (SELECT rowid, v FROM t WHERE b MATCH vec_quantize_binary(?) AND k = ?)
         SELECT rowid FROM coarse ORDER BY vec_distance_cosine(v, ?) LIMIT ${TOP}`
      )
      .pluck()
    let k = 100
    return engine(db, data, 'bits, rescored by f32', 'k', [100, 200, 400, 800, 1600, 4000], (setting) => (k = setting), (query) => select.all(query, k, query))
  }
}

/**
 * @param {import('./engine.mjs').Data} data @param {string} columns @param {string} insert
 * @param {number} times how often the statement takes the vector
 */
async function filled(data, columns, insert, times) {
  const { default: Database } = await import('better-sqlite3')
  const { load } = await import('sqlite-vec')
  const db = new Database(join(data.folder, 'vec.db'))
  db.pragma('journal_mode = WAL')
  load(db)
  db.exec(`CREATE VIRTUAL TABLE t USING vec0(${columns})`)
  const statement = db.prepare(insert)
  db.transaction(() => {
    for (let row = 0; row < data.count; row++) statement.run(BigInt(row), ...Array(times).fill(vectorAt(data, row)))
  })()
  db.pragma('wal_checkpoint(TRUNCATE)')
  return db
}

/**
 * @param {any} db @param {import('./engine.mjs').Data} data @param {string} note @param {string} knob
 * @param {number[]} settings @param {(setting: number) => unknown} set @param {(query: Float32Array) => number[]} search
 * @returns {import('./engine.mjs').Engine}
 */
function engine(db, { folder }, note, knob, settings, set, search) {
  return {
    name: `sqlite-vec ${versionOf('sqlite-vec')} ${note.split(',')[0]}`,
    note,
    bytes: bytesOf(join(folder, 'vec.db')),
    knob,
    settings,
    set,
    search,
    packageBytes: closureBytes('sqlite-vec') + closureBytes('better-sqlite3'),
    close: () => db.close()
  }
}
