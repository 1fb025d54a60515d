// ESM entry: the same classes as `require` gives.
import addon from './index.js'

export const { PrimeMemory, Recall } = addon
export default addon
