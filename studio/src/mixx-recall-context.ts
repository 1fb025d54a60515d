// Drop-in for the Studio's `MixxRecallContext`: the same names, over the memory's counted and dated facts.
import type { PrimeMemory } from '@mixxclub/prime-memory'
import type { MixxRecallData } from './recall/data.js'
import { localContext, saveLocal } from './recall/local-recall.js'
import { recallSection, toldFacts } from './recall/section.js'
import { learnFromStudio, projectObservation, withoutDeleted } from './recall/learn.js'
import { liveValues, readProject } from './recall/sources.js'
import { inPassing, localStorage, memory, orElse } from './store/memory.js'
import { session, warnOnce } from './store/session.js'

export { configure } from './settings.js'
export type { MixxRecallData } from './recall/data.js'

/** What is known of this user: counted habits, favourites, presets, recent projects, and the project that is open. */
export function getMixxRecallContext(): MixxRecallData {
  return orElse('reading recall', {}, () => withLiveValues(known()))
}

/** The text the model sees, one line a fact; empty when nothing is known. */
export function formatMixxRecallPrompt(context: MixxRecallData): string {
  return orElse('writing recall', '', () => recallSection(toldFacts(context)))
}

/** The prompt with what is known of the user, or the prompt itself when nothing is. */
export function injectMixxRecall(prompt: string): string {
  return prompt + formatMixxRecallPrompt(getMixxRecallContext())
}

/** Remembers that the user worked on such a project, now. LUFS become the preferred mix level. */
export function saveProjectContext(data: { genre?: string; bpm?: number; key?: string; lufs?: number }): void {
  const at = Date.now()
  orElse('saving the project', undefined, () => {
    const { entry, leftOut } = readProject(data)
    for (const field of leftOut) warnOnce(`project ${field}`, `of a project this cannot be kept and is left out: ${field}`)
    const observation = projectObservation(entry, at)
    if (!observation) return
    const store = memory()
    const storage = localStorage()
    const learned = store !== null && orElse('saving the project', false, () => (store.recall.learnSync(observation), true))
    if (storage && (!store || phase() !== 'full')) saveLocal(storage, { ...entry, timestamp: at, ...(learned && { learned }) })
  })
}

const phase = () => session.settings.phase ?? 'full'

/** By phase: what the memory knows, in `hybrid` with what only `localStorage` does. */
function known(): MixxRecallData {
  const store: PrimeMemory | null = memory()
  const storage = localStorage()
  if (store && storage) inPassing('learning what the Studio keeps', store, () => learnFromStudio(store, storage))
  if (!store || phase() === 'shadow') return localContext(storage)
  const fromMemory = orElse('reading recall', {}, () => withoutDeleted(store, storage, store.recall.context()))
  return phase() === 'hybrid' ? { ...localContext(storage, 'unlearned'), ...fromMemory } : fromMemory
}

/** The open project's tempo and key stand in where no habit is known yet. */
function withLiveValues(data: MixxRecallData): MixxRecallData {
  const { bpm, key } = liveValues()
  return {
    ...data,
    ...(data.typicalBPM === undefined && bpm !== undefined && { typicalBPM: bpm }),
    ...(!data.commonKeys?.length && key !== undefined && { commonKeys: [key] }),
  }
}
