/** Opening a store, and closing it whatever happens. */
import { existsSync } from 'node:fs'

/** @typedef {import('../index.js').PrimeMemory} Memory */

/**
 * @template T
 * @param {string} path
 * @param {{ scope?: { user?: string, project?: string }, create?: boolean, modelMismatch?: 'fail' | 'open' }} options
 * @param {(memory: Memory) => Promise<T>} work
 */
export async function withMemory(path, { scope, create = false, modelMismatch }, work) {
  // The library makes what is not there; a misspelled name must not become an empty store.
  if (!create && !existsSync(path)) throw Object.assign(new Error(`there is no store at ${path}`), { code: 'ENOENT' })
  // Only now: `--help` needs no addon.
  const { PrimeMemory } = await import('../index.mjs')
  const memory = await PrimeMemory.open({ path, scope, ...(modelMismatch && { modelMismatch }) })
  try {
    return await work(memory)
  } finally {
    await memory.close()
  }
}
