// What the assistant is asked about audio. Numbers are printed as the Studio prints them (LUFS with one decimal, shares as
// whole percent, pitch classes with two decimals), and what is not known is said to be unknown, never "undefined".
import type { AnalysisTask, AudioContext } from './audio.js'

const NOTES = ['C', 'C#', 'D', 'D#', 'E', 'F', 'F#', 'G', 'G#', 'A', 'A#', 'B']

/** The prompt of a task. */
export function analysisPrompt(task: AnalysisTask): string {
  switch (task.type) {
    case 'music-context':
      return musicContext(task)
    case 'mix-analysis':
      return mixAnalysis(task)
    case 'preset-suggestion':
      return presetSuggestion(task)
    case 'auto-tune-settings':
      return autoTuneSettings(task)
  }
}

/** Who the assistant is for a task. */
export const SYSTEM_PROMPTS: { [type in AnalysisTask['type']]: string } = {
  'music-context': 'You are a music theorist. You read chromagrams and name keys, chords and scales, briefly and in standard terms.',
  'mix-analysis': 'You are an experienced mixing engineer for hip-hop, trap and R&B who knows the loudness targets of streaming services. Answer with valid JSON.',
  'preset-suggestion': 'You are an audio engineer who designs plugin presets. Answer with valid JSON: preset_name, parameters (0 to 1), explanation.',
  'auto-tune-settings': 'You are an audio engineer for modern vocals who knows what pitch correction does to a voice. Give exact values.',
}

function musicContext({ context, additionalData: data = {} }: AnalysisTask): string {
  const meter = record(data.timeSignature)
  return `Name the musical context of this passage.

Chromagram (energy of each pitch class): ${chromagram(data.chroma)}
BPM: ${known(context?.bpm || data.bpm)}
Time signature: ${known(meter.numerator || 4)}/${known(meter.denominator || 4)}

Give:
1. the most likely key (such as "C", "Gm", "F#")
2. the chord that is playing
3. the scale: major, minor, pentatonic, blues, harmonic-minor or melodic-minor
4. the chord most likely to follow
5. harmonic tension, 0.0 to 1.0`
}

function mixAnalysis({ context, additionalData: data = {} }: AnalysisTask): string {
  const balance = record(context?.spectralBalance ?? data.spectralBalance)
  return `Judge this mix by its measurements.

Loudness and dynamics:
- Integrated loudness: ${decimal(context?.lufs)} LUFS
- Dynamic range: ${decimal(context?.dynamicRange)} dB

Frequency balance:
- Low (20-250 Hz): ${percent(balance.low)}
- Mid (250 Hz-5 kHz): ${percent(balance.mid)}
- High (5-20 kHz): ${percent(balance.high)}

Give:
1. what is wrong in which frequency range (mud, harshness, missing presence)
2. plugins with exact settings that help
3. changes of gain staging
4. stereo width and space, where needed
5. how it meets the loudness targets of streaming services`
}

function presetSuggestion({ additionalData: data = {} }: AnalysisTask): string {
  const genre = known(data.genre, 'modern hip-hop and R&B')
  return `Suggest settings of a ${known(data.pluginType, 'plugin')} for this source: ${known(data.source, 'an audio source')}. Genre: ${genre}.

Parameters are normalised from 0 to 1. Answer with JSON:
{ "preset_name": "…", "parameters": { "<parameter>": 0.0 }, "explanation": "why this suits the source, briefly" }`
}

function autoTuneSettings({ additionalData: data = {} }: AnalysisTask): string {
  const features = data.audioFeatures ? `\n- Audio features: ${JSON.stringify(data.audioFeatures)}` : ''
  return `Suggest MixxTune (pitch correction) settings for this vocal.

- Vocal style: ${known(data.vocalStyle)}
- Genre: ${known(data.genre, 'Hip-Hop/R&B')}${features}

Give a number for each, and why, briefly:
1. Speed, 0 to 100: how fast a wrong pitch is corrected; low is natural
2. Strength, 0 to 100: how much of it is corrected
3. Tolerance, 0 to 100: cents of deviation that are left alone
4. Style: future, drake, natural or t-pain`
}

/** What the model is told of the music beside the question, as the Studio writes it. */
export function audioContextText(context: AudioContext): string {
  const { bpm, key, chord, scale, lufs, dynamicRange } = context
  let text = bpm ? `\n\nContext: BPM ${bpm}` : ''
  if (key) text += `, Key: ${key}`
  if (chord) text += `, Current Chord: ${chord}`
  if (scale) text += `, Scale: ${scale}`
  if (isKnown(lufs)) text += `\nMix Level: ${lufs.toFixed(1)} LUFS`
  if (isKnown(dynamicRange)) text += `, Dynamic Range: ${dynamicRange.toFixed(1)} dB`
  return text
}

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {})

const known = (value: unknown, otherwise = 'unknown'): string => (value === undefined || value === null || value === '' ? otherwise : String(value))

/** Silence measures -Infinity LUFS: no level at all. */
const isKnown = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

const decimal = (value: unknown): string => (isKnown(value) ? value.toFixed(1) : 'N/A')

const percent = (share: unknown): string => (isKnown(share) ? `${(share * 100).toFixed(0)}%` : 'N/A')

function chromagram(energies: unknown): string {
  if (!Array.isArray(energies) || energies.length === 0) return 'unknown'
  return energies.map((energy, i) => `${NOTES[i % 12]}: ${isKnown(energy) ? energy.toFixed(2) : 'N/A'}`).join(', ')
}
