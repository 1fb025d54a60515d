/** How much of a song each of the twelve pitch classes takes. */

/** @typedef {import('../project.mjs').ProjectState} ProjectState */

export const PITCH_CLASSES = ['C', 'C#', 'D', 'Eb', 'E', 'F', 'F#', 'G', 'Ab', 'A', 'Bb', 'B']

/**
 * The pitch classes from C to B by the time their notes sound, the strongest 1; undefined without a pitched note.
 * Drums are left out: their "pitch" chooses a sample.
 *
 * @param {ProjectState} state
 * @returns {number[] | undefined} twelve numbers, 0 … 1, two digits
 */
export function chromagram(state) {
  const drums = new Set(state.tracks.filter((track) => track?.group === 'Drums').map((track) => track.id))
  const seconds = new Array(12).fill(0) // or beats: only the proportions count
  for (const [trackId, notes] of Object.entries(state.pianoRollSketches ?? {})) {
    if (!drums.has(trackId) && Array.isArray(notes)) notes.forEach((note) => addNote(seconds, note))
  }
  const strongest = Math.max(...seconds)
  return strongest > 0 ? seconds.map((time) => Math.round((100 * time) / strongest) / 100) : undefined
}

/** @param {number[]} times per pitch class @param {import('../project.mjs').Note} note of unchecked origin */
function addNote(times, note) {
  const pitch = Math.round(Number(note?.pitch))
  const duration = Number(note?.duration)
  if (Number.isFinite(pitch) && Number.isFinite(duration) && duration > 0) times[((pitch % 12) + 12) % 12] += duration
}
