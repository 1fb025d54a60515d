// What a migration added, kept where it survives a kill: a file beside the store, a line a step. Before something is added
// a line says what will be, so that the next run can tell whether it came to that.
import type { Scope } from '@mixxclub/prime-memory'
import { messageOf, StudioError } from '../errors.js'
import type { Phase } from '../settings.js'
import { crypto, fileSystem, paths } from '../store/node.js'
import { removeIfPossible, unwritten } from './disk.js'
import type { Saves } from './saves.js'

/** Where something was added. */
export type Place = 'snapshots' | 'memories' | 'recall'

/** What is about to be added, in enough words to find it again. `marks` stand for what it comes from. */
export type Intent = { marks: string[] } & (
  /** `before`: versions of that time and type that were there. */
  | { in: 'snapshots'; project: string; at: number; type: 'auto' | 'manual'; bytes: number; before: string[] }
  | { in: 'memories'; kind: string; key: string }
  /** `before`: memories of observations of that time that were there. */
  | { in: 'recall'; at: number; before: string[] }
)

/** One call of `run`. */
export interface Run {
  phase: Phase
  /** Milliseconds since 1970. */
  at: number
  /** Whether it came to its end. */
  finished: boolean
  imported: number
  skipped: number
  refused: number
}

/** How a project came by its name. */
export type Naming = 'key' | 'state' | 'given' | 'tracks' | 'none'

/** A project that states were given to, so that later ones go the same way. */
export interface KnownProject {
  tracks: Set<string>
  by: Naming
}

export type Standing = 'open' | 'undoing' | 'undone' | 'confirmed'

type Line =
  | { migration: string; version: 1; at: number; scope: Scope }
  | { will: number; what: Intent }
  /** Null: it was not added. */
  | { did: number; id: string | null }
  | { model: string }
  /** `put`: states that an earlier migration put into it, by `stateKey`. */
  | { project: string; by: Naming; tracks: string[]; put?: string[] }
  | { saved: string; hashes: string[] }
  /** What an earlier migration added. */
  | { added: [mark: string, id: string][] }
  | { run: Omit<Run, 'finished' | 'imported' | 'skipped' | 'refused'> }
  | { ran: Omit<Run, 'phase' | 'at' | 'finished'>; phase: Phase | null }
  | { standing: Standing }

export class Journal {
  readonly #path: string
  #file: number | null = null
  #next = 0
  /** Its id; in the names of the models of answers that it added. */
  id = ''
  /** Milliseconds since 1970. */
  startedAt = 0
  /** Whose it is. */
  scope: Scope = {}
  standing: Standing = 'open'
  phase: Phase | null = null
  readonly added: { [place in Place]: Set<string> } = { snapshots: new Set(), memories: new Set(), recall: new Set() }
  /** The ids of what was added, by the marks of what it comes from: what is not there any more was removed since. */
  readonly ids = new Map<string, string>()
  /** What was about to be added when the process ended. */
  readonly pending = new Map<number, Intent>()
  /** Models of the answers that were added. */
  readonly models = new Set<string>()
  readonly projects = new Map<string, KnownProject>()
  /** The projects that states were put into, by `stateKey`. */
  readonly put = new Map<string, string>()
  /** What `localStorage` held under the names of projects when a run last looked. */
  readonly saves: Saves = new Map()
  readonly runs: Run[] = []

  private constructor(path: string) {
    this.#path = path
  }

  /** The journal of this store and scope; null when nothing was migrated. */
  static read(path: string): Journal | null {
    if (!fileSystem().existsSync(path)) return null
    const journal = new Journal(path)
    const lines = fileSystem().readFileSync(path, 'utf8').split('\n')
    // What follows the last line break was cut off by the end of the process.
    for (const [at, line] of lines.slice(0, -1).entries()) {
      try {
        if (line !== '') journal.#take(JSON.parse(line) as Line)
      } catch (error) {
        throw new StudioError('PM_MIGRATION', `${path}: line ${at + 1} cannot be read (${messageOf(error)}); restore the file from a backup`)
      }
    }
    return journal.id === '' ? null : journal
  }

