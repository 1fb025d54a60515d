// Keeping so that it can be taken back: the journal says what will be added, then what was. A kill in between is settled by
// looking whether it came to that.
import type { NewMemory, Observation, PrimeMemory } from '@mixxclub/prime-memory'
import { migratedModel } from '../cache/memory-cache.js'
import { isRefusal } from '../errors.js'
import type { Intent, Journal } from './journal.js'
import type { Keeping } from './keeping.js'
import { importedAs, vectorMark } from './memories.js'

/** Adds something between two lines of the journal; gives its id. What is cancelled or fails leaves its intent behind, for `settle`. */
export async function adding<Id extends string | null>(journal: Journal, what: Intent, add: () => Promise<Id>): Promise<Id> {
  const will = journal.will(what)
  try {
    const id = await add()
    journal.did(will, id)
    return id
  } catch (error) {
    if (isRefusal(error)) journal.did(will, null)
    throw error
  }
}

/** Keeps with a journal. */
export function journaled(store: PrimeMemory, journal: Journal, signal: AbortSignal | undefined): Keeping {
  const cancel = signal && { signal }
  return {
    async learn(observation: Observation, marks: string[]) {
      // Said now, so that it can be looked for.
      const at = observation.at ?? Date.now()
      const before = await observedAt(store, at)
      await adding(journal, { in: 'recall', at, before, marks }, async () => (await store.recall.learn({ ...observation, at }, cancel)).memory)
    },
    async remember(item: NewMemory, key: string) {
      await adding(journal, { in: 'memories', kind: item.kind, key, marks: [vectorMark(item.kind, key)] }, () => store.remember(item, cancel))
    },
    hasKept: (mark) => journal.ids.has(mark),
    modelOf(model: string) {
      journal.model(model)
      return migratedModel(model, journal.id)
    },
  }
}

/** Finds out what became of everything that was about to be added when the process ended. */
export async function settle(store: PrimeMemory, journal: Journal, user: { user?: string }): Promise<void> {
  for (const [number, what] of [...journal.pending]) {
    const [found] = (await came(store, what, user)).filter((id) => !journal.added[what.in].has(id))
    journal.did(number, found ?? null)
  }
}

async function came(store: PrimeMemory, what: Intent, user: { user?: string }): Promise<string[]> {
  switch (what.in) {
    case 'snapshots': {
      const { project, at, type, bytes, before } = what
      const there = store.snapshots.history(project, { type, since: at, before: at + 1, scope: user })
      return there.filter((version) => version.bytes === bytes && !before.includes(version.id)).map(({ id }) => id)
    }
    case 'memories': {
      const id = await importedAs(store, what.kind, what.key)
      return id === null ? [] : [id]
    }
    case 'recall':
      return (await observedAt(store, what.at)).filter((id) => !what.before.includes(id))
  }
}

/** Ids of the memories made of what was observed at this time. */
async function observedAt(store: PrimeMemory, at: number): Promise<string[]> {
  const found = await store.search('observation', { kind: 'mixx_recall', where: { observedAt: at }, mode: 'semantic', limit: 1000 })
  return found.map(({ id }) => id)
}
