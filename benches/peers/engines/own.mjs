/** prime-memory itself: index, 40 candidates rescored from SQLite, text and metadata of the hits read too. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { PrimeMemory } from '../../../index.mjs'
import { EVERYTHING, settled } from '../../node/corpus.mjs'
import { bytesOf, ownBytes } from '../bytes.mjs'
import { TOP } from './engine.mjs'

/**
 * A copy of the bench's store; what is timed as building is its index, from the stored vectors.
 * @param {import('../../node/corpus.mjs').Corpus} corpus @returns {import('./engine.mjs').Maker}
 */
export const own = (corpus) => ({ name: 'prime-memory', build: (data) => build(data, corpus) })

/** @param {import('./engine.mjs').Data} data @param {import('../../node/corpus.mjs').Corpus} corpus @returns {Promise<import('./engine.mjs').Engine>} */
async function build({ folder, dims }, { path, ids }) {
  const copy = join(folder, 'memory.db')
  copyFileSync(path, copy)
  const memory = await PrimeMemory.open({ path: copy, scope: { user: 'ana' }, threads: 1 })
  await settled(memory)
  const rowOf = new Map(ids.map((id, row) => [id, row]))
  const { model, index } = memory.stats()
  const like = { ...memory.compressSync('bass'), dims, model: model.fingerprint }
  return {
    name: 'prime-memory',
    note: `${index.mode}, expansion ${index.expansion}; with text and metadata`,
    bytes: bytesOf(path) + bytesOf(`${path}.index`),
    knob: 'probed by itself',
    settings: [index.expansion],
    set() {},
    search: (query) => memory.searchSync({ tokens: { ...like, data: query, whole: query } }, { mode: 'semantic', scope: EVERYTHING, limit: TOP }).map(({ id }) => rowOf.get(id) ?? -1),
    packageBytes: ownBytes(),
    close: () => memory.close()
  }
}
