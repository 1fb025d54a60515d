/** What may be done to a project so that a producer still calls it the same song. Each takes a state and a source of chance, and leaves the state alone. */
import { pick, shuffled } from '../measure/random.mjs'

/** @typedef {import('../../demo/project.mjs').ProjectState} State */
/** @typedef {() => number} Random */

const NAMES = ['Lead', 'Hook', 'Verse', 'Sub', 'Perc', 'Pad', 'Keys', 'Guitar', 'Strings', 'Riser', 'Vox', 'Ref']
const PLUGINS = ['mixx-eq8', 'mixx-comp', 'mixx-verb', 'mixx-delay', 'mixx-limiter', 'mixx-tune', 'mixx-drive', 'mixx-glue', 'Serum', 'OTT']

/** @type {Record<string, (state: State, random: Random) => State>} */
export const VARIANTS = {
  renamed: (state, random) => renamed(state, random),
  transposed: (state, random) => transposed(state, pick([-5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6], random)),
  tempo: (state, random) => ({ ...state, bpm: state.bpm * pick([0.8, 0.9, 1.1, 1.25], random) }),
  halfTheTracks: (state, random) => withTracks(state, shuffled(state.tracks, random).slice(0, Math.ceil(state.tracks.length / 2))),
  trimmed: (state) => trimmed(state),
  rearranged: (state, random) => rearranged(state, random),
  humanised: (state, random) => withNotes(state, (note) => ({ ...note, start: Math.max(0, note.start + (random() - 0.5) * 0.03) })),
  remix: (state, random) => {
    const tracks = shuffled(state.tracks, random).slice(0, Math.max(2, Math.ceil((state.tracks.length * 2) / 3)))
    const moved = transposed(withTracks(state, tracks), pick([-5, -3, -2, 2, 3, 4], random))
    return renamed({ ...moved, bpm: moved.bpm * pick([0.85, 0.92, 1.1, 1.2], random) }, random)
  }
}

/** Another engineer's session: other ids, names, colours, roles and plugins. @param {State} state @param {Random} random @returns {State} */
function renamed(state, random) {
  const ids = new Map(state.tracks.map((track) => [track.id, `t${Math.floor(random() * 2 ** 32).toString(36)}`]))
  const other = (/** @type {string} */ id) => ids.get(id) ?? id
  const keyed = (/** @type {Record<string, any>} */ map) => Object.fromEntries(Object.entries(map).map(([id, value]) => [other(id), value]))
  return {
    ...state,
    tracks: shuffled(state.tracks, random).map((track) => ({ ...track, id: other(track.id), trackName: pick(NAMES, random), trackColor: '#000000', role: pick(['synth', 'sampler', 'keys'], random) })),
    clips: state.clips.map((clip) => ({ ...clip, trackId: other(clip.trackId), name: '' })),
    mixerSettings: keyed(state.mixerSettings),
    pianoRollSketches: keyed(state.pianoRollSketches),
    inserts: Object.fromEntries(Object.entries(state.inserts).map(([id, chain]) => [other(id), chain.map(() => pick(PLUGINS, random))]))
  }
}

/** @param {State} state @param {number} semitones @returns {State} */
function transposed(state, semitones) {
  const drums = new Set(state.tracks.filter((track) => track.group === 'Drums').map((track) => track.id))
  return withNotes(state, (note, id) => (drums.has(id) ? note : { ...note, pitch: Math.min(127, Math.max(0, note.pitch + semitones)) }))
}

/** Without its first half. @param {State} state @returns {State} */
function trimmed(state) {
  const starts = state.clips.map((clip) => clip.start).sort((a, b) => a - b)
  const middle = starts[Math.floor(starts.length / 2)] ?? 0
  const later = (/** @type {any[]} */ list) => list.filter((item) => item.start >= middle).map((item) => ({ ...item, start: item.start - middle }))
  return { ...state, clips: later(state.clips), pianoRollSketches: mapped(state.pianoRollSketches, later) }
}

/** Its parts of eight bars in another order. @param {State} state @param {Random} random @returns {State} */
function rearranged(state, random) {
  const part = 32
  const end = Math.max(part, ...state.clips.map((clip) => clip.start + clip.duration), ...Object.values(state.pianoRollSketches).flat().map((note) => note.start))
  const order = shuffled([...Array(Math.ceil(end / part) + 1).keys()], random)
  const moved = (/** @type {any[]} */ list) => list.map((item) => ({ ...item, start: (item.start % part) + order[Math.floor(item.start / part)] * part }))
  return { ...state, clips: moved(state.clips), pianoRollSketches: mapped(state.pianoRollSketches, moved) }
}

/** @param {State} state @param {State['tracks']} tracks @returns {State} */
function withTracks(state, tracks) {
  const ids = new Set(tracks.map((track) => track.id))
  const kept = (/** @type {Record<string, any>} */ map) => Object.fromEntries(Object.entries(map).filter(([id]) => ids.has(id) || id === 'master'))
  return {
    ...state,
    tracks: state.tracks.filter((track) => ids.has(track.id)),
    clips: state.clips.filter((clip) => ids.has(clip.trackId)),
    mixerSettings: kept(state.mixerSettings),
    inserts: kept(state.inserts),
    pianoRollSketches: kept(state.pianoRollSketches)
  }
}

/** @param {State} state @param {(note: any, track: string) => any} change @returns {State} */
function withNotes(state, change) {
  return { ...state, pianoRollSketches: mapped(state.pianoRollSketches, (notes, id) => notes.map((note) => change(note, id))) }
}

/** @template T @param {Record<string, T>} map @param {(value: T, id: string) => T} change */
function mapped(map, change) {
  return Object.fromEntries(Object.entries(map).map(([id, value]) => [id, change(value, id)]))
}
