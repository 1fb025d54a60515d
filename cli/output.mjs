/** Files that a command is asked to write: whole or not at all, and never over what is kept. */
import { existsSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { UsageError } from './arguments.mjs'

/** What the library keeps beside a store: SQLite's files, the index, the journals of migrations and their locks. */
const BESIDE = /^(?:|-wal|-shm|-journal|\.index|\.migration(?:-[0-9a-f]{12})?(?:\.lock|\.new)?)$/

/** Of commands that write a file. @type {import('./arguments.mjs').Option} */
export const FORCE = { type: 'boolean', help: 'overwrite FILE' }

/**
 * Called before the work too, which may take minutes.
 * @param {string} option whose value the file is
 * @param {string} file
 * @param {{ store: string, force?: boolean }} how
 */
export function checkOutput(option, file, { store, force }) {
  if (isOfStore(file, store)) throw new UsageError(`--${option} ${file} is the store or belongs to it; choose another FILE`)
  if (!force && existsSync(file)) throw Object.assign(new Error(`${file} is there already; choose another FILE, or overwrite it with --force`), { code: 'EEXIST' })
}

/** @param {string} option @param {string} file @param {string | Uint8Array} content @param {{ store: string, force?: boolean }} how */
export function writeOutput(option, file, content, how) {
  checkOutput(option, file, how)
  // A device or a pipe is written to; a file put in its place would be no device.
  if (existsSync(file) && !statSync(file).isFile()) return writeFileSync(file, content)
  const target = real(file)
  const aside = `${target}.${process.pid}.tmp`
  try {
    writeFileSync(aside, content, { flag: 'wx' })
    renameSync(aside, target)
  } catch (error) {
    rmSync(aside, { force: true })
    throw error
  }
}

/** By whatever name: through a link, another way to the folder, or a second name of the same file. @param {string} file @param {string} store */
function isOfStore(file, store) {
  const [asked, kept] = [real(file), real(store)]
  if (dirname(asked) === dirname(kept) && basename(asked).startsWith(basename(kept)) && BESIDE.test(basename(asked).slice(basename(kept).length))) return true
  if (!existsSync(asked)) return false
  const { dev, ino } = statSync(asked, { bigint: true })
  return ['', '-wal', '.index'].some((ending) => {
    const other = statSync(kept + ending, { bigint: true, throwIfNoEntry: false })
    return other !== undefined && other.dev === dev && other.ino === ino
  })
}

/** The file behind links; of what is not there, the place where it would be. @param {string} path @returns {string} */
function real(path) {
  const whole = resolve(path)
  if (existsSync(whole)) return realpathSync(whole)
  const folder = dirname(whole)
  return existsSync(folder) ? join(realpathSync(folder), basename(whole)) : whole
}
