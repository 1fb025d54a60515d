// ESM entry: the same classes as `require` gives.
import addon from './index.js'

export const { Cache, PrimeMemory, Recall, Snapshots, Tiers } = addon
export default addon
