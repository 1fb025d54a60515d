// States as versions of projects: in the order of time, each read back and compared with its source.
import type { PrimeMemory, Snapshot } from '@mixxclub/prime-memory'
import { aborted } from '../llm/attempts.js'
import { mark, type Journal } from './journal.js'
import { adding } from './journaled.js'
import { failed, skip, type FamilyReport } from './report.js'
import { digest, type FoundState } from './states.js'

/** Where versions go that are older than what the project has already. */
export const IMPORTED_BRANCH = 'imported'
const MAIN = 'main'

/** A state that is to become a version. */
export interface Version extends FoundState {
  at: number
  type: 'auto' | 'manual'
  project: string
  /** Whether its time is that of the import, for want of another. */
  isUndated: boolean
  /** Whether it took the place of another save since the last look. */
  isSavedAgain: boolean
}

/** What became of a version. `removed`: an earlier run imported it, and somebody removed it since; it stays so. */
export type Outcome = 'imported' | 'alreadyThere' | 'different' | 'removed'

export interface Versions {
  store: PrimeMemory
  /** Where they are kept: the same, or in a dry run a memory aside. */
  into: PrimeMemory
  /** Null in a dry run: nothing is written. */
  journal: Journal | null
  /** The ids of the versions that earlier runs imported, by their marks. */
  imported: ReadonlyMap<string, string>
  user: { user?: string }
  signal: AbortSignal | undefined
}

/** What is known beside the states themselves. */
export interface Circumstances {
  /** Milliseconds since 1970. */
  now: number
  /** Projects whose save is another than at the last look. */
  savedAgain: Set<string>
  /** Whether the project has a version of this type and time. */
  has(project: string, type: 'auto' | 'manual', at: number): boolean
}

/** States become versions: a project in the order of time. States whose content was saved at the same time twice count once. */
export function asVersions(states: FoundState[], projects: string[], { now, savedAgain, has }: Circumstances): { versions: Version[]; twice: FoundState[] } {
  const seen = new Set<string>()
  const twice: FoundState[] = []
  const versions = states.flatMap((state, i): Version[] => {
    const project = projects[i]!
    const like = state.at === null ? sameContent(states, projects, i) : null
    const type = state.family === 'autosaves' ? 'auto' : 'manual'
    const isSavedAgain = state.family === 'projects' && savedAgain.has(project)
    // A save of that time is there: this one was made later.
    const isOfThen = like !== null && !(isSavedAgain && has(project, type, like))
    const at = state.at ?? (isOfThen ? like : now)
    const key = JSON.stringify([project, type, state.at === null ? '' : at, state.sha256])
    if (seen.has(key)) twice.push(state)
    else {
      seen.add(key)
      return [{ ...state, at, type, project, isUndated: state.at === null, isSavedAgain }]
    }
    return []
  })
  return { versions: versions.sort((a, b) => a.at - b.at || Number(a.isUndated) - Number(b.isUndated)), twice }
}

/** When the same content was saved last in the same project. */
function sameContent(states: FoundState[], projects: string[], i: number): number | null {
  const same = states.filter(({ at, sha256 }, j) => at !== null && projects[j] === projects[i] && sha256 === states[i]!.sha256)
  return same.length === 0 ? null : Math.max(...same.map(({ at }) => at!))
}

/** Keeps a version, unless it is there; `report` counts it. */
export async function keep(version: Version, versions: Versions, report: FamilyReport): Promise<Outcome | null> {
  try {
    const text = await version.read()
    if (digest(text) !== version.sha256) {
      skip(report, `${version.label}: it changed while it was read; run again`)
      return null
    }
    const outcome = await outcomeOf(version, text, versions)
    report[outcome === 'alreadyThere' || outcome === 'removed' ? 'alreadyThere' : 'imported'] += 1
    return outcome
  } catch (error) {
    failed(report, version.label, error)
    return null
  }
}

async function outcomeOf(version: Version, text: Uint8Array, versions: Versions): Promise<Outcome> {
  if (await isThere(version, text, versions)) return 'alreadyThere'
  return wasRemoved(version, versions) ? 'removed' : add(version, text, versions)
}

/** What tells a state from others that become versions of its project. */
const markOf = ({ project, type, at, isUndated, sha256 }: Version): string => mark('version', project, type, isUndated ? null : at, sha256)

function wasRemoved(version: Version, { store, imported, user }: Versions): boolean {
  const id = version.isSavedAgain ? undefined : imported.get(markOf(version))
  return id !== undefined && store.snapshots.get(id, { scope: user }) === null
}

async function isThere(version: Version, text: Uint8Array, versions: Versions): Promise<boolean> {
  for (const { id, bytes } of candidates(version, versions)) {
    if (bytes === text.length && (await isEqual(id, version, versions))) return true
  }
  return false
}

/**
 * Versions that may be this one: of its time; where that is not known, all that the user saved, or the newest of them
 * where it took the place of another.
 */
function candidates({ project, type, at, isUndated, isSavedAgain }: Version, { store, user }: Versions): Snapshot[] {
  const which = isSavedAgain ? { limit: 1 } : isUndated ? {} : { since: at, before: at + 1 }
  return store.snapshots.history(project, { type, scope: user, ...which })
}

async function isEqual(id: string, { bytes, sha256 }: Version, { store, user, signal }: Versions): Promise<boolean> {
  try {
    const kept = await store.snapshots.restore(id, { as: 'bytes', scope: user, ...(signal && { signal }) })
    return kept.length === bytes && digest(kept) === sha256
  } catch (error) {
    if ((error as { code?: string }).code === 'PM_SNAPSHOT_DAMAGED') return false
    throw error
  }
}

async function add(version: Version, text: Uint8Array, versions: Versions): Promise<Outcome> {
  const { store, into, journal, user, signal } = versions
  if (signal?.aborted) throw aborted()
  const { project, at, type, family, label } = version
  const name = family === 'downloads' ? { name: label } : {}
  const options = { type, at, ...name, scope: user, ...(signal && { signal }) }
  if (!journal) {
    const { id } = await into.snapshots.save(project, text, options)
    await into.snapshots.remove(id, { scope: user })
    return 'imported'
  }
  const before = store.snapshots.history(project, { type, since: at, before: at + 1, scope: user }).map(({ id }) => id)
  const save = async () => (await into.snapshots.save(project, text, { ...options, ...branchFor(version, versions) })).id
  const id = await adding(journal, { in: 'snapshots', project, at, type, bytes: text.length, before, marks: [markOf(version)] }, save)
  return (await isEqual(id, version, versions)) ? 'imported' : 'different'
}

/** Old versions must not become the newest of a project that goes on in the memory: those go on a branch of their own. */
function branchFor({ project, at }: Version, { store, user }: Versions): { branch?: string; parent?: string } {
  const branches = store.snapshots.branches(project, { scope: user })
  const head = branches.find(({ name }) => name === MAIN)?.head
  if (!head || (store.snapshots.get(head, { scope: user })?.createdAt ?? 0) <= at) return {}
  if (branches.some(({ name }) => name === IMPORTED_BRANCH)) return { branch: IMPORTED_BRANCH }
  const main = { branch: MAIN, scope: user }
  const [nearest] = store.snapshots.history(project, { ...main, before: at + 1, limit: 1 })
  const parent = nearest ?? store.snapshots.history(project, main).at(-1)
  return { branch: IMPORTED_BRANCH, ...(parent && { parent: parent.id }) }
}
