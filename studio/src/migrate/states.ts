// Project states as the sources hold them: found one by one, looked into, and read again when their turn comes.
import { millisecondsOf } from '../dates.js'
import { badOption, messageOf, StudioError } from '../errors.js'
import { crypto } from '../store/node.js'
import { isRecord } from '../store/web-storage.js'
import type { Naming } from './journal.js'

/** Where a state was kept. */
export type StateFamily = 'autosaves' | 'downloads' | 'projects'

/** A state in a source. Its text is not kept: there may be hundreds, of tens of megabytes each. */
export interface FoundState {
  family: StateFamily
  /** The file or key it is in, and its place there. */
  label: string
  /** When it was saved, milliseconds since 1970; null when nothing says so. */
  at: number | null
  /** Its name, and how that is known; null when it has none. */
  named: { project: string; by: Naming } | null
  /** Ids of its tracks. */
  tracks: string[]
  /** UTF-8 bytes of its text. */
  bytes: number
  /** Of its text, hex. */
  sha256: string
  /** Its text, the same bytes every time. */
  read: () => Uint8Array | Promise<Uint8Array>
}

/** Any two of these make an object a project state. */
const STATE_FIELDS = ['tracks', 'clips', 'mixerSettings', 'inserts', 'automationData', 'pianoRollSketches', 'masterVolume']

export const isState = (value: unknown): value is Record<string, unknown> =>
  isRecord(value) && STATE_FIELDS.filter((field) => field in value).length >= 2

/** What the text of a state says. Throws when it is no JSON object. */
export function lookInto(text: Uint8Array): Pick<FoundState, 'named' | 'tracks' | 'bytes' | 'sha256'> {
  const state = parse(text)
  if (!isRecord(state)) throw new TypeError('the state is no object')
  const project = nameIn(state)
  return {
    named: project === null ? null : { project, by: 'state' },
    tracks: tracksIn(state),
    bytes: text.length,
    sha256: digest(text),
  }
}

/** @throws `PM_BAD_TEXT` for bytes that are no UTF-8, `PM_BAD_OPTION` for what is no JSON */
export function parse(text: Uint8Array): unknown {
  const json = decoded(text)
  if (json.trim() === '') throw badOption('it is empty; export or download it again')
  try {
    return JSON.parse(json)
  } catch (error) {
    throw badOption(`it is no whole JSON (${messageOf(error)}); export or download it again`)
  }
}

function decoded(text: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text)
  } catch (error) {
    throw new StudioError('PM_BAD_TEXT', 'it holds bytes that are no UTF-8; save it as UTF-8', error)
  }
}

export const digest = (text: Uint8Array): string => crypto().createHash('sha256').update(text).digest('hex')

/** The text of a value, as bytes. Throws for one that UTF-8 cannot hold. */
export function encoded(text: string): Uint8Array {
  if (/\p{Surrogate}/u.test(text)) throw new TypeError('it holds half a character (a lone surrogate)')
  return new TextEncoder().encode(text)
}

/** The Studio's own states have no name; what else writes such files calls it one of these. */
function nameIn(state: Record<string, unknown>): string | null {
  const { projectName, name, project } = state
  const names = [projectName, name, project, isRecord(project) ? project.name : undefined]
  const found = names.find((one): one is string => typeof one === 'string' && one.trim() !== '')
  return found ?? null
}

function tracksIn({ tracks }: Record<string, unknown>): string[] {
  if (!Array.isArray(tracks)) return []
  return tracks.flatMap((track: unknown) => (isRecord(track) && typeof track.id === 'string' ? [track.id] : []))
}

/** Milliseconds since 1970, or a date; null for anything else, and for times that no store takes. */
export function timeOf(value: unknown): number | null {
  const at = typeof value === 'string' ? millisecondsOf(value) : value
  return typeof at === 'number' && Number.isFinite(at) && at >= 0 && at < 253_402_300_800_000 ? Math.floor(at) : null
}
