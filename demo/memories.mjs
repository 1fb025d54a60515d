/** What the demo remembers of a project: at most one memory of each kind, and only what the project itself says. */
import { chromagram } from './music/chroma.mjs'
import { estimateKey } from './music/key.mjs'

/** @typedef {import('./project.mjs').Project} Project */
/** @typedef {{ kind: string, data?: object, text?: string, metadata: Record<string, string | number> }} NewMemory */

/** The kinds, in the order the demo shows them. */
export const KINDS = ['project_snapshot', 'mixx_recall', 'musical_context', 'project_note']

/** @param {Project} project @returns {NewMemory[]} */
export function memoriesOf(project) {
  const { state, notes } = project
  const bpm = finite(state.bpm)
  const chroma = chromagram(state)
  const key = chroma && estimateKey(chroma)
  const keyName = key && `${key.key} ${key.scale}`
  const metadata = known({ project: project.name, bpm, key: keyName, tracks: state.tracks.length })
  return [
    { kind: 'project_snapshot', data: state, metadata },
    { kind: 'mixx_recall', data: known({ category: 'production', genre: state.musicalContext?.genre, bpm, key: keyName, plugins: pluginsOf(state) }), metadata },
    ...(chroma ? [{ kind: 'musical_context', data: known({ key: key?.key, scale: key?.scale, bpm, chromagram: chroma }), metadata }] : []),
    ...(notes ? [{ kind: 'project_note', text: notes, metadata }] : [])
  ]
}

/** Effects, then instruments, each the most used first. @param {import('./project.mjs').ProjectState} state */
export function pluginsOf(state) {
  const effects = Object.values(state.inserts ?? {}).flat()
  const instruments = state.tracks.map((track) => track?.role).filter((role) => role && role !== 'sample')
  return [...new Set([...byUse(effects), ...byUse(instruments)])]
}

/** @param {unknown[]} names */
function byUse(names) {
  /** @type {Map<string, number>} */ const uses = new Map()
  for (const name of names) if (typeof name === 'string') uses.set(name, (uses.get(name) ?? 0) + 1)
  return [...uses].sort(([, a], [, b]) => b - a).map(([name]) => name)
}

/** The Studio keeps a tempo as number or string. @param {unknown} value */
function finite(value) {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** Without the fields that say nothing. @param {Record<string, unknown>} fields @returns {Record<string, any>} */
function known(fields) {
  const says = (/** @type {unknown} */ value) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0)
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => says(value)))
}
