// ESM entry: the same class as `require` gives.
import addon from './index.js'

export const { PrimeMemory } = addon
export default addon
