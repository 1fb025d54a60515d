// How what is imported is kept: as it is, or in such a way that it can be taken back. In a dry run, in a memory aside.
import type { NewMemory, Observation, PrimeMemory } from '@mixxclub/prime-memory'

export interface Keeping {
  /** @param marks what it comes from */
  learn(observation: Observation, marks: string[]): Promise<unknown>
  /** @param key the key it comes from, which stands in its metadata */
  remember(item: NewMemory, key: string): Promise<unknown>
  /** Whether this migration has kept it already: what is not there now was forgotten since. */
  hasKept(mark: string): boolean
  /** The name that the model of an imported answer gets. */
  modelOf(model: string): string
}

/** As it is. @param kept what was kept before, by its marks */
export const plainly = (store: PrimeMemory, kept?: ReadonlyMap<string, string>): Keeping => ({
  learn: (observation) => store.recall.learn(observation),
  remember: (item) => store.remember(item),
  hasKept: (mark) => kept?.has(mark) ?? false,
  modelOf: (model) => model,
})
