// What a migration writes beside the store: whole or not at all, and what stops it has a code.
import { messageOf, StudioError } from '../errors.js'
import { fileSystem } from '../store/node.js'

const FULL = ['ENOSPC', 'EDQUOT']
const REFUSED = ['EACCES', 'EPERM', 'EROFS']

/** The error of a file that could not be written. */
export function unwritten(path: string, error: unknown): StudioError {
  const { code } = error as { code?: unknown }
  const found = `${path} cannot be written (${messageOf(error)})`
  if (FULL.includes(code as string)) return new StudioError('PM_DISK_FULL', `${found}; free some room and call it again, it goes on`, error)
  if (REFUSED.includes(code as string)) return new StudioError('PM_READ_ONLY', `${found}; give write permission to the store's folder`, error)
  return new StudioError('PM_IO', found, error)
}

/** Removes a file, or leaves it where it cannot be removed. */
export function removeIfPossible(path: string): void {
  try {
    fileSystem().unlinkSync(path)
  } catch {
    // It is gone already; or it stays, and whoever reads it finds that it is not whole.
  }
}
