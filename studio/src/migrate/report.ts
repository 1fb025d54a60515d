/** What was found under one kind of key. In a dry run `imported` is what would be. */
export interface FamilyReport {
  /** Items: entries, favourites, presets, projects, vectors. */
  found: number
  imported: number
  /** Imported before, or known anyway. */
  alreadyThere: number
  /** Not importable; why, one sentence each, at most ten, stands in `problems`. */
  skipped: number
  problems: string[]
}

/** Kinds of keys the Studio writes. */
export type Family = 'cacheEntries' | 'cacheStats' | 'pluginFavorites' | 'pluginPresets' | 'projectHistory' | 'projects' | 'embeddings'

export interface ImportReport {
  dryRun: boolean
  families: { [family in Family]: FamilyReport }
  /** Keys that are none of the above; they were not looked into. */
  unknownKeys: number
}

const MOST_PROBLEMS = 10

const empty = (): FamilyReport => ({ found: 0, imported: 0, alreadyThere: 0, skipped: 0, problems: [] })

export const emptyReport = (dryRun: boolean): ImportReport => ({
  dryRun,
  families: {
    cacheEntries: empty(),
    cacheStats: empty(),
    pluginFavorites: empty(),
    pluginPresets: empty(),
    projectHistory: empty(),
    projects: empty(),
    embeddings: empty(),
  },
  unknownKeys: 0,
})

/** Counts items that cannot be imported, and says why. */
export function skip(family: FamilyReport, why: string, items = 1): void {
  family.skipped += items
  if (family.problems.length < MOST_PROBLEMS) family.problems.push(why)
}
