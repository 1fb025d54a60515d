// One migration of a store at a time, also among processes.
import { StudioError } from '../errors.js'
import { fileSystem } from '../store/node.js'

interface Host {
  pid: number
  kill(pid: number, signal: 0): boolean
  uptime(): number
}

/** Two processes of the same number began at different times. */
const SAME_START_MS = 2_000

/**
 * Takes the lock; the function gives it back. A lock of a process that has ended is taken over.
 *
 * @throws `PM_MIGRATION` while another migration of this store is under way
 */
export function lock(path: string): () => void {
  const fs = fileSystem()
  const mine = JSON.stringify({ pid: host().pid, since: startOfThis() })
  for (const last of [false, true]) {
    try {
      fs.writeFileSync(path, mine, { flag: 'wx' })
      return () => giveBack(path)
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error
      if (last || isAlive(path)) {
        throw new StudioError('PM_MIGRATION', `another migration of this store is under way; if there is none, delete ${path}`)
      }
      fs.unlinkSync(path)
    }
  }
  throw new StudioError('PM_MIGRATION', 'the lock was neither taken nor held')
}

function giveBack(path: string): void {
  try {
    fileSystem().unlinkSync(path)
  } catch {
    // Somebody deleted it; what this call did stands.
  }
}

function isAlive(path: string): boolean {
  let holder: { pid: number; since: number }
  try {
    holder = JSON.parse(fileSystem().readFileSync(path, 'utf8')) as typeof holder
  } catch {
    // Cut off while it was written, so its process has ended; or gone meanwhile.
    return false
  }
  if (holder.pid === host().pid) return Math.abs(holder.since - startOfThis()) < SAME_START_MS
  try {
    return host().kill(holder.pid, 0)
  } catch (error) {
    // It is there, but somebody else's.
    return (error as { code?: string }).code === 'EPERM'
  }
}

const host = (): Host => (globalThis as unknown as { process: Host }).process

/** Milliseconds since 1970. */
const startOfThis = (): number => Math.round(Date.now() - host().uptime() * 1000)
