/**
 * A session at a DAW: one project state becomes a history of states, the same every time for a seed. Between two saves
 * lie one to six edits, as an autosave timer sees them; undo goes back to an earlier state exactly; duplicating and
 * pasting repeat material; takes are recorded as base64 of float samples.
 */
import { seeded } from '../measure/random.mjs'

const PLUGINS = ['mixx-eq8', 'mixx-comp', 'mixx-verb', 'mixx-delay', 'mixx-limiter', 'mixx-tune', 'mixx-drive', 'mixx-glue', 'mixx-aura', 'mixx-clip']
const NAMES = ['Lead', 'Hook', 'Verse dbl', 'Adlib L', 'Sub', 'Kick', 'Snare', 'Hat', 'Pad', 'Keys', 'Guitar', 'FX riser', 'Bridge']
const GROUPS = ['Vocals', 'Harmony', 'Adlibs', 'Bass', 'Drums', 'Instruments']
const copy = (value) => JSON.parse(JSON.stringify(value))
const round = (number, digits = 4) => Number(number.toFixed(digits))

class Session {
  constructor(state, seed, audio) {
    this.random = seeded(seed)
    this.audio = audio
    this.state = { clips: [], mixerSettings: {}, inserts: {}, fxBypassState: {}, automationData: {}, pianoRollSketches: {}, audioBuffers: {}, ...copy(state) }
    this.undo = []
    this.count = 0
  }
  below(n) { return Math.floor(this.random() * n) }
  pick(list) { return list[this.below(list.length)] }
  id(prefix) { return `${prefix}-${Math.floor(this.random() * 2 ** 32).toString(16).padStart(8, '0')}${(++this.count).toString(16)}` }
  track() { return this.pick(this.state.tracks)?.id }
  notes() { return this.state.pianoRollSketches[this.pick(Object.keys(this.state.pianoRollSketches)) ?? ''] ?? [] }

  moveClip() {
    const clip = this.pick(this.state.clips)
    if (!clip) return
    const from = clip.start
    clip.start = Math.max(0, round(from + this.pick([-8, -4, -1, -0.25, 0.25, 1, 4, 8])))
    for (const note of this.state.pianoRollSketches[clip.trackId] ?? []) {
      if (from <= note.start && note.start < from + clip.duration) note.start = round(note.start + clip.start - from)
    }
  }
  trimClip() { const clip = this.pick(this.state.clips); if (clip) clip.duration = Math.max(0.25, round(clip.duration * this.pick([0.5, 0.75, 1.5, 2]), 2)) }
  deleteClip() { if (this.state.clips.length > 2) this.state.clips.splice(this.below(this.state.clips.length), 1) }
  pasteClip() {
    const source = this.pick(this.state.clips)
    if (!source) return
    const clip = { ...source, id: this.id('clip'), start: round(source.start + source.duration * (1 + this.below(8))) }
    this.state.clips.push(clip)
    const notes = this.state.pianoRollSketches[clip.trackId]
    const inside = notes?.filter(({ start }) => source.start <= start && start < source.start + source.duration) ?? []
    notes?.push(...inside.map((note) => ({ ...note, id: this.id('n'), start: round(note.start - source.start + clip.start) })))
  }
  fader() { const mix = this.state.mixerSettings[this.track()]; if (mix) mix.volume = round(Math.min(1.5, Math.max(0, mix.volume + this.random() * 0.2 - 0.1))) }
  pan() { const mix = this.state.mixerSettings[this.track()]; if (mix) mix.pan = round(this.random() * 2 - 1, 2) }
  mute() { const mix = this.state.mixerSettings[this.track()]; if (mix) mix.isMuted = !mix.isMuted }
  master() { this.state.masterVolume = round(Math.min(1.2, Math.max(0.2, (this.state.masterVolume ?? 1) + this.random() * 0.06 - 0.03))) }
  addPlugin() { const track = this.track(); if (track) { const list = (this.state.inserts[track] ??= []); list.splice(this.below(list.length + 1), 0, this.pick(PLUGINS)) } }
  removePlugin() { const list = this.state.inserts[this.pick(Object.keys(this.state.inserts)) ?? '']; if (list?.length) list.splice(this.below(list.length), 1) }
  bypass() { const track = this.pick(Object.keys(this.state.inserts)); const plugin = this.pick(this.state.inserts[track] ?? []); if (plugin) { const all = (this.state.fxBypassState[track] ??= {}); all[plugin] = !all[plugin] } }
  rename() { const track = this.pick(this.state.tracks); if (track) track.trackName = this.pick(NAMES) + this.pick(['', ' 2', ' dbl', ' (old)']) }
  regroup() { const track = this.pick(this.state.tracks); if (track) track.group = this.pick(GROUPS) }
  duplicateTrack() {
    if (!this.state.tracks.length || this.state.tracks.length > 80) return
    const at = this.below(this.state.tracks.length)
    const { id: old, ...rest } = this.state.tracks[at]
    const id = this.id('track')
    this.state.tracks.splice(at + 1, 0, { id, ...rest, trackName: `${rest.trackName} copy` })
    this.state.mixerSettings[id] = copy(this.state.mixerSettings[old] ?? { volume: 0.8, pan: 0, isMuted: false })
    if (this.state.inserts[old]) this.state.inserts[id] = [...this.state.inserts[old]]
    this.state.clips.push(...this.state.clips.filter(({ trackId }) => trackId === old).map((clip) => ({ ...clip, id: this.id('clip'), trackId: id })))
    const notes = this.state.pianoRollSketches[old]
    if (notes) this.state.pianoRollSketches[id] = notes.map((note) => ({ ...note, id: this.id('n') }))
  }
  deleteTrack() {
    if (this.state.tracks.length < 3) return
    const [{ id }] = this.state.tracks.splice(this.below(this.state.tracks.length), 1)
    this.state.clips = this.state.clips.filter(({ trackId }) => trackId !== id)
    for (const field of ['mixerSettings', 'inserts', 'fxBypassState', 'pianoRollSketches']) delete this.state[field][id]
  }
  drawNotes() {
    const notes = this.notes()
    if (!notes.length) return
    const pitches = [...new Set(notes.map(({ pitch }) => pitch))].sort((a, b) => a - b)
    let at = round(this.random() * Math.max(...notes.map(({ start }) => start)), 2)
    for (let i = this.below(16); i >= 0; i--) {
      notes.push({ id: this.id('n'), pitch: this.pick(pitches), start: round(at), duration: this.pick([0.25, 0.5, 1]), velocity: 60 + this.below(56) })
      at += this.pick([0.25, 0.5])
    }
  }
  editNotes() {
    const notes = this.notes()
    if (!notes.length) return
    const from = this.below(notes.length)
    const part = notes.slice(from, from + this.pick([4, 16, 64, notes.length]))
    const how = this.below(4)
    const by = this.pick([-12, -5, -1, 1, 2, 7, 12])
    if (how === 0) for (const note of part) note.pitch = Math.min(127, Math.max(0, note.pitch + by))
    else if (how === 1) for (const note of part) note.velocity = Math.min(127, Math.max(1, (note.velocity ?? 90) + this.below(19) - 9))
    else if (how === 2) for (const note of part) note.start = round(Math.round(note.start * 4) / 4)
    else notes.splice(from, Math.min(16, part.length))
  }
  automate() {
    const lane = (this.state.automationData[`${this.track()}:volume`] ??= [])
    const start = round(this.random() * 100, 3)
    lane.push({ start, points: Array.from({ length: 2 + this.below(23) }, (_, i) => [round(start + i / 2, 3), round(this.random(), 3)]) })
  }
  tempo() { this.state.bpm = round(Math.max(50, Number(this.state.bpm) + this.pick([-5, -2, -1, 1, 2, 5])), 2) }
  mood() { this.state.musicalContext = { genre: this.pick(['trap', 'rnb', 'house', 'drill', 'pop', 'afro']), mood: this.pick(['dark', 'bright', 'warm', 'hype']) } }
  record() {
    if (!this.audio) return this.drawNotes()
    const id = this.id('buf')
    const samples = take(this.audio, this.random)
    this.state.audioBuffers[id] = { numberOfChannels: 1, length: samples.length, sampleRate: 44_100, channelData: [base64(samples)] }
    this.state.clips.push({ id: this.id('clip'), trackId: this.track(), name: `take ${this.count}`, start: this.below(64), duration: round(samples.length / 44_100 * this.state.bpm / 60), bufferId: id })
  }

