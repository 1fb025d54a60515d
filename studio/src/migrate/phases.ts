import { localCache } from '../cache/answers.js'
import { importedCount } from '../cache/memory-cache.js'
import type { MixxRecallData } from '../recall/data.js'
import { localContext } from '../recall/local-recall.js'
import { toldFacts, toldTexts } from '../recall/section.js'
import type { Phase } from '../settings.js'
import { localStorage, memory } from '../store/memory.js'
import { session, type Comparison } from '../store/session.js'

/** Where the move from `localStorage` to the memory stands, and what the steps from here would change. */
export interface MigrationReport {
  phase: Phase
  /** Since this thread began, in the phases `shadow` and `hybrid`. */
  compared: Comparison
  cache: {
    /** Entries in the memory. */
    memory: number
    /** Entries in `localStorage`. */
    localStorage: number
    /** Imported entries, those whose request was seen meanwhile included. */
    imported: number
  }
  /** What the assistant would be told, where the two differ. */
  recall: { fact: string; localStorage: string[]; memory: string[] }[]
  /** What each other phase would change, a sentence each. */
  changes: { [phase in Phase]?: string[] }
}

const PHASES: Phase[] = ['shadow', 'hybrid', 'full']

/** Reads only. */
export function migrationReport(): MigrationReport {
  const phase = session.settings.phase ?? 'full'
  const store = memory()
  const cache = {
    memory: store?.cache.stats().entries ?? 0,
    localStorage: localCache()?.count() ?? 0,
    imported: store ? importedCount(store) : 0,
  }
  const recall = differences(localContext(localStorage()), store?.recall.context() ?? {})
  const others = PHASES.filter((other) => other !== phase)
  return {
    phase,
    compared: { ...session.compared },
    cache,
    recall,
    changes: Object.fromEntries(others.map((other) => [other, changes(other, cache, recall.length)])),
  }
}

function differences(local: MixxRecallData, memory: MixxRecallData): MigrationReport['recall'] {
  const [before, after] = [toldFacts(local), toldFacts(memory)]
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof typeof before)[]
  return names
    .map((fact) => ({ fact, localStorage: toldTexts(before, fact), memory: toldTexts(after, fact) }))
    .filter(({ localStorage, memory }) => JSON.stringify(localStorage) !== JSON.stringify(memory))
}

function changes(to: Phase, cache: MigrationReport['cache'], facts: number): string[] {
  const { disagreed, onlyMemory, onlyLocalStorage } = session.compared
  const told = `The assistant would be told ${facts} facts otherwise.`
  const compared = `Of the requests compared so far, ${onlyMemory} were answered by the memory alone, ${onlyLocalStorage} by localStorage alone, ${disagreed} by each in another way.`
  switch (to) {
    case 'shadow':
      return [`localStorage would answer, from ${cache.localStorage} entries; the memory would still learn.`, told, compared]
    case 'hybrid':
      return [`The memory would answer from ${cache.memory} entries, then localStorage from ${cache.localStorage}; both would be written.`, told, compared]
    case 'full':
      return [`The memory alone would answer, from ${cache.memory} entries; localStorage would stay as it is, unread.`, told, compared]
  }
}
