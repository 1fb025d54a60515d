/** Mixx Recall entries in the Studio's shape, from facts of real projects. */
import { readFileSync } from 'node:fs'

/** @typedef {{ name: string, group: string, instrument: string, chain: string[] }} Track */
/** @typedef {{ project: string, bpm: number, key: string | null, scale: string | null, tracks: Track[] }} Project */

const PROJECTS = new URL('./projects.jsonl', import.meta.url)

/** `count` entries, one a track, the projects taking turns; two tracks that say the same are one. @param {number} count */
export function recallEntries(count) {
  const projects = readFileSync(PROJECTS, 'utf8').trimEnd().split('\n').map((line) => /** @type {Project} */ (JSON.parse(line)))
  const queues = projects.map((project) => distinct(project.tracks).map((track) => entryOf(project, track)))
  const entries = []
  for (let turn = 0; entries.length < count && queues.some((queue) => queue.length > turn); turn++) {
    for (const queue of queues) if (queue.length > turn && entries.length < count) entries.push(queue[turn])
  }
  if (entries.length < count) throw new Error(`the projects give ${entries.length} entries, not ${count}`)
  return entries
}

/** @param {Track[]} tracks */
function distinct(tracks) {
  return [...new Map(tracks.map((track) => [JSON.stringify(track), track])).values()]
}

/** As `compressMixxRecall` takes it. @param {Project} project @param {Track} track */
function entryOf({ project, bpm, key, scale }, { name, group, instrument, chain }) {
  return {
    category: `${group} track`,
    name: `${name.replace(/\.(ogg|wav|ds)$/, '')} in ${project}`,
    bpm,
    ...(key && { key: `${key} ${scale ?? ''}`.trim() }),
    plugins: chain,
    presets: [{ name, plugin: instrument }]
  }
}
