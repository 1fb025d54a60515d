// Favourites, presets and project history: what recall counts. Nothing is counted twice.
import { newFavorites, newPresets, presetObservation, projectObservation } from '../recall/learn.js'
import { favorites, history, presets, studioPresets, type Preset } from '../recall/sources.js'
import type { Import } from './import.js'
import { failed, skip } from './report.js'

export async function importFavorites({ store, keeping, value, dryRun, report }: Import): Promise<void> {
  const all = favorites(JSON.parse(value))
  const found = Object.keys(all).length
  const news = newFavorites(store, all)
  const imported = Object.keys(news ?? {}).length
  if (news && !dryRun) await keeping.learn({ favourites: news })
  report.found += found
  report.imported += imported
  report.alreadyThere += found - imported
}

export async function importPresets(item: Import): Promise<void> {
  await learnPresets(presets(JSON.parse(item.value)), item)
}

/** Presets of several plugins at once. What does not say which plugin it belongs to is left out. */
export async function importStudioPresets(item: Import): Promise<void> {
  const { presets, unplaced } = studioPresets(JSON.parse(item.value))
  item.report.found += unplaced.length
  for (const name of unplaced) skip(item.report, `${item.key}: ${name}: it does not say for which plugin`)
  await learnPresets(presets, item)
}

async function learnPresets(all: Preset[], { store, keeping, key, dryRun, report }: Import): Promise<void> {
  const news = newPresets(store, all)
  report.found += all.length
  report.alreadyThere += all.length - news.length
  for (const preset of news) {
    try {
      if (!dryRun) await keeping.learn(presetObservation(preset))
      report.imported += 1
    } catch (error) {
      failed(report, `${key}: ${preset.name}`, error)
    }
  }
}

export async function importHistory({ store, keeping, key, value, dryRun, report }: Import): Promise<void> {
  const known = new Set(store.recall.history().map(({ at, bpm }) => identity(at, bpm)))
  for (const entry of history(JSON.parse(value))) {
    report.found += 1
    const observation = entry.timestamp === undefined ? null : projectObservation(entry, entry.timestamp)
    const name = identity(entry.timestamp, entry.bpm)
    if (!observation) skip(report, `${key}: a project without a time or without any fact`)
    else if (known.has(name)) report.alreadyThere += 1
    else {
      try {
        if (!dryRun) await keeping.learn(observation)
        known.add(name)
        report.imported += 1
      } catch (error) {
        failed(report, key, error)
      }
    }
  }
}

/** One project of a millisecond. Its key is left out: recall may spell it otherwise. */
const identity = (at: number | undefined, bpm: number | undefined): string => JSON.stringify([at, bpm ?? null])
