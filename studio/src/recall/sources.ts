// What the Studio itself keeps about its user: keys of `localStorage`, and two live values on the window.
import { isRecord, type StorageLike } from '../store/web-storage.js'
import { warnOnce } from '../store/session.js'

export const FAVORITES_KEY = 'mixxclub:plugin-favorites'
export const PRESETS_KEY = 'mixxclub:plugin-presets'
export const STUDIO_PRESETS_KEY = 'mixxclub_presets_v1'
export const HISTORY_KEY = 'mixxclub:project-history'

export interface Preset {
  name: string
  plugin: string
  settings?: Record<string, number>
  /** Milliseconds since 1970. */
  at?: number
}

export interface HistoryEntry {
  genre?: string
  bpm?: number
  key?: string
  lufs?: number
  /** Milliseconds since 1970. */
  timestamp?: number
}

/** A key's JSON through `read`; nothing, with one warning, when it is broken: the other keys still count. */
export function readSource<T>(storage: StorageLike | null, key: string, nothing: T, read: (value: unknown) => T): T {
  try {
    const text = storage?.getItem(key)
    return text ? read(JSON.parse(text)) : nothing
  } catch (error) {
    warnOnce(key, `${key} in localStorage cannot be read and is left out`, error)
    return nothing
  }
}

export function favorites(value: unknown): Record<string, boolean> {
  if (!isRecord(value)) throw new TypeError('found no map of plugin ids')
  return Object.fromEntries(Object.entries(value).map(([plugin, liked]) => [plugin, liked === true]))
}

/** Both shapes: the map by plugin that the Studio writes, and the flat list that its recall expects. */
export function presets(value: unknown): Preset[] {
  if (Array.isArray(value)) return value.flatMap((entry) => preset(entry, undefined))
  if (!isRecord(value)) throw new TypeError('found neither a map by plugin nor a list')
  return Object.entries(value).flatMap(([plugin, list]) => (Array.isArray(list) ? list.flatMap((entry) => preset(entry, plugin)) : []))
}

function preset(entry: unknown, plugin: string | undefined): Preset[] {
  if (!isRecord(entry) || typeof entry.label !== 'string') return []
  const at = typeof entry.savedAt === 'string' || typeof entry.savedAt === 'number' ? new Date(entry.savedAt).getTime() : NaN
  return [
    {
      name: entry.label,
      plugin: plugin ?? pluginOf(entry),
      ...(isRecord(entry.params) && { settings: numbers(entry.params) }),
      ...(Number.isFinite(at) && { at }),
    },
  ]
}

/**
 * Presets of the whole Studio: `[{ name, states }]`, where `states` has the parameters of each plugin by its id, or is a list
 * of `{ plugin, … }`. `unplaced`: names of those that say no plugin.
 */
export function studioPresets(value: unknown): { presets: Preset[]; unplaced: string[] } {
  if (!Array.isArray(value)) throw new TypeError('found no list')
  const named = value.map((entry: unknown) => ({ entry, name: isRecord(entry) && typeof entry.name === 'string' ? entry.name : '' }))
  const all = named.map(({ entry, name }) => (name.trim() === '' ? [] : statesOf(entry as Record<string, unknown>, name)))
  return { presets: all.flat(), unplaced: named.filter((_, at) => all[at]!.length === 0).map(({ name }) => name || 'without a name') }
}

function statesOf({ states }: Record<string, unknown>, name: string): Preset[] {
  const pairs: [unknown, unknown][] = Array.isArray(states)
    ? states.filter(isRecord).map((state) => [state.pluginId ?? state.plugin, state.params ?? state.state ?? state])
    : Object.entries(isRecord(states) ? states : {})
  return pairs.flatMap(([plugin, params]) =>
    typeof plugin === 'string' && isRecord(params) ? [{ name, plugin, settings: numbers(params) }] : [],
  )
}

/** In a flat list the plugin stands before the time in the preset's id: `<plugin>-<ms>`. */
function pluginOf({ id, trackContext }: Record<string, unknown>): string {
  const fromId = typeof id === 'string' ? /^(.+)-\d{10,}$/.exec(id)?.[1] : undefined
  return fromId ?? (typeof trackContext === 'string' ? trackContext : 'unknown')
}

const numbers = (params: Record<string, unknown>): Record<string, number> =>
  Object.fromEntries(Object.entries(params).filter((pair): pair is [string, number] => Number.isFinite(pair[1])))

/** Oldest first. */
export function history(value: unknown): HistoryEntry[] {
  if (!Array.isArray(value)) throw new TypeError('found no list')
  return value.filter(isRecord).map(({ genre, bpm, key, lufs, timestamp }) => ({
    ...(typeof genre === 'string' && genre && { genre }),
    ...(isNumber(bpm) && bpm > 0 && { bpm }),
    ...(typeof key === 'string' && key && { key }),
    ...(isNumber(lufs) && { lufs }),
    ...(isNumber(timestamp) && { timestamp }),
  }))
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

/** Tempo and key of the project that is open, where the host sets them. */
export function liveValues(): { bpm?: number; key?: string } {
  const { window = {} } = globalThis as {
    window?: { __mixx_playbackState?: { bpm?: unknown } | null; __mixx_musicalContext?: { key?: unknown } | null }
  }
  const bpm = window.__mixx_playbackState?.bpm
  const key = window.__mixx_musicalContext?.key
  return { ...(isNumber(bpm) && bpm > 0 && { bpm }), ...(typeof key === 'string' && key && { key }) }
}
