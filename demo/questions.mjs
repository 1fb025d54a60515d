/** What the demo asks, and how the answers are laid out. */
import { counted, formatDuration, formatScore } from '../cli/ui/format.mjs'
import { bar } from '../cli/ui/progress.mjs'
import { renderTable } from '../cli/ui/table.mjs'
import { displayWidth, fitted, printable } from '../cli/ui/width.mjs'

/**
 * @typedef {{ text: string, kind?: string, where?: object, aside?: string }} Question `aside`: said beside it
 * @typedef {{ id: string, kind: string, score: number, metadata?: Record<string, any>, explain?: { meaning?: number | null, keyword?: number | null } }} Hit
 * @typedef {{ title: string, aside?: string, hits: Hit[], took: number }} Answer `took` in milliseconds
 */

/** @type {Question[]} */
const QUESTIONS = [
  { text: 'slow reggae with organ and offbeat guitar', kind: 'project_snapshot' },
  { text: 'fast electronic track with many synths', kind: 'project_snapshot', where: { bpm: { gte: 140 } }, aside: '140 BPM and up' },
  { text: 'which project uses reverb on the drums?', kind: 'project_snapshot' },
  { text: 'sounds of an old home computer', kind: 'project_snapshot' },
  { text: 'where did I use a phaser and a delay?', kind: 'mixx_recall' },
  { text: 'it starts slowly, be patient', kind: 'project_note' }
]

const SHOWN = 3
const BAR_COLUMNS = 10
const NAME_COLUMNS = 28

/** The user's questions, or ours about the kinds there are. @param {string[] | undefined} own @param {Set<string>} kinds @returns {Question[]} */
export function questionsFor(own, kinds) {
  return own ? own.map((text) => ({ text })) : QUESTIONS.filter((question) => question.kind && kinds.has(question.kind))
}

/** @param {any} memory an open PrimeMemory @param {Question} question @returns {Promise<Answer>} */
export async function ask(memory, { text, kind, where, aside }) {
  const said = [kind && `in ${spoken(kind)}`, aside].filter(Boolean).join(', ')
  return answer(`“${text}”`, said, () => memory.search({ text }, { limit: SHOWN, explain: true, ...(kind && { kind }), ...(where && { where }) }))
}

/** What is near to a memory, itself left out. @param {any} memory @param {{ id: string, kind: string, project: string }} like */
export async function askSimilar(memory, { id, kind, project }) {
  const found = await answer(`similar to ${project}`, `in ${spoken(kind)}`, () => memory.search({ id }, { kind, limit: SHOWN + 1, explain: true }))
  return { ...found, hits: found.hits.filter((hit) => hit.id !== id).slice(0, SHOWN) }
}

/** @param {string} title @param {string} aside @param {() => Promise<Hit[]>} search @returns {Promise<Answer>} */
async function answer(title, aside, search) {
  const start = performance.now()
  const hits = await search()
  return { title, aside, hits, took: performance.now() - start }
}

/** `musical contexts` @param {string} kind */
export function spoken(kind) {
  return `${kind.replaceAll('_', ' ')}s`
}

/**
 * @param {Answer} answer
 * @param {import('../cli/ui/progress.mjs').Terminal} terminal
 * @returns {string[]} lines
 */
export function answerLines({ title, aside, hits, took }, { width, style }) {
  const table = hits.length > 0 ? renderTable(hitTable(hits, style), { width, style }) : [style.dim('nothing found'.padEnd(Math.min(width, 60)))]
  return [headline(title, aside, formatDuration(took), displayWidth(uncoloured(table[0])), style), ...table]
}

/** The question at the left, how long it took at the right end of its table. @param {string} title @param {string | undefined} aside @param {string} took @param {number} width @param {import('../cli/ui/style.mjs').Style} style */
function headline(title, aside, took, width, style) {
  const room = width - displayWidth(took) - 2
  const text = fitted(printable(title), room)
  const more = aside && displayWidth(text) + displayWidth(aside) + 2 <= room ? `  ${aside}` : ''
  const gap = ' '.repeat(Math.max(2, width - displayWidth(text + more + took)))
  return `${style.bold(text)}${style.dim(more)}${gap}${style.accent(took)}`
}

/** @param {Hit[]} hits @param {import('../cli/ui/style.mjs').Style} style @returns {import('./ui/table.mjs').Table} */
function hitTable(hits, style) {
  const best = Math.max(...hits.map((hit) => hit.score))
  const isMixed = new Set(hits.map((hit) => hit.kind)).size > 1
  return {
    columns: [
      { title: '', align: 'right', paint: style.dim },
      { title: 'project', shrinks: true, least: NAME_COLUMNS, paint: style.bold },
      ...(isMixed ? [{ title: 'found in', shrinks: true }] : []),
      { title: 'tempo', align: 'right', optional: true, least: 7 },
      { title: 'key', optional: true, least: 8 },
      { title: 'size', align: 'right', optional: true, least: 9 },
      { title: 'score', align: 'right', paint: style.accent },
      { title: 'meaning', align: 'right' },
      { title: 'keyword', align: 'right' },
      { title: '', optional: true, paint: style.accent }
    ],
    rows: hits.map((hit, index) => hitRow(hit, index + 1, best, isMixed))
  }
}

/** @param {Hit} hit @param {number} rank @param {number} best score of all @param {boolean} isMixed of several kinds */
function hitRow({ kind, score, metadata, explain }, rank, best, isMixed) {
  const { project = '?', bpm, key, tracks } = metadata ?? {}
  return [
    String(rank),
    fitted(printable(String(project)), NAME_COLUMNS),
    ...(isMixed ? [spoken(kind)] : []),
    bpm === undefined ? '' : `${bpm} BPM`,
    key ?? '',
    tracks === undefined ? '' : counted(tracks, 'track'),
    formatScore(score),
    formatScore(explain?.meaning),
    formatScore(explain?.keyword),
    bar(best > 0 ? score / best : 0, BAR_COLUMNS).full.padEnd(BAR_COLUMNS)
  ]
}

/** @param {string} text */
function uncoloured(text) {
  return text.replace(/\x1b\[\d+m/g, '')
}
