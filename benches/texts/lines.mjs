/**
 * Many distinct one-line texts: what Debian's package list says of each package (real, and about everything), then
 * notes of a studio until there are enough. Without Debian all are notes.
 */
import { execFileSync } from 'node:child_process'
import { seeded, shuffled } from '../measure/random.mjs'
import { Notes, projectFacts } from './notes.mjs'

const SEED = 20_261_124

/** @typedef {{ lines: string[], heldOut: string[], fromDebian: number }} Lines `heldOut`: alike, but not among the lines */

/** @param {number} count @param {number} heldOut @returns {Promise<Lines>} */
export async function oneLiners(count, heldOut) {
  const random = seeded(SEED)
  const debian = shuffled(debianLines(), random).slice(0, count + heldOut)
  const all = new Set(debian)
  const notes = new Notes(await projectFacts(), random)
  while (all.size < count + heldOut) all.add(notes.sentence())
  const mixed = shuffled([...all], random)
  const lines = mixed.slice(0, count)
  const known = new Set(debian)
  return { lines, heldOut: mixed.slice(count), fromDebian: lines.filter((line) => known.has(line)).length }
}

/** `name: description`, each description once. */
function debianLines() {
  /** @type {Map<string, string>} */ const byDescription = new Map()
  let name = ''
  for (const line of packageList().split('\n')) {
    if (line.startsWith('Package: ')) name = line.slice('Package: '.length)
    const description = /^Description(?:-en)?: (.+)/.exec(line)?.[1]
    if (description && !byDescription.has(description)) byDescription.set(description, `${name}: ${description}`)
  }
  return [...byDescription.values()]
}

function packageList() {
  try {
    return execFileSync('apt-cache', ['dumpavail'], { encoding: 'utf8', maxBuffer: 2 ** 30, stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return ''
  }
}
