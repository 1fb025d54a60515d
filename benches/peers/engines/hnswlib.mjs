/** hnswlib-node: HNSW over f32 in memory, one file. */
import { join } from 'node:path'
import { bytesOf, closureBytes } from '../bytes.mjs'
import { TOP, vectorAt, versionOf } from './engine.mjs'

/** @type {import('./engine.mjs').Maker} */
export const hnswlib = { name: 'hnswlib-node', build }

/** @param {import('./engine.mjs').Data} data @returns {Promise<import('./engine.mjs').Engine>} */
async function build(data) {
  const { HierarchicalNSW } = (await import('hnswlib-node')).default
  const index = new HierarchicalNSW('ip', data.dims)
  index.initIndex(data.count, 32, 128)
  for (let row = 0; row < data.count; row++) index.addPoint(Array.from(vectorAt(data, row)), row)
  const file = join(data.folder, 'hnswlib.index')
  index.writeIndexSync(file)
  /** @type {WeakMap<Float32Array, number[]>} */ const lists = new WeakMap()
  return {
    name: `hnswlib-node ${versionOf('hnswlib-node')}`,
    note: 'M 32, f32 in RAM, labels only; query given as the plain array it wants',
    bytes: bytesOf(file),
    knob: 'ef',
    settings: [16, 32, 48, 64, 96, 128, 192, 256, 384, 512],
    set: (ef) => index.setEf(ef),
    search(query) {
      const list = lists.get(query) ?? Array.from(query)
      lists.set(query, list)
      return index.searchKnn(list, TOP).neighbors
    },
    packageBytes: closureBytes('hnswlib-node'),
    close() {}
  }
}