  /** A new one, in the place of one that is over; what a confirmed one added and found out about projects goes on. */
  static begin(path: string, scope: Scope, before: Journal | null): Journal {
    const journal = new Journal(path)
    const first: Line = { migration: crypto().randomUUID(), version: 1, at: Date.now(), scope }
    before?.close()
    const lines = [first, ...(before?.standing === 'confirmed' ? before.#foundOut() : [])]
    writeWhole(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    for (const line of lines) journal.#take(line)
    return journal
  }

  #foundOut(): Line[] {
    const putInto = (project: string) => [...this.put].filter(([, into]) => into === project).map(([key]) => key)
    return [
      ...[...this.projects].map(([project, { by, tracks }]): Line => ({ project, by, tracks: [...tracks], put: putInto(project) })),
      ...[...this.saves].map(([saved, hashes]): Line => ({ saved, hashes: [...hashes] })),
      { added: [...this.ids] },
    ]
  }

  /** Says what will be added; its number is for `did`. */
  will(what: Intent): number {
    const number = this.#next
    this.#write({ will: number, what })
    return number
  }

  /** Says that it was added, or, with null, that it was not. */
  did(number: number, id: string | null): void {
    this.#write({ did: number, id })
  }

  model(model: string): void {
    if (!this.models.has(model)) this.#write({ model })
  }

  project(project: string, by: Naming, tracks: string[]): void {
    const known = this.projects.get(project)
    if (!known || tracks.some((track) => !known.tracks.has(track))) this.#write({ project, by, tracks })
  }

  saved(project: string, hashes: Set<string>): void {
    const before = this.saves.get(project)
    const isSame = before?.size === hashes.size && [...hashes].every((hash) => before.has(hash))
    if (!isSame) this.#write({ saved: project, hashes: [...hashes] })
  }

  begun(phase: Phase): void {
    this.#write({ run: { phase, at: Date.now() } })
  }

  /** @param phase where the migration stands now */
  ended(ran: Omit<Run, 'phase' | 'at' | 'finished'>, phase: Phase | null): void {
    this.#write({ ran, phase })
  }

  stand(standing: Standing): void {
    this.#write({ standing })
  }

  close(): void {
    if (this.#file !== null) fileSystem().closeSync(this.#file)
    this.#file = null
  }

  /** @throws `PM_DISK_FULL` and the like; nothing of the line is there then */
  #write(line: Line): void {
    const fs = fileSystem()
    let whole: number | null = null
    try {
      this.#file ??= openAtTheEnd(this.#path)
      whole = fs.statSync(this.#path).size
      // `writeSync` may write a part of it when the disk gets full, and says so only in what it gives back.
      fs.writeFileSync(this.#path, `${JSON.stringify(line)}\n`, { flag: 'a' })
      fs.fsyncSync(this.#file)
    } catch (error) {
      this.#cutTo(whole)
      throw unwritten(this.#path, error)
    }
    this.#take(line)
  }

  /** A line must not follow on half a line: closed, so that the next one cuts off what could not be cut off now. */
  #cutTo(whole: number | null): void {
    try {
      this.close()
      if (whole !== null) fileSystem().truncateSync(this.#path, whole)
    } catch {
      // Left for `openAtTheEnd`, as after a kill.
    }
  }

  #take(line: Line): void {
    if ('migration' in line) [this.id, this.startedAt, this.scope] = [line.migration, line.at, line.scope]
    else if ('will' in line) {
      this.pending.set(line.will, line.what)
      this.#next = line.will + 1
      if (line.what.in === 'snapshots') this.put.set(stateKey(line.what), line.what.project)
    } else if ('did' in line) {
      const what = this.pending.get(line.did)
      this.pending.delete(line.did)
      if (what && line.id !== null) {
        this.added[what.in].add(line.id)
        for (const mark of what.marks) this.ids.set(mark, line.id)
      }
    } else if ('model' in line) this.models.add(line.model)
    else if ('project' in line) {
      const tracks = [...(this.projects.get(line.project)?.tracks ?? []), ...line.tracks]
      this.projects.set(line.project, { by: this.projects.get(line.project)?.by ?? line.by, tracks: new Set(tracks) })
      for (const key of line.put ?? []) this.put.set(key, line.project)
    } else if ('saved' in line) this.saves.set(line.saved, new Set(line.hashes))
    else if ('added' in line) for (const [mark, id] of line.added) this.ids.set(mark, id)
    else if ('run' in line) this.runs.push({ ...line.run, finished: false, imported: 0, skipped: 0, refused: 0 })
    else if ('ran' in line) {
      this.phase = line.phase
      const run = this.runs.at(-1)
      if (run) Object.assign(run, line.ran, { finished: true })
    } else if ('standing' in line) this.standing = line.standing
    else throw new Error('it is of a newer version')
  }
}

/** Tells one thing in a source from others. A digest: the journal must not say what was forgotten since. */
export const mark = (...of: unknown[]): string => crypto().createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 32)

/** What tells one saved state from another. */
export const stateKey = ({ at, type, bytes }: { at: number; type: string; bytes: number }): string => `${at} ${type} ${bytes}`

/** Without what was cut off by the end of a process. */
function openAtTheEnd(path: string): number {
  const fs = fileSystem()
  const bytes = fs.readFileSync(path)
  const whole = bytes.lastIndexOf(0x0a) + 1
  if (whole < bytes.length) fs.truncateSync(path, whole)
  return fs.openSync(path, 'a')
}

/** Whole or not at all. */
function writeWhole(path: string, text: string): void {
  const fs = fileSystem()
  const aside = `${path}.new`
  try {
    fs.writeFileSync(aside, text)
    sync(aside)
    fs.renameSync(aside, path)
  } catch (error) {
    removeIfPossible(aside)
    throw unwritten(path, error)
  }
  syncFolder(paths().dirname(path))
}

function sync(path: string): void {
  const fs = fileSystem()
  // For writing: Windows syncs no file that is open for reading.
  const file = fs.openSync(path, 'r+')
  try {
    fs.fsyncSync(file)
  } finally {
    fs.closeSync(file)
  }
}

/** Windows knows no such thing; a rename is durable there without it. */
function syncFolder(folder: string): void {
  const fs = fileSystem()
  try {
    const file = fs.openSync(folder, 'r')
    try {
      fs.fsyncSync(file)
    } finally {
      fs.closeSync(file)
    }
  } catch {
    // The next run then finds an older journal or none, and begins anew.
  }
}
