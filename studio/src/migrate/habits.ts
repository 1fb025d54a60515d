// Favourites, presets and project history: what recall counts. Nothing is counted twice.
import type { PrimeMemory } from '@mixxclub/prime-memory'
import { isRefusal } from '../errors.js'
import { knownFavorites, newFavorites, newPresets, presetObservation, projectObservation } from '../recall/learn.js'
import { favorites, readPresets, readProject, studioPresets, type HistoryEntry, type Preset } from '../recall/sources.js'
import type { Import } from './import.js'
import { mark } from './journal.js'
import { failed, say, skip } from './report.js'

export async function importFavorites({ store, keeping, key, value, report }: Import): Promise<void> {
  const all = favorites(JSON.parse(value))
  const known = new Set(knownFavorites(store).keys())
  const wasForgotten = (plugin: string) => !known.has(plugin) && keeping.hasKept(favoriteMark(plugin))
  const news = Object.entries(newFavorites(store, all) ?? {}).filter(([plugin]) => !wasForgotten(plugin))
  report.found += Object.keys(all).length
  report.alreadyThere += Object.keys(all).length - news.length
  if (news.length === 0) return
  try {
    await keeping.learn({ favourites: Object.fromEntries(news) }, news.map(([plugin]) => favoriteMark(plugin)))
    report.imported += news.length
  } catch (error) {
    if (!isRefusal(error)) throw error
    for (const one of news) await learnFavorite(one, { keeping, key, report })
  }
}

/** By itself, so that one that is refused takes no other with it. */
async function learnFavorite([plugin, liked]: [string, boolean], { keeping, key, report }: Pick<Import, 'keeping' | 'key' | 'report'>): Promise<void> {
  try {
    await keeping.learn({ favourites: { [plugin]: liked } }, [favoriteMark(plugin)])
    report.imported += 1
  } catch (error) {
    failed(report, `${key}: ${plugin.slice(0, MOST_SHOWN_CHARS)}`, error)
  }
}

const favoriteMark = (plugin: string): string => mark('favourite', plugin)

/** Of a name that is too long, in a sentence. */
const MOST_SHOWN_CHARS = 80

export async function importPresets(item: Import): Promise<void> {
  const { values, leftOut } = readPresets(JSON.parse(item.value))
  item.report.found += leftOut.length
  for (const what of leftOut) skip(item.report, `${item.key}: ${what}`)
  await learnPresets(values, item)
}

/** Presets of several plugins at once. What does not say which plugin it belongs to is left out. */
export async function importStudioPresets(item: Import): Promise<void> {
  const { presets, unplaced } = studioPresets(JSON.parse(item.value))
  item.report.found += unplaced.length
  for (const name of unplaced) skip(item.report, `${item.key}: ${name}: it does not say for which plugin`)
  await learnPresets(presets, item)
}

async function learnPresets(all: Preset[], { store, keeping, key, report }: Import): Promise<void> {
  const news = newPresets(store, all).filter((preset) => !keeping.hasKept(presetMark(preset)))
  report.found += all.length
  report.alreadyThere += all.length - news.length
  for (const preset of news) {
    try {
      await keeping.learn(presetObservation(preset), [presetMark(preset)])
      report.imported += 1
    } catch (error) {
      failed(report, `${key}: ${preset.name.slice(0, MOST_SHOWN_CHARS)}`, error)
    }
  }
}

const presetMark = ({ plugin, name, at, settings }: Preset): string => mark('preset', plugin, name, at ?? null, settings ?? null)

export async function importHistory({ store, keeping, key, value, report }: Import): Promise<void> {
  const all: unknown = JSON.parse(value)
  if (!Array.isArray(all)) throw new TypeError('found no list')
  const entries = all.map(readProject)
  const known = new Set(store.recall.history().map(({ at, ...project }) => identity(at, project)))
  const partly = forgottenInPart(store, entries.map(({ entry }) => entry))
  for (const { entry, leftOut } of entries) {
    report.found += 1
    const { timestamp: at } = entry
    const observation = at === undefined ? null : projectObservation(entry, at)
    const why = leftOut.length === 0 ? '' : ` (${leftOut.join(', ')})`
    if (at === undefined || !observation) skip(report, `${key}: a project without a time or without any fact${why}`)
    else if (known.has(identity(at, entry)) || partly.has(entry) || keeping.hasKept(projectMark(at, entry))) report.alreadyThere += 1
    else {
      try {
        await keeping.learn(observation, [projectMark(at, entry)])
        known.add(identity(at, entry))
        report.imported += 1
        if (why) say(report, `${key}: a project was imported without what is none${why}`)
      } catch (error) {
        failed(report, key, error)
      }
    }
  }
}

/** What tells one project from another. */
const identity = (at: number, { genre, bpm, key, lufs }: HistoryEntry): string =>
  JSON.stringify([at, genre?.toLowerCase(), bpm, key?.toLowerCase(), lufs].map((one) => one ?? null))

const projectMark = (at: number, entry: HistoryEntry): string => mark('project', identity(at, entry))

/** Entries of which recall has a part under their time, and nothing else that it could be a part of: the rest was forgotten. */
function forgottenInPart(store: PrimeMemory, entries: HistoryEntry[]): Set<HistoryEntry> {
  const whole = new Set(entries.flatMap((entry) => (entry.timestamp === undefined ? [] : [identity(entry.timestamp, entry)])))
  const parts = store.recall.history().filter(({ at, ...project }) => !whole.has(identity(at, project)))
  const byTime = new Map<number, HistoryEntry[]>()
  for (const { at, ...part } of parts) byTime.set(at, [...(byTime.get(at) ?? []), part])
  const found = new Set<HistoryEntry>()
  for (const entry of entries) {
    const there = byTime.get(entry.timestamp ?? -1) ?? []
    const at = there.findIndex((part) => isPart(part, entry))
    if (at < 0) continue
    there.splice(at, 1)
    found.add(entry)
  }
  return found
}

function isPart(part: HistoryEntry, whole: HistoryEntry): boolean {
  const fields = ['genre', 'bpm', 'key', 'lufs'] as const
  const plain = (value: string | number | undefined) => (typeof value === 'string' ? value.toLowerCase() : value)
  return fields.every((field) => part[field] === undefined || plain(part[field]) === plain(whole[field]))
}
