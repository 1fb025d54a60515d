/** What is known of this user's habits. */
export interface MixxRecallData {
  preferredGenres?: string[]
  preferredPlugins?: string[]
  commonPresets?: Array<{ name: string; plugin: string }>
  typicalBPM?: number
  commonKeys?: string[]
  /** LUFS. */
  preferredMixLevel?: number
  recentProjects?: Array<{ genre?: string; bpm?: number; key?: string }>
  favoritePlugins?: string[]
  commonSettings?: Record<string, Record<string, number>>
}

/** A preset by its name. */
export interface PresetName {
  name: string
  plugin: string
}

/**
 * What the assistant was told of this user, by name. Only what stands in the prompt is here. A preset is two values, so that
 * an answer that names it is known to depend on it.
 */
export type ToldFacts = {
  [fact in 'preferredGenres' | 'typicalBPM' | 'commonKeys' | 'favoritePlugins' | 'preferredMixLevel']?: string[]
} & { commonPresets?: PresetName[] }
