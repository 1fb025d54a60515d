/**
 * The key of a song, by Krumhansl's probe-tone profiles: listeners rated how well each of the twelve pitch classes fits a
 * key; the key whose ratings correlate best with the song's pitch classes is taken for its own.
 * C. Krumhansl, Cognitive Foundations of Musical Pitch (1990), ch. 4.
 */
import { PITCH_CLASSES } from './chroma.mjs'

const PROFILES = {
  major: [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
  minor: [6.33, 2.68, 3.52, 5.38, 2.6, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17]
}

/** With fewer pitch classes any of several keys is as good as another. */
const FEWEST_PITCH_CLASSES = 3

/**
 * @typedef {{ key: string, scale: 'major' | 'minor', correlation: number }} Key `key` is the tonic, 'Eb'; `correlation` -1 … 1
 *
 * @param {number[]} chroma twelve weights from C to B
 * @returns {Key | undefined} undefined when there is too little to judge
 */
export function estimateKey(chroma) {
  if (chroma.filter((weight) => weight > 0).length < FEWEST_PITCH_CLASSES) return undefined
  const candidates = Object.entries(PROFILES).flatMap(([scale, profile]) =>
    PITCH_CLASSES.map((key, tonic) => ({ key, scale: /** @type {'major' | 'minor'} */ (scale), correlation: correlation(rotated(profile, tonic), chroma) }))
  )
  return candidates.reduce((best, candidate) => (candidate.correlation > best.correlation ? candidate : best))
}

/** A profile whose tonic is C, moved to another. @param {number[]} profile @param {number} tonic 0 = C */
function rotated(profile, tonic) {
  return profile.map((_, pitchClass) => profile[(pitchClass - tonic + 12) % 12])
}

/** Pearson's. @param {number[]} a @param {number[]} b */
function correlation(a, b) {
  const [x, y] = [centred(a), centred(b)]
  return dot(x, y) / (Math.sqrt(dot(x, x) * dot(y, y)) || 1)
}

/** @param {number[]} values */
function centred(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.map((value) => value - mean)
}

/** @param {number[]} a @param {number[]} b */
function dot(a, b) {
  return a.reduce((sum, value, i) => sum + value * b[i], 0)
}
