/** What a track is for, judged by its name and its instrument: LMMS itself does not say. */

const DRUMS = /kick|snare|hat|drum|perc|clap|tom\b|toms|cymb|crash|ride|rim|hh|beat|bassdrum|shaker|clave|conga|bongo|cowbell|tamb/i
const BASS = /bass|sub\b|808/i
const VOCALS = /vox|vocal|voice|sing|lyric|spoken|rap/i
const HARMONY = /choir|harmon|chorus|oohs|aahs/i

/** @typedef {'Vocals' | 'Harmony' | 'Adlibs' | 'Bass' | 'Drums' | 'Instruments'} Group the Studio's track groups */

/**
 * @param {string} trackName
 * @param {string} instrument LMMS plugin name, '' when there is none
 * @param {boolean} inBeatEditor tracks of the beat+bassline editor are drums unless something speaks against it
 * @returns {Group}
 */
export function groupOf(trackName, instrument, inBeatEditor) {
  const words = `${trackName} ${instrument}`
  if (VOCALS.test(words)) return 'Vocals'
  if (HARMONY.test(words)) return 'Harmony'
  if (DRUMS.test(words) || instrument === 'kicker') return 'Drums'
  if (BASS.test(words)) return 'Bass'
  const plainSample = instrument === '' || instrument === 'audiofileprocessor'
  return inBeatEditor && plainSample ? 'Drums' : 'Instruments'
}

const COLORS = ['#4f8ef7', '#f7634f', '#57c785', '#f7c34f', '#a66cf0', '#4fd0f7', '#f04f9a', '#9aa5b1']

/** @param {number} trackNumber counted from 1 */
export function colorOf(trackNumber) {
  return COLORS[trackNumber % COLORS.length]
}
