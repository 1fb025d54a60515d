// Favourites, presets and project history: what recall counts. Nothing is counted twice.
import { learnFavorites, learnPresets, learnProject, unknownPresets } from '../recall/learn.js'
import { favorites, history, presets, type HistoryEntry } from '../recall/sources.js'
import type { Import } from './import.js'
import { skip } from './report.js'

export function importFavorites({ store, value, dryRun, report }: Import): void {
  const all = favorites(JSON.parse(value))
  report.found += Object.keys(all).length
  const known = new Set(store.recall.context().favoritePlugins)
  const news = Object.entries(all).filter(([plugin, liked]) => liked !== known.has(plugin)).length
  if (!dryRun) learnFavorites(store, all)
  report.imported += news
  report.alreadyThere += Object.keys(all).length - news
}

export function importPresets({ store, value, dryRun, report }: Import): void {
  const all = presets(JSON.parse(value))
  report.found += all.length
  const news = unknownPresets(store, all).length
  if (!dryRun) learnPresets(store, all)
  report.imported += news
  report.alreadyThere += all.length - news
}

export function importHistory({ store, key, value, dryRun, report }: Import): void {
  const known = new Set(store.recall.history().map((project) => identity(project, project.at)))
  for (const entry of history(JSON.parse(value))) {
    report.found += 1
    const { timestamp } = entry
    if (timestamp === undefined || !saysSomething(entry)) skip(report, `${key}: a project without a time or without any fact`)
    else if (known.has(identity(entry, timestamp))) report.alreadyThere += 1
    else {
      if (!dryRun) learnProject(store, entry, timestamp)
      known.add(identity(entry, timestamp))
      report.imported += 1
    }
  }
}

const saysSomething = ({ genre, bpm, key, lufs }: HistoryEntry): boolean => Boolean(genre || bpm || key || lufs !== undefined)

/** One project of a millisecond. Its key is left out: recall has one spelling for enharmonic keys. */
const identity = ({ bpm }: { bpm?: number }, at: number | undefined): string => JSON.stringify([at, bpm ?? null])

