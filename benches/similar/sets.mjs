/** Sets of labelled project states that others made. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'

const LABELS = '.labels.json'

/**
 * Every labelled set below a folder whose items are states; what is labelled but no state is told of on stderr.
 * @param {string} folder
 * @returns {Generator<{ name: string, items: { id: string, state: object }[], labels: Record<string, { work: string, variant: string }> }>}
 */
export function* setsIn(folder) {
  const files = readdirSync(folder, { recursive: true }).map(String).filter((file) => file.endsWith(LABELS)).sort()
  if (files.length === 0) throw new Error(`there is no NAME${LABELS} in ${folder}`)
  for (const file of files) {
    const path = join(folder, file.slice(0, -LABELS.length))
    const items = linesOf(path).map((line) => JSON.parse(line))
    const name = relative(folder, path)
    if (!items.every(({ state }) => state)) console.error(`${name}: no project states, left out`)
    else yield { name, items, labels: JSON.parse(readFileSync(path + LABELS, 'utf8')) }
  }
}

/** @param {string} path without its ending */
function linesOf(path) {
  const text = existsSync(`${path}.jsonl`) ? readFileSync(`${path}.jsonl`, 'utf8') : execFileSync('zstd', ['-dc', '--long=27', `${path}.jsonl.zst`], { encoding: 'utf8', maxBuffer: 2 ** 30 })
  return text.split('\n').filter((line) => line.trim())
}
