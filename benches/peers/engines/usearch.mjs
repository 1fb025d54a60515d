/** usearch's own npm package: HNSW in memory, one file. */
import { join } from 'node:path'
import { bytesOf, closureBytes } from '../bytes.mjs'
import { TOP, versionOf } from './engine.mjs'

const CHUNK = 5000

/** @param {'f32' | 'i8'} quantization @returns {import('./engine.mjs').Maker} */
export const usearch = (quantization) => ({ name: `usearch ${quantization}`, build: (data) => build(data, quantization) })

/** @param {import('./engine.mjs').Data} data @param {'f32' | 'i8'} quantization @returns {Promise<import('./engine.mjs').Engine>} */
async function build({ vectors, dims, count, folder }, quantization) {
  const { Index } = (await import('usearch')).default
  const file = join(folder, 'usearch.index')
  const empty = (/** @type {number} */ expansion) => new Index({ dimensions: dims, metric: 'cos', quantization, connectivity: 32, expansion_add: 128, expansion_search: expansion })
  let index = empty(64)
  for (let start = 0; start < count; start += CHUNK) {
    const end = Math.min(count, start + CHUNK)
    const keys = BigUint64Array.from({ length: end - start }, (_, i) => BigInt(start + i))
    index.add(keys, vectors.subarray(start * dims, end * dims), 1)
  }
  index.save(file)
  return {
    name: `usearch ${versionOf('usearch')} ${quantization}`,
    note: 'M 32, in RAM, keys only',
    bytes: bytesOf(file),
    knob: 'expansion',
    settings: [64, 96, 128, 192, 256, 384, 512],
    // Only the constructor takes the expansion of searches.
    set(expansion) {
      index = empty(expansion)
      index.load(file)
    },
    search: (query) => Array.from(index.search(query, TOP, 1).keys, Number),
    packageBytes: closureBytes('usearch'),
    close() {}
  }
}
