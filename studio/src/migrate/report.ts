import { isRefusal, messageOf } from '../errors.js'

/** What was found under one kind of key. In a dry run `imported` is what would be. */
export interface FamilyReport {
  /** Items: entries, favourites, presets, projects, vectors, states. */
  found: number
  imported: number
  /** Imported before, or known anyway. */
  alreadyThere: number
  /** Not importable: broken, or nothing is in it; why, one sentence each, at most ten, stands in `problems`. */
  skipped: number
  /** The memory took them for wrong; why stands in `problems` too. */
  refused: number
  /** UTF-8 bytes that were read. */
  bytes: number
  problems: string[]
}

/** Kinds of keys the Studio writes. */
export type Family =
  | 'cacheEntries'
  | 'cacheStats'
  | 'pluginFavorites'
  | 'pluginPresets'
  | 'studioPresets'
  | 'projectHistory'
  | 'projects'
  | 'embeddings'

export interface ImportReport {
  dryRun: boolean
  families: { [family in Family]: FamilyReport }
  /** Keys that are none of the above; they were not looked into. */
  unknownKeys: number
}

const MOST_PROBLEMS = 10

export const emptyFamily = (): FamilyReport => ({ found: 0, imported: 0, alreadyThere: 0, skipped: 0, refused: 0, bytes: 0, problems: [] })

export const emptyFamilies = (): ImportReport['families'] => ({
  cacheEntries: emptyFamily(),
  cacheStats: emptyFamily(),
  pluginFavorites: emptyFamily(),
  pluginPresets: emptyFamily(),
  studioPresets: emptyFamily(),
  projectHistory: emptyFamily(),
  projects: emptyFamily(),
  embeddings: emptyFamily(),
})

/** Counts items that cannot be imported, and says why. */
export function skip(family: FamilyReport, why: string, items = 1): void {
  family.skipped += items
  say(family, why)
}

/**
 * Counts an item that failed, and says why.
 *
 * @throws the error when it is none of the item's: the disk is full, the memory is closed, the caller cancelled
 */
export function failed(family: FamilyReport, where: string, error: unknown): void {
  const { code } = error as { code?: unknown }
  const isOfTheMemory = typeof code === 'string' && code.startsWith('PM_')
  if (isOfTheMemory && !isRefusal(error)) throw error
  if (!isOfTheMemory) return skip(family, `${where}: ${messageOf(error)}`)
  family.refused += 1
  say(family, `${where}: ${reason(error)}`)
}

/** What went wrong, in one line that begins with its code where it has one. */
export function reason(error: unknown): string {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && code.startsWith('PM_') ? `${code}: ${messageOf(error)}` : messageOf(error)
}

/** A word on an item that is counted elsewhere. */
export function say(family: FamilyReport, why: string): void {
  if (family.problems.length < MOST_PROBLEMS) family.problems.push(why)
}
