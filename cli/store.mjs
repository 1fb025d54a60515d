/** Opening a store, and closing it whatever happens. */
import { existsSync, statSync } from 'node:fs'

/** @typedef {import('../index.js').PrimeMemory} Memory */

/**
 * @template T
 * @param {string} path
 * @param {{ scope?: { user?: string, project?: string }, create?: boolean, modelMismatch?: 'fail' | 'open' }} options
 * @param {(memory: Memory) => Promise<T>} work
 */
export async function withMemory(path, { scope, create = false, modelMismatch }, work) {
  if (!create) checkStore(path)
  // Only now: `--help` needs no addon.
  const { PrimeMemory } = await import('../index.mjs')
  const memory = await PrimeMemory.open({ path, scope, ...(modelMismatch && { modelMismatch }) })
  try {
    return await work(memory)
  } finally {
    await memory.close()
  }
}

/** Nothing, or an empty file. The library makes a store of both, which only commands that fill one may ask for: neither a misspelled name nor a file that another program just made must become one. @param {string} path */
export function isNothing(path) {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined || (found.isFile() && found.size === 0)
}

/** @param {string} path */
export function checkStore(path) {
  if (!existsSync(path)) throw Object.assign(new Error(`there is no store at ${path}`), { code: 'ENOENT' })
  if (isNothing(path)) throw Object.assign(new Error(`${path} is not a prime-memory store: it is empty; choose another path, the file was left untouched`), { code: 'PM_NOT_A_STORE' })
}
