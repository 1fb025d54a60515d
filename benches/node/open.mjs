/** How long opening takes, each time in a process of its own. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { median } from '../measure/quantiles.mjs'

const CHILD = fileURLToPath(new URL('open-child.mjs', import.meta.url))

/** @typedef {{ importMs: number, openMs: number, firstSearchMs: number, secondSearchMs: number, origin: string }} Opening */

/** @param {import('../measure/report.mjs').Report} report @param {import('./corpus.mjs').Corpus} corpus */
export async function openFigures(report, { path, count }) {
  const openings = Array.from({ length: report.options.quick ? 2 : 9 }, () => openedIn(path))
  const [{ origin }] = openings
  const column = (/** @type {keyof Opening} */ name) => openings.map((opening) => Number(opening[name]))
  const row = (/** @type {string} */ what, /** @type {keyof Opening} */ name) => ({ what, 'p50 ms': median(column(name)), 'least ms': Math.min(...column(name)), 'most ms': Math.max(...column(name)) })
  report.table(
    `Opening the store of ${count} in a fresh process (index: ${origin})`,
    [row('import of the package', 'importMs'), row('openSync: SQLite, index, model, runtime', 'openMs'), row('first search by text, hybrid', 'firstSearchMs'), row('second search', 'secondSearchMs')],
    'Files in the page cache: reading them from a disk comes on top.'
  )
  if (count === 100_000) report.target('cold open of a 100,000 store under 300 ms', `${median(column('openMs')).toFixed(0)} ms`, median(column('openMs')) < 300)
}

/** @param {string} path @returns {Opening} */
function openedIn(path) {
  return JSON.parse(execFileSync(process.execPath, [CHILD, path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }))
}
