/** Where things sound: notes, patterns, samples, beats, automation. LMMS counts in ticks, we in beats (quarter notes). */
import { UnusableFile } from './read.mjs'
import { fileName } from './effects.mjs'
import { findAll, number, walk } from './xml.mjs'

/** @typedef {import('./xml.mjs').Element} Element */
/** @typedef {{ pitch: number, start: number, duration: number, velocity: number }} PatternNote from the pattern's beginning, in beats */
/** @typedef {{ name: string, start: number, duration: number, muted: boolean, noteCount?: number }} Clip in beats */

/** In a song. A pattern of the beat editor becomes a clip for each block of its beat, so that a small file can ask for very many. */
export const MAX_CLIPS = 200_000

/** LMMS has 192 ticks in a 4/4 bar. Before 2007 it had 64, and wrote a note as octave and tone. @param {Element} root */
export function ticksPerBeat(root) {
  for (const note of walk(root, 'note')) {
    if (note.attributes.tone !== undefined && note.attributes.key === undefined) return 16
  }
  return 48
}

/** For each beat of the beat editor, where it is placed in the song, in beats. @param {Element} container @param {number} ticks per beat */
export function beatStarts(container, ticks) {
  const beatTracks = findAll(container, 'track').filter((track) => track.attributes.type === '1')
  return beatTracks.map((track) => findAll(track, 'bbtco', 'patternclip').map((block) => number(block, 'pos') / ticks))
}

/**
 * The clips and notes of an instrument track.
 *
 * @param {Element} track @param {string} trackName @param {number} ticks per beat
 * @param {number[][] | undefined} starts of each beat, when the track lies in the beat editor: its n-th pattern belongs to the n-th beat
 */
export function patternsOf(track, trackName, ticks, starts) {
  /** @type {Clip[]} */ const clips = []
  /** @type {PatternNote[]} */ const sketch = []
  for (const [index, pattern] of findAll(track, 'pattern', 'midiclip').entries()) {
    const notes = findAll(pattern, 'note').map((note) => patternNote(note, ticks))
    if (notes.length === 0) continue
    const positions = starts ? (starts[index] ?? []) : [number(pattern, 'pos') / ticks]
    if (clips.length + positions.length > MAX_CLIPS) throw new UnusableFile(`more than ${MAX_CLIPS} clips`)
    const duration = number(pattern, 'len') / ticks || endOf(notes)
    const muted = pattern.attributes.muted === '1'
    for (const start of positions) clips.push({ name: pattern.attributes.name || trackName, start, duration, muted, noteCount: notes.length })
    for (const note of notes) sketch.push({ ...note, start: (positions[0] ?? 0) + note.start })
  }
  return { clips, sketch }
}

/** @param {Element} note @param {number} ticks per beat @returns {PatternNote} */
function patternNote(note, ticks) {
  const pitch = note.attributes.key === undefined ? 12 * number(note, 'oct', 4) + number(note, 'tone') : number(note, 'key')
  const length = number(note, 'len')
  return {
    pitch: Math.trunc(pitch),
    start: number(note, 'pos') / ticks,
    duration: length > 0 ? length / ticks : 0.25, // drum hits are written with a length of 0 or less
    velocity: Math.max(0, Math.min(127, Math.trunc(number(note, 'vol', 100))))
  }
}

/** @param {PatternNote[]} notes */
function endOf(notes) {
  return notes.reduce((end, note) => Math.max(end, note.start + note.duration), 0)
}

/** The clips of a sample track. @param {Element} track @param {string} trackName @param {number} ticks per beat @returns {Clip[]} */
export function samplesOf(track, trackName, ticks) {
  return findAll(track, 'sampletco', 'sampleclip').map((sample) => ({
    name: fileName(sample.attributes.src || trackName),
    start: number(sample, 'pos') / ticks,
    duration: number(sample, 'len') / ticks,
    muted: sample.attributes.muted === '1'
  }))
}

/** The curves of an automation track that have more than one point. @param {Element} track @param {string} trackName @param {number} ticks per beat */
export function automationOf(track, trackName, ticks) {
  const curves = findAll(track, 'automationpattern').map((pattern) => ({
    name: pattern.attributes.name || trackName,
    start: number(pattern, 'pos') / ticks,
    points: findAll(pattern, 'time').map((point) => [number(point, 'pos') / ticks, number(point, 'value')])
  }))
  return curves.filter((curve) => curve.points.length > 1)
}
