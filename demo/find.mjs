/** Project files in the folders and files the user names. */
import { readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { ENDINGS } from './project.mjs'

/** Folders that hold other people's files. */
const NOT_ENTERED = new Set(['node_modules', '.git'])

/**
 * Every project file below the given paths, in a stable order, each once. Links to folders are not followed.
 *
 * @param {string[]} paths
 * @returns {Promise<{ files: string[], missing: string[] }>} `missing`: paths that cannot be read
 */
export async function findProjects(paths) {
  /** @type {Set<string>} */ const files = new Set()
  /** @type {string[]} */ const missing = []
  for (const path of paths) {
    try {
      const isFolder = (await stat(path)).isDirectory()
      for (const file of isFolder ? await filesBelow(path) : [path]) files.add(file)
    } catch {
      missing.push(path)
    }
  }
  return { files: [...files], missing }
}

/** @param {string} folder @returns {Promise<string[]>} */
async function filesBelow(folder) {
  /** @type {string[]} */ const found = []
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) found.push(...(NOT_ENTERED.has(entry.name) ? [] : await filesBelow(path).catch(() => [])))
    else if (ENDINGS.includes(extname(entry.name).toLowerCase())) found.push(path)
  }
  return found
}
