// One migration of a store at a time, also among processes.
import { StudioError } from '../errors.js'
import { fileSystem } from '../store/node.js'
import { removeIfPossible, unwritten } from './disk.js'

interface Host {
  pid: number
  kill(pid: number, signal: 0): boolean
  /** Seconds, by the clock that nobody sets. */
  uptime(): number
  hrtime(): [seconds: number, nanoseconds: number]
}

/** Who holds a lock. `since`: when the process began, by a clock that nobody sets: two of one number began at different times. */
interface Holder {
  pid: number
  since: string | number
}

/** How far two looks at the start of one process may lie apart. */
const SAME_START_MS = 50

/**
 * Takes the lock; the function gives it back. A lock of a process that has ended is taken over.
 *
 * @throws `PM_MIGRATION` while another migration of this store is under way; `PM_DISK_FULL` and the like
 */
export function lock(path: string): () => void {
  for (const last of [false, true]) {
    if (take(path)) return () => removeIfPossible(path)
    if (last || isAlive(path)) {
      throw new StudioError('PM_MIGRATION', `another migration of this store is under way; if there is none, delete ${path}`)
    }
    removeIfPossible(path)
  }
  throw new StudioError('PM_MIGRATION', 'the lock was neither taken nor held')
}

/** Whether it was free. */
function take(path: string): boolean {
  const { pid } = host()
  const mine: Holder = { pid, since: startOf(pid) ?? startOfThis() }
  try {
    fileSystem().writeFileSync(path, JSON.stringify(mine), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as { code?: string }).code === 'EEXIST') return false
    // Made but not filled: nobody's, but in everybody's way.
    removeIfPossible(path)
    throw unwritten(path, error)
  }
}

function isAlive(path: string): boolean {
  let holder: Holder
  try {
    holder = JSON.parse(fileSystem().readFileSync(path, 'utf8')) as Holder
    const start = startOf(holder.pid)
    if (start !== null) return holder.since === start
  } catch {
    // Cut off while it was written, so its process has ended; or gone meanwhile.
    return false
  }
  if (holder.pid === host().pid) return Math.abs(Number(holder.since) - startOfThis()) < SAME_START_MS
  try {
    return host().kill(holder.pid, 0)
  } catch (error) {
    // It is there, but somebody else's.
    return (error as { code?: string }).code === 'EPERM'
  }
}

const host = (): Host => (globalThis as unknown as { process: Host }).process

/** When this process began: milliseconds of a clock that only a restart of the machine sets back. */
function startOfThis(): number {
  const [seconds, nanoseconds] = host().hrtime()
  return (seconds - host().uptime()) * 1_000 + nanoseconds / 1_000_000
}

/** The boot of the machine and the tick at which a process began, where the system tells them (Linux); null elsewhere, and for one that ended. */
function startOf(pid: number): string | null {
  try {
    const read = (path: string) => fileSystem().readFileSync(path, 'utf8')
    const stat = read(`/proc/${Number(pid)}/stat`)
    // A name in brackets comes before, which may hold anything.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
    return ticks === undefined ? null : `${read('/proc/sys/kernel/random/boot_id').trim()} ${ticks}`
  } catch {
    return null
  }
}
