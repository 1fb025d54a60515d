/** Songs there are none of: lines of the demo's real projects, played in other steps and put together anew; and their versions. */
import { pick, shuffled } from '../measure/random.mjs'

/** @typedef {import('../../demo/project.mjs').ProjectState} State */
/** @typedef {() => number} Random */

/** Most notes taken of a line, so that thousands of states stay small. */
const MOST_NOTES = 120

/** @param {State[]} from @param {Random} random @returns {State} */
export function newSong(from, random) {
  const id = (/** @type {number} */ at) => `track-${at}`
  const lines = Array.from({ length: 2 + Math.floor(random() * 5) }, () => lineOf(pick(from, random), random))
  return {
    ...from[0],
    name: '',
    bpm: 70 + Math.floor(random() * 110),
    tracks: lines.map(({ track }, at) => ({ ...track, id: id(at) })),
    clips: lines.flatMap(({ clips }, at) => clips.map((clip, n) => ({ ...clip, id: `clip-${at}-${n}`, trackId: id(at) }))),
    mixerSettings: {},
    inserts: Object.fromEntries(lines.map(({ chain }, at) => [id(at), chain])),
    pianoRollSketches: Object.fromEntries(lines.map(({ notes }, at) => [id(at), notes])),
    automationData: {}
  }
}

/** A track of a real song with the rhythm of the real line, and steps drawn from its own steps in another order. @param {State} state @param {Random} random */
function lineOf(state, random) {
  const track = pick(state.tracks, random)
  const real = (state.pianoRollSketches[track.id] ?? []).slice(0, MOST_NOTES)
  const steps = shuffled(real.slice(1).map((note, at) => note.pitch - real[at].pitch), random)
  let pitch = 48 + Math.floor(random() * 24)
  const stretch = pick([1, 1, 2, 0.5], random)
  const notes = real.map((note, at) => {
    pitch = Math.min(108, Math.max(24, pitch + (steps[at - 1] ?? 0) + (random() < 0.3 ? Math.floor(random() * 5) - 2 : 0)))
    return { ...note, pitch, start: note.start * stretch + (random() < 0.2 ? 0.25 : 0) }
  })
  return { track, notes, chain: state.inserts[track.id] ?? [], clips: state.clips.filter((clip) => clip.trackId === track.id).slice(0, 20) }
}

/** The next version of a song: a few notes, a fader, now and then a plugin or a track. @param {State} state @param {Random} random @returns {State} */
export function nextVersion(state, random) {
  const { id } = pick(state.tracks, random)
  const chance = random()
  if (chance < 0.1) return { ...state, inserts: { ...state.inserts, [id]: [...(state.inserts[id] ?? []), pick(['eq', 'comp', 'verb'], random)] } }
  if (chance < 0.15 && state.tracks.length > 2) return { ...state, tracks: state.tracks.filter((track) => track.id !== id), pianoRollSketches: { ...state.pianoRollSketches, [id]: [] } }
  const notes = state.pianoRollSketches[id] ?? []
  const from = Math.floor(random() * notes.length)
  const moved = notes.map((note, at) => (at >= from && at < from + 4 ? { ...note, pitch: Math.min(127, note.pitch + 1) } : note))
  return { ...state, pianoRollSketches: { ...state.pianoRollSketches, [id]: moved } }
}
