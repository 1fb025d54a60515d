// Which project a state belongs to. The Studio's autosaves and downloads do not say it, and its autosave database mixes
// projects in time, so this is decided by rules, in this order, and every decision stands in the report:
//   key    a project saved under its name has it
//   given  `projectOf` of the caller names it
//   state  the state itself holds a name
//   before an earlier run put it there, also one that was confirmed
//   tracks it has tracks of exactly one project that is known, and of no other
//   given  `project` of the caller stands for what is left
//   none   what is left is gathered by tracks it has in common, under a name that says so
import { badOption } from '../errors.js'
import type { KnownProject, Naming } from './journal.js'
import type { FoundState } from './states.js'

/** What `projectOf` is asked about. */
export interface UnnamedState {
  /** The file, or record, it is in. */
  label: string
  /** When it was saved, milliseconds since 1970. */
  at: number | null
  /** Ids of its tracks. */
  tracks: string[]
}

/** A project, and how it is known that a state is of it. */
export interface Belonging {
  project: string
  by: Naming
}

export interface BelongingOptions {
  /** The name of the project a state belongs to; null or undefined: by the other rules. */
  projectOf?: (state: UnnamedState) => string | null | undefined
  /** The project of states that nothing else gives a name. @default a name by the date of the first of them */
  project?: string
}

/** What earlier runs found out. */
export interface Decided {
  projects: Map<string, KnownProject>
  /** The project that this state was put into; undefined when it was not. */
  of(state: FoundState): string | undefined
}

/** Where states go that have neither a name nor a track. */
const TRACKLESS = 'Unnamed project without tracks'

/** The project of each state, in the order given. `decided.projects` is added to. */
export function assign(states: FoundState[], decided: Decided, options: BelongingOptions): Belonging[] {
  const known = decided.projects
  const assigned = states.map((state) => told(state, options))
  states.forEach((state, i) => assigned[i] && learn(known, assigned[i], state.tracks))
  const inTime = states.map((_, i) => i).sort((a, b) => (states[a]!.at ?? Infinity) - (states[b]!.at ?? Infinity) || a - b)
  for (const i of inTime) {
    assigned[i] ??= guessed(states[i]!, decided, options)
    learn(known, assigned[i]!, states[i]!.tracks)
  }
  return assigned as Belonging[]
}

function told({ family, label, at, tracks, named }: FoundState, { projectOf }: BelongingOptions): Belonging | null {
  if (family === 'projects') return named
  const given: unknown = projectOf?.({ label, at, tracks })
  if (given != null && typeof given !== 'string') {
    const isPromise = typeof (given as { then?: unknown }).then === 'function'
    const found = isPromise ? 'a promise' : `${typeof given} ${String(given)}`
    throw badOption(`projectOf: it gave ${found} for ${label}; let it give a name, or null for a state that it does not know`)
  }
  return given ? { project: given, by: 'given' } : named
}

function guessed(state: FoundState, { projects: known, of }: Decided, { project }: BelongingOptions): Belonging {
  const { at, tracks } = state
  const before = of(state)
  if (before !== undefined) return { project: before, by: known.get(before)?.by ?? 'none' }
  const sharing = [...known].filter(([, { tracks: theirs }]) => tracks.some((track) => theirs.has(track)))
  const [only] = sharing
  if (only && sharing.length === 1) return { project: only[0], by: only[1].by === 'none' ? 'none' : 'tracks' }
  if (project !== undefined) return { project, by: 'given' }
  const gathered = sharing.find(([, { by }]) => by === 'none')
  return { project: gathered?.[0] ?? (tracks.length === 0 ? TRACKLESS : unnamed(at, known)), by: 'none' }
}

function unnamed(at: number | null, known: Map<string, KnownProject>): string {
  const date = at === null ? 'without a date' : `of ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')}`
  const name = `Unnamed project ${date}`
  for (let number = 1; ; number++) {
    const free = number === 1 ? name : `${name} (${number})`
    if (!known.has(free)) return free
  }
}

function learn(known: Map<string, KnownProject>, { project, by }: Belonging, tracks: string[]): void {
  const before = known.get(project)
  known.set(project, { by: before?.by ?? by, tracks: new Set([...(before?.tracks ?? []), ...tracks]) })
}