  static EDITS = Object.entries({
    moveClip: 14, trimClip: 6, deleteClip: 3, pasteClip: 9, fader: 16, pan: 4, mute: 5, master: 2, addPlugin: 8, removePlugin: 3, bypass: 4, rename: 3,
    regroup: 1, duplicateTrack: 1.2, deleteTrack: 0.8, drawNotes: 8, editNotes: 7, automate: 4, tempo: 0.7, mood: 0.5, record: 1.5,
  })

  step() {
    if (this.undo.length && this.random() < 0.07) {
      const back = Math.min(this.undo.length, this.pick([1, 1, 1, 2, 3]))
      this.state = JSON.parse(this.undo[this.undo.length - back])
      this.undo.length -= back
      return
    }
    this.undo = [...this.undo.slice(-7), JSON.stringify(this.state)]
    const sum = Session.EDITS.reduce((sum, [, weight]) => sum + weight, 0)
    let at = this.random() * sum
    const [edit] = Session.EDITS.find(([, weight]) => (at -= weight) < 0)
    this[edit]()
  }
}

/** Samples of a take: a plucked tone with noise, rounded to 16 bits as a converter gives them, at some gain. */
function take(samples, random) {
  const [gain, hertz] = [0.6 + random() * 0.4, 80 + random() * 400]
  return Float32Array.from({ length: samples }, (_, i) => {
    const tone = Math.sin((i * hertz * 2 * Math.PI) / 44_100) * Math.exp(-(i % 22_050) / 9_000) + (random() - 0.5) * 0.02
    return (Math.round(tone * 20_000) / 32_768) * gain
  })
}

export const base64 = (samples) => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString('base64')

/**
 * The JSON texts of `count` states that begin with `state`.
 * @param {object} state @param {number} count @param {number} seed @param {number} [audio] samples of a take; 0: none
 */
export function* history(state, count, seed, audio = 0) {
  const session = new Session(state, seed, audio)
  yield JSON.stringify(session.state)
  for (let i = 1; i < count; i++) {
    for (let edits = session.pick([1, 1, 1, 2, 2, 3, 4, 6]); edits > 0; edits--) session.step()
    yield JSON.stringify(session.state)
  }
}

/** A project of about `bytes` bytes made by laying parts of `state` behind each other. @param {any} state @param {number} bytes */
export function grown(state, bytes) {
  const large = copy(state)
  for (let i = 1; JSON.stringify(large).length < bytes; i++) {
    for (const [track, notes] of Object.entries(state.pianoRollSketches ?? {})) {
      const shift = i * 512
      large.pianoRollSketches[track].push(...notes.map((note) => ({ ...note, id: `${note.id}-${i}`, start: round(note.start + shift) })))
    }
    if (i > 5_000) break
  }
  return large
}
