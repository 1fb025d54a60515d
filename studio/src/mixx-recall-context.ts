// Drop-in for the Studio's `MixxRecallContext`: the same names, over the memory's counted and dated facts.
import type { PrimeMemory } from '@mixxclub/prime-memory'
import type { MixxRecallData } from './recall/data.js'
import { localContext, saveLocal } from './recall/local-recall.js'
import { recallSection, toldFacts } from './recall/section.js'
import { learnFromStudio, projectObservation } from './recall/learn.js'
import { liveValues } from './recall/sources.js'
import { localStorage, memory, orElse } from './store/memory.js'
import { session } from './store/session.js'

export { configure } from './settings.js'
export type { MixxRecallData } from './recall/data.js'

/** What is known of this user: counted habits, favourites, presets, recent projects, and the project that is open. */
export function getMixxRecallContext(): MixxRecallData {
  return orElse('reading recall', {}, () => withLiveValues(fromMemory() ?? localContext(localStorage())))
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
    const store = memory()
    const storage = localStorage()
    const observation = projectObservation(data, at)
    if (store && observation) store.recall.learnSync(observation)
    if (storage && (!store || phase() !== 'full')) saveLocal(storage, { ...data, timestamp: at })
  })
}

const phase = () => session.settings.phase ?? 'full'

function fromMemory(): MixxRecallData | null {
  const store: PrimeMemory | null = memory()
  if (!store) return null
  orElse('learning what the Studio keeps', undefined, () => learnFromStudio(store, localStorage()))
  return phase() === 'shadow' ? null : store.recall.context()
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
