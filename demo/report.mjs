/** What was kept, and what it cost. */
import { KINDS } from './memories.mjs'
import { formatBytes, formatCount, formatRatio } from '../cli/ui/format.mjs'
import { renderTable } from '../cli/ui/table.mjs'

/** @typedef {{ memories: number, sourceTokens: number, memoryTokens: number, sourceBytes: number, textBytes: number, tokenBytes: number }} KindStats */

/**
 * A row per kind and one for all.
 *
 * @param {Record<string, KindStats>} kinds as `stats()` gives them
 * @param {import('../cli/ui/progress.mjs').Terminal} terminal
 * @returns {string[]} lines
 */
export function kindLines(kinds, { width, style }) {
  const names = Object.keys(kinds).sort((a, b) => rank(a) - rank(b))
  return renderTable(
    {
      columns: [
        { title: 'kind', shrinks: true, paint: style.bold },
        { title: 'items', align: 'right' },
        { title: 'source', align: 'right' },
        { title: 'text tokens', align: 'right', optional: true },
        { title: 'memory tokens', align: 'right', optional: true },
        { title: 'ratio', align: 'right', paint: style.accent },
        { title: 'stored', align: 'right' },
        { title: 'byte ratio', align: 'right', paint: style.accent }
      ],
      rows: names.map((name) => kindRow(name, kinds[name])),
      total: kindRow('all', sum(names.map((name) => kinds[name])))
    },
    { width, style }
  )
}

/**
 * What keeping the projects themselves took, beside the memory tokens that find them.
 *
 * @param {{ state: object }[]} projects
 * @param {Record<string, { dataBytes: number }>} kinds as `stats()` gives them
 */
export function dataLine(projects, kinds) {
  const bytes = projects.reduce((total, { state }) => total + Buffer.byteLength(JSON.stringify(state)), 0)
  const stored = Object.values(kinds).reduce((total, { dataBytes }) => total + dataBytes, 0)
  return `The projects themselves are kept too, character for character: ${formatBytes(bytes)} of JSON in ${formatBytes(stored)} (${formatRatio(bytes, stored)}).`
}

/** @param {string} kind */
function rank(kind) {
  const index = KINDS.indexOf(kind)
  return index === -1 ? KINDS.length : index
}

/** @param {string} name @param {KindStats} kind */
function kindRow(name, kind) {
  const stored = kind.textBytes + kind.tokenBytes
  return [
    name,
    formatCount(kind.memories),
    formatBytes(kind.sourceBytes),
    formatCount(kind.sourceTokens),
    formatCount(kind.memoryTokens),
    formatRatio(kind.sourceTokens, kind.memoryTokens),
    formatBytes(stored),
    formatRatio(kind.sourceBytes, stored)
  ]
}

/** @param {KindStats[]} kinds @returns {KindStats} */
function sum(kinds) {
  const total = { memories: 0, sourceTokens: 0, memoryTokens: 0, sourceBytes: 0, textBytes: 0, tokenBytes: 0 }
  for (const kind of kinds) for (const field of /** @type {(keyof KindStats)[]} */ (Object.keys(total))) total[field] += kind[field] ?? 0
  return total
}
