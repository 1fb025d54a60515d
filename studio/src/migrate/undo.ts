// Taking back exactly what a migration added: by the ids in its journal, and the answers by the name of their model. What
// was there before has no id there, nor has what others added since.
import type { PrimeMemory } from '@mixxclub/prime-memory'
import { removeMigrated } from '../cache/memory-cache.js'
import { aborted } from '../llm/attempts.js'
import type { Journal } from './journal.js'

export interface UndoReport {
  /** Versions of projects that are gone. */
  snapshots: number
  /** Memories that are gone. */
  memories: number
  /** Observations (favourites, presets, history) that are counted no more. */
  observations: number
  /** Answers that are gone, those that had found their request included. */
  answers: number
  /** What was added but is not there any more: forgotten, pruned, taken back by somebody else. */
  gone: number
}

/** Ids in one call. */
const BATCH = 200

/** Each step may be repeated: what is gone is not counted again. */
export async function takeBack(
  store: PrimeMemory,
  journal: Journal,
  user: { user?: string },
  { signal, onProgress }: { signal?: AbortSignal | undefined; onProgress: (done: number, total: number) => void },
): Promise<UndoReport> {
  const { snapshots, memories, recall } = journal.added
  const total = snapshots.size + memories.size + recall.size + journal.models.size
  let done = 0
  const inBatches = async (ids: Set<string>, remove: (ids: string[]) => Promise<number>) => {
    let removed = 0
    // The newest first: nothing that stays is told by them.
    for (const batch of batches([...ids].reverse())) {
      if (signal?.aborted) throw aborted()
      removed += await remove(batch)
      onProgress((done += batch.length), total)
    }
    return removed
  }
  const report = {
    snapshots: await inBatches(snapshots, (ids) => store.snapshots.remove(ids, { scope: user })),
    memories: await inBatches(memories, (ids) => store.forget(ids)),
    observations: await inBatches(recall, (ids) => store.recall.unlearn(ids)),
    answers: await removeMigrated(store, journal.models, journal.id),
  }
  onProgress(total, total)
  return { ...report, gone: snapshots.size + memories.size + recall.size - report.snapshots - report.memories - report.observations }
}

const batches = (ids: string[]): string[][] => Array.from({ length: Math.ceil(ids.length / BATCH) }, (_, i) => ids.slice(i * BATCH, (i + 1) * BATCH))
