// What the Studio itself keeps about its user: keys of `localStorage`, and two live values on the window.
import { millisecondsOf } from '../dates.js'
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

/** What could be read of a key, and what could not, a few words each. */
export interface Read<T> {
  values: T[]
  leftOut: string[]
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
  const named = Object.entries(value).filter(([plugin]) => oneLine(plugin) !== '')
  return Object.fromEntries(named.map(([plugin, liked]) => [oneLine(plugin), liked === true]))
}

/** As `readPresets`, without what could not be read. */
export const presets = (value: unknown): Preset[] => readPresets(value).values

/** Both shapes: the map by plugin that the Studio writes, and the flat list that its recall expects. */
export function readPresets(value: unknown): Read<Preset> {
  if (!Array.isArray(value) && !isRecord(value)) throw new TypeError('found neither a map by plugin nor a list')
  const lists: [string | undefined, unknown][] = Array.isArray(value) ? [[undefined, value]] : Object.entries(value)
  const read: Read<Preset> = { values: [], leftOut: [] }
  for (const [plugin, list] of lists) {
    if (!Array.isArray(list)) read.leftOut.push(`${plugin}: no list of presets`)
    else for (const entry of list) takePreset(entry, plugin, read)
  }
  return read
}

function takePreset(entry: unknown, plugin: string | undefined, { values, leftOut }: Read<Preset>): void {
  const name = isRecord(entry) ? [entry.label, entry.name].find((name): name is string => typeof name === 'string' && oneLine(name) !== '') : undefined
  if (!isRecord(entry) || name === undefined) return void leftOut.push(`${plugin ?? 'the list'}: a preset without a name`)
  const at = dateOf(entry.savedAt, name)
  const params = entry.params ?? entry.settings
  values.push({
    name: oneLine(name),
    plugin: oneLine(plugin ?? pluginOf(entry)) || 'unknown',
    ...(isRecord(params) && { settings: numbers(params) }),
    ...(at !== undefined && { at }),
  })
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
    typeof plugin === 'string' && isRecord(params) ? [{ name: oneLine(name), plugin: oneLine(plugin) || 'unknown', settings: numbers(params) }] : [],
  )
}

/** A list says the plugin itself, or, as the Studio's own, before the time in the preset's id: `<plugin>-<ms>`. */
function pluginOf({ id, plugin, trackContext }: Record<string, unknown>): string {
  const fromId = typeof id === 'string' ? /^(.+)-\d{10,}$/.exec(id)?.[1] : undefined
  return [plugin, fromId, trackContext].find((name): name is string => typeof name === 'string') ?? 'unknown'
}

const numbers = (params: Record<string, unknown>): Record<string, number> =>
  Object.fromEntries(Object.entries(params).filter((pair): pair is [string, number] => isNumber(pair[1])))

/** Oldest first. */
export const history = (value: unknown): HistoryEntry[] => records(value).map((entry) => readProject(entry).entry)

/** The objects of a list. */
export function records(value: unknown): Record<string, unknown>[] {
  if (!Array.isArray(value)) throw new TypeError('found no list')
  return value.filter(isRecord)
}

/** Highest tempo that the memory takes for one. */
const MOST_BPM = 1_000
/** Loudness that the memory takes for one. */
const LEAST_LUFS = -100
const MOST_LUFS = 20
const MOST_NAME_CHARS = 1_000

/**
 * What a project says of itself. A field that is wrong takes no other with it; `leftOut` names it. One that says nothing (a
 * tempo of 0, the level of silence) is no mistake.
 */
export function readProject(value: unknown): { entry: HistoryEntry; leftOut: string[] } {
  if (!isRecord(value)) return { entry: {}, leftOut: ['no project'] }
  const [bpm, lufs, timestamp] = [numberOf(value.bpm), numberOf(value.lufs), timeOf(value.timestamp)]
  const [genre, key] = [nameOf(value.genre), nameOf(value.key)]
  const entry = {
    ...(genre && { genre }),
    ...(isNumber(bpm) && bpm > 0 && bpm <= MOST_BPM && { bpm }),
    ...(key && { key }),
    ...(isNumber(lufs) && lufs >= LEAST_LUFS && lufs <= MOST_LUFS && { lufs }),
    ...(timestamp !== undefined && { timestamp }),
  }
  const wrong = [
    genre === null && 'genre',
    bpm !== undefined && bpm !== 0 && entry.bpm === undefined && 'bpm',
    key === null && 'key',
    lufs !== undefined && entry.lufs === undefined && 'lufs',
  ].filter((name) => name !== false)
  return { entry, leftOut: wrong.map((name) => `${name} ${String(value[name])}`.slice(0, 80)) }
}

/** A number, or a text that holds one: the Studio keeps both. Undefined: it says none; null: it is something else. */
function numberOf(value: unknown): number | null | undefined {
  if (value == null || (typeof value === 'number' && !Number.isFinite(value))) return undefined
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return null
  const number = Number(value)
  return value.trim() === '' ? undefined : Number.isFinite(number) ? number : null
}

/** A name on one line; undefined: it says none; null: it is none. */
function nameOf(value: unknown): string | null | undefined {
  if (value == null) return undefined
  const name = typeof value === 'string' ? oneLine(value) : null
  return name === null || name.length > MOST_NAME_CHARS || /\p{Surrogate}/u.test(name) ? null : name || undefined
}

/** As the memory keeps names. */
export const oneLine = (name: string): string => name.split(/[\s\p{Cc}]+/u).filter(Boolean).join(' ')

/** Milliseconds since 1970, or a date. The memory counts whole ones. */
function timeOf(value: unknown): number | undefined {
  const at = typeof value === 'string' ? millisecondsOf(value) : value
  return isNumber(at) ? Math.floor(at) : undefined
}

/** How far another clock may be ahead, milliseconds: the memory takes no later time. */
const CLOCKS_DIFFER_MS = 86_400_000

/** When a preset was saved; what is no time that the memory takes is left out with a warning, and takes nothing else with it. */
function dateOf(value: unknown, name: string): number | undefined {
  const at = timeOf(value)
  if (at !== undefined && at >= 0 && at <= Date.now() + CLOCKS_DIFFER_MS) return at
  const said = `${name}: ${String(value)}`.slice(0, 80)
  if (value != null) warnOnce(`date of ${said}`, `of a preset this is no date that it can have, and is left out: ${said}`)
  return undefined
}

export const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

/** Tempo and key of the project that is open, where the host sets them. */
export function liveValues(): { bpm?: number; key?: string } {
  const { window = {} } = globalThis as {
    window?: { __mixx_playbackState?: { bpm?: unknown } | null; __mixx_musicalContext?: { key?: unknown } | null }
  }
  const bpm = window.__mixx_playbackState?.bpm
  const key = window.__mixx_musicalContext?.key
  return { ...(isNumber(bpm) && bpm > 0 && { bpm }), ...(typeof key === 'string' && key && { key }) }
}
