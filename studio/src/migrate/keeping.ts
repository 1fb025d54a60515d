// How what is imported is kept: as it is, or in such a way that it can be taken back. In a dry run, in a memory aside.
import type { NewMemory, Observation, PrimeMemory } from '@mixxclub/prime-memory'

export interface Keeping {
  learn(observation: Observation): Promise<unknown>
  /** @param key the key it comes from, which stands in its metadata */
  remember(item: NewMemory, key: string): Promise<unknown>
  /** The name that the model of an imported answer gets. */
  modelOf(model: string): string
}

/** As it is. */
export const plainly = (store: PrimeMemory): Keeping => ({
  learn: (observation) => store.recall.learn(observation),
  remember: (item) => store.remember(item),
  modelOf: (model) => model,
})
