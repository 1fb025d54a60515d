// Favourites, presets and project history: what recall counts. Nothing is counted twice.
import { newFavorites, newPresets, presetObservation, projectObservation } from '../recall/learn.js'
import { favorites, history, presets } from '../recall/sources.js'
import { messageOf } from '../errors.js'
import type { Import } from './import.js'
import { skip } from './report.js'

export function importFavorites({ store, value, dryRun, report }: Import): void {
  const all = favorites(JSON.parse(value))
  const found = Object.keys(all).length
  const news = newFavorites(store, all)
  const imported = Object.keys(news ?? {}).length
  if (news && !dryRun) store.recall.learnSync({ favourites: news })
  report.found += found
  report.imported += imported
  report.alreadyThere += found - imported
}

export async function importPresets({ store, key, value, dryRun, report }: Import): Promise<void> {
  const all = presets(JSON.parse(value))
  const news = newPresets(store, all)
  report.found += all.length
  report.alreadyThere += all.length - news.length
  for (const preset of news) {
    try {
      if (!dryRun) await store.recall.learn(presetObservation(preset))
      report.imported += 1
    } catch (error) {
      skip(report, `${key}: ${preset.name}: ${messageOf(error)}`)
    }
  }
}

export async function importHistory({ store, key, value, dryRun, report }: Import): Promise<void> {
  const known = new Set(store.recall.history().map(({ at, bpm }) => identity(at, bpm)))
  for (const entry of history(JSON.parse(value))) {
    report.found += 1
    const observation = entry.timestamp === undefined ? null : projectObservation(entry, entry.timestamp)
    const name = identity(entry.timestamp, entry.bpm)
    if (!observation) skip(report, `${key}: a project without a time or without any fact`)
    else if (known.has(name)) report.alreadyThere += 1
    else {
      try {
        if (!dryRun) await store.recall.learn(observation)
        known.add(name)
        report.imported += 1
      } catch (error) {
        skip(report, `${key}: ${messageOf(error)}`)
      }
    }
  }
}

/** One project of a millisecond. Its key is left out: recall may spell it otherwise. */
const identity = (at: number | undefined, bpm: number | undefined): string => JSON.stringify([at, bpm ?? null])
