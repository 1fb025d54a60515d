/** The two slow steps, each with a progress bar: files to projects, projects to memories. */
import { basename } from 'node:path'
import { memoriesOf } from './memories.mjs'
import { loadProject } from './project.mjs'
import { createProgress } from '../cli/ui/progress.mjs'

/** @typedef {import('../cli/ui/progress.mjs').Terminal} Terminal */
/** @typedef {{ name: string, reason: string }} Skipped */
/** @typedef {{ project: string, ids: Record<string, string> }} Remembered `ids` by kind */

/**
 * Every file that can be used; the others with a reason. One bad file spoils nothing.
 *
 * @param {string[]} files @param {Terminal} terminal
 */
export async function readProjects(files, terminal) {
  /** @type {import('./project.mjs').Project[]} */ const projects = []
  /** @type {Skipped[]} */ const skipped = []
  const progress = createProgress('Reading', files.length, terminal)
  for (const [index, file] of files.entries()) {
    progress.update(index, basename(file))
    try {
      projects.push(await loadProject(file))
    } catch (error) {
      skipped.push({ name: file, reason: reasonOf(error) })
    }
    progress.update(index + 1, basename(file))
    await nextFrame()
  }
  progress.end()
  return { projects, skipped }
}

/**
 * Project by project, so that one the memory refuses keeps none of the others out.
 *
 * @param {any} memory an open PrimeMemory
 * @param {import('./project.mjs').Project[]} projects @param {Terminal} terminal
 */
export async function rememberProjects(memory, projects, terminal) {
  /** @type {Remembered[]} */ const remembered = []
  /** @type {Skipped[]} */ const skipped = []
  const progress = createProgress('Remembering', projects.length, terminal)
  for (const [index, project] of projects.entries()) {
    progress.update(index, project.name)
    try {
      const items = memoriesOf(project)
      const onProgress = (/** @type {{ done: number, total: number }} */ { done, total }) => progress.update(index + done / total, project.name)
      const ids = await memory.rememberMany(items, { onProgress })
      remembered.push({ project: project.name, ids: Object.fromEntries(items.map((item, i) => [item.kind, ids[i]])) })
    } catch (error) {
      skipped.push({ name: project.name, reason: reasonOf(error) })
    }
    progress.update(index + 1, project.name)
  }
  progress.end()
  return { remembered, skipped }
}

/** @param {unknown} error */
export function reasonOf(error) {
  if (!(error instanceof Error)) return String(error)
  const code = /** @type {NodeJS.ErrnoException} */ (error).code
  return code?.startsWith('PM_') && !error.message.includes(code) ? `${code}: ${error.message}` : error.message
}

/** Lets the terminal draw. */
function nextFrame() {
  return new Promise((resolve) => setImmediate(resolve))
}
