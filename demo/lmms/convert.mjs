/**
 * An LMMS project as the Studio's project state. Read from top to bottom: the song, its track containers, each track.
 * Positions and lengths are in beats (quarter notes), volumes 1 = LMMS's 100 %, pan -1 … 1.
 */
import { createHash } from 'node:crypto'
import { MAX_CLIPS, automationOf, beatStarts, patternsOf, samplesOf, ticksPerBeat } from './clips.mjs'
import { effectsOf, mixerChannels, trackEffects } from './effects.mjs'
import { UnusableFile } from './read.mjs'
import { colorOf, groupOf } from './roles.mjs'
import { find, findAll, number, walk } from './xml.mjs'

/** @typedef {import('./xml.mjs').Element} Element */
/** @typedef {import('../project.mjs').ProjectState} ProjectState */
/** @typedef {{ state: ProjectState, channels: Map<number, Element>, ticks: number, automation: Map<string, object[]> }} Song the state being filled, and what every track needs to know */

const ROOTS = ['lmms-project', 'multimedia-project']
const TRACK = { instrument: '0', beat: '1', sample: '2', automation: '5', hiddenAutomation: '6' }

/**
 * @param {Element} root
 * @param {string} name of the project; track ids are derived from it
 * @returns {ProjectState}
 * @throws {UnusableFile} not an LMMS project, or one without tracks (a preset, say)
 */
export function convert(root, name) {
  if (!ROOTS.includes(root.name)) throw new UnusableFile(`not an LMMS project but <${root.name}>`)
  const song = { state: emptyState(find(root, 'head'), name), channels: mixerChannels(root), ticks: ticksPerBeat(root), automation: new Map() }
  for (const container of findAll(find(root, 'song') ?? root, 'trackcontainer')) addContainer(song, container)
  if (song.state.tracks.length === 0) throw new UnusableFile('an LMMS file without tracks')
  const master = effectsOf(song.channels.get(0))
  if (master.length > 0) song.state.inserts.master = master.map((effect) => effect.name)
  song.state.automationData = Object.fromEntries(song.automation)
  return song.state
}

/** @param {Element | undefined} head @param {string} name @returns {ProjectState} */
function emptyState(head, name) {
  const beats = Math.trunc(number(head, 'timesig_numerator', 4))
  const beatUnit = Math.trunc(number(head, 'timesig_denominator', 4))
  return {
    name,
    bpm: rounded(number(head, 'bpm', 140), 3),
    timeSignature: `${beats}/${beatUnit}`,
    masterVolume: rounded(number(head, 'mastervol', 100) / 100, 4),
    tracks: [],
    clips: [],
    mixerSettings: {},
    inserts: {},
    fxBypassState: {},
    automationData: {},
    pianoRollSketches: {},
    musicalContext: { genre: '', mood: '' },
    ingestHistoryEntries: [],
    audioBuffers: {}
  }
}

/** @param {Song} song @param {Element} container */
function addContainer(song, container) {
  const starts = beatStarts(container, song.ticks)
  for (const track of findAll(container, 'track')) {
    if (track.attributes.type !== TRACK.beat) addTrack(song, track, undefined)
    else for (const inner of walk(track, 'trackcontainer')) for (const beatTrack of findAll(inner, 'track')) addTrack(song, beatTrack, starts)
  }
}

/** @param {Song} song @param {Element} track @param {number[][] | undefined} starts of each beat, for a track of the beat editor */
function addTrack(song, track, starts) {
  const name = track.attributes.name || 'Track'
  switch (track.attributes.type) {
    case TRACK.automation:
    case TRACK.hiddenAutomation:
      return addAutomation(song, automationOf(track, name, song.ticks))
    case TRACK.instrument:
      return addSound(song, track, name, find(track, 'instrumenttrack') ?? find(track, 'channeltrack'), starts)
    case TRACK.sample:
      return addSound(song, track, name, find(track, 'sampletrack'), starts)
  }
}

/** @param {Song} song @param {ReturnType<typeof automationOf>} curves */
function addAutomation({ automation }, curves) {
  for (const { name, ...curve } of curves) {
    if (!automation.has(name)) automation.set(name, [])
    automation.get(name)?.push(curve)
  }
}

/** @param {Song} song @param {Element} track @param {string} trackName @param {Element | undefined} inner @param {number[][] | undefined} starts */
function addSound({ state, channels, ticks }, track, trackName, inner, starts) {
  const instrument = find(inner, 'instrument')?.attributes.name ?? ''
  const trackNumber = state.tracks.length + 1
  const id = trackId(state.name, trackName, trackNumber)
  state.tracks.push({
    id,
    trackName,
    trackColor: colorOf(trackNumber),
    waveformType: track.attributes.type === TRACK.instrument ? 'midi' : 'audio',
    group: groupOf(trackName, instrument, starts !== undefined),
    role: instrument || 'sample',
    locked: false
  })
  state.mixerSettings[id] = {
    volume: rounded(number(inner, 'vol', 100) / 100, 4),
    pan: rounded(number(inner, 'pan') / 100, 4),
    isMuted: track.attributes.muted === '1'
  }
  addInserts(state, id, trackEffects(inner, channels))
  const { clips, sketch } = patternsOf(track, trackName, ticks, starts)
  if (state.clips.length + clips.length > MAX_CLIPS) throw new UnusableFile(`more than ${MAX_CLIPS} clips`)
  for (const clip of [...clips, ...samplesOf(track, trackName, ticks)]) state.clips.push({ id: `clip-${state.clips.length + 1}`, trackId: id, ...clip })
  if (sketch.length > 0) state.pianoRollSketches[id] = sketch.map(studioNote)
}

/** @param {string} project @param {string} trackName @param {number} trackNumber counted from 1 */
function trackId(project, trackName, trackNumber) {
  const hash = createHash('md5').update(`${project}${trackName}${trackNumber}`).digest('hex') // a name, not a secret
  return `track-${trackNumber}-${hash.slice(0, 8)}`
}

/** @param {ProjectState} state @param {string} id @param {import('./effects.mjs').Effect[]} effects */
function addInserts(state, id, effects) {
  if (effects.length === 0) return
  state.inserts[id] = effects.map((effect) => effect.name)
  const bypassed = effects.filter((effect) => !effect.isOn).map((effect) => [effect.name, true])
  if (bypassed.length > 0) state.fxBypassState[id] = Object.fromEntries(bypassed)
}

/** @param {import('./clips.mjs').PatternNote} note @param {number} index */
function studioNote({ pitch, start, duration, velocity }, index) {
  return { id: `n${index}`, pitch, start: rounded(start, 4), duration: rounded(duration, 4), velocity }
}

/** @param {number} value @param {number} digits after the point */
function rounded(value, digits) {
  return Number(value.toFixed(digits))
}
