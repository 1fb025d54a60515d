/**
 * Notes as a studio keeps them, made by a grammar from a seed and from what the demo's real projects say: their names,
 * tempos, tracks and effects. The same seed gives the same notes.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadProject } from '../../demo/project.mjs'
import { pick } from '../measure/random.mjs'
import * as words from './words.mjs'

const PROJECTS = fileURLToPath(new URL('../../demo/projects/', import.meta.url))

/** @typedef {{ name: string, bpm: number, tracks: string[], effects: string[] }} Facts what a real project says */

/** @returns {Promise<Facts[]>} */
export async function projectFacts() {
  const files = readdirSync(PROJECTS).filter((file) => /\.mmpz?$/.test(file)).sort()
  return Promise.all(files.map(async (file) => factsOf(await loadProject(join(PROJECTS, file)))))
}

/** @param {import('../../demo/project.mjs').Project} project @returns {Facts} */
function factsOf({ name, state }) {
  const distinct = (/** @type {string[]} */ list) => [...new Set(list.filter(Boolean))]
  return {
    name,
    bpm: state.bpm,
    tracks: distinct(state.tracks.map((track) => track.trackName)),
    effects: distinct(Object.values(state.inserts).flat())
  }
}

/** A source of notes. */
export class Notes {
  /** @param {Facts[]} facts @param {() => number} random */
  constructor(facts, random) {
    this.facts = facts
    this.random = random
  }

  /** One sentence, about 8 to 30 text tokens. */
  sentence() {
    return pick(SENTENCES, this.random)(this)
  }

  /** A note of about `textTokens` text tokens. @param {number} textTokens */
  note(textTokens) {
    let note = textTokens < 8 ? this.label() : this.sentence()
    while (approximateTokens(note) < textTokens) note += ` ${this.sentence()}`
    return textTokens < 8 ? note : cut(note, textTokens)
  }

  /** A few words, as on a track or a preset. */
  label() {
    return pick([() => `${this.of('MOODS')} ${this.of('INSTRUMENTS')}`, () => this.track(), () => `${this.of('GENRES')} ${this.number(60, 180)}`], this.random)()
  }

  /** A word of a list. @param {keyof typeof words} list */
  of(list) {
    return pick(words[list], this.random)
  }

  project() {
    return pick(this.facts, this.random)
  }

  track() {
    const { tracks } = this.project()
    return tracks.length > 0 && this.random() < 0.3 ? pick(tracks, this.random) : this.of('INSTRUMENTS')
  }

  effect() {
    const { effects } = this.project()
    return effects.length > 0 && this.random() < 0.3 ? pick(effects, this.random) : this.of('EFFECTS')
  }

  /** @param {number} from @param {number} to */
  number(from, to) {
    return from + Math.floor(this.random() * (to - from + 1))
  }
}

/** English has about 1.3 tokens a word; the bench counts them exactly afterwards. @param {string} text */
function approximateTokens(text) {
  return text.split(' ').length * 1.3
}

/** @param {string} text @param {number} textTokens */
function cut(text, textTokens) {
  return text.split(' ').slice(0, Math.max(1, Math.round(textTokens / 1.3))).join(' ')
}

/** @type {((n: Notes) => string)[]} */
const SENTENCES = [
  (n) => `The ${n.track()} ${n.of('PROBLEMS')} in the ${n.of('PARTS')}; try a ${n.effect()} on it.`,
  (n) => `${n.of('PEOPLE')} wants the ${n.track()} ${n.of('WISHES')} in the ${n.of('PARTS')}.`,
  (n) => `${n.project().name}: ${n.number(60, 180)} BPM, ${n.of('KEYS')} ${pick(['minor', 'major'], n.random)}, ${n.of('MOODS')} ${n.of('GENRES')}.`,
  (n) => `Chain on the ${n.track()}: ${n.effect()}, ${n.effect()}, then ${n.effect()} at ${n.number(5, 60)} %.`,
  (n) => `Use the ${n.of('MOODS')} ${n.of('INSTRUMENTS')} of ${n.project().name} again, but ${n.of('WISHES')}.`,
  (n) => `Bounce ${n.number(2, 24)}: ${n.of('MOODS')} mix, ${n.track()} ${n.of('WISHES')}, master at -${n.number(8, 16)} LUFS.`,
  (n) => `Reference for the ${n.of('PARTS')}: ${n.of('MOODS')} ${n.of('GENRES')} with ${n.of('INSTRUMENTS')} and ${n.of('INSTRUMENTS')}, around ${n.number(60, 180)} BPM.`,
  (n) => `Ask ${n.of('PEOPLE')} whether the ${n.of('PARTS')} may stay ${n.number(4, 32)} bars long.`,
  (n) => `Swing at ${n.number(50, 66)} % on the ${n.track()}, everything else straight.`,
  (n) => `Mood of take ${n.number(1, 40)}: ${n.of('MOODS')}, rather ${n.of('MOODS')} towards the ${n.of('PARTS')}; the ${n.track()} carries it.`
]
