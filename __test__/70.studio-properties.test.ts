import { afterEach, expect, test } from '@jest/globals'
import { clearCache, getCachedResponse, getCacheStats, setCachedResponse } from '@mixxclub/prime-memory/prime-brain-cache'
import { close, configure } from '@mixxclub/prime-memory/studio'
import { freshStudio, WebStorage, BROKEN } from './support/drop-ins'
import { cleanUp, seeded } from './support/studio'

afterEach(async () => {
  close()
  await cleanUp()
})

const random = seeded(0x5710)
const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
const other = <T>(from: readonly T[], not: T): T => pick(from.filter((one) => one !== not))

const PLUGINS = ['MixxTune', 'Serum', 'Vital', 'Pro-Q', 'Valhalla', 'Kontakt', 'Diva', 'Massive']
const TRACKS = ['lead vocal', 'kick', 'snare', 'bass', 'pad', 'choir', 'violin', 'hi-hat']
const KEYS = ['C minor', 'C major', 'F# minor', 'Bb major', 'E minor', 'A major', 'D minor']
const CHORDS = ['Cm7', 'CM7', 'C7', 'Fm9', 'FM9', 'Gsus4', 'Bdim']

/** A sentence with holes for facts, and the facts that stand in them. */
const SHAPES: { say: (f: Facts) => string; holes: (keyof Facts)[] }[] = [
  { say: (f) => `set the tempo to ${f.number} bpm`, holes: ['number'] },
  { say: (f) => `cut ${f.number} dB at 200 Hz on the ${f.track}`, holes: ['number', 'track'] },
  { say: (f) => `${f.verb} use compression on the ${f.track}`, holes: ['verb', 'track'] },
  { say: (f) => `transpose the ${f.track} to ${f.key}`, holes: ['track', 'key'] },
  { say: (f) => `load ${f.plugin} on the ${f.track} and set the mix to ${f.number} percent`, holes: ['plugin', 'track', 'number'] },
  { say: (f) => `which scale fits over ${f.chord} in ${f.key}?`, holes: ['chord', 'key'] },
]

interface Facts { number: number; track: string; key: string; plugin: string; chord: string; verb: string }

const facts = (): Facts => ({
  number: 1 + Math.floor(random() * 199),
  track: pick(TRACKS),
  key: pick(KEYS),
  plugin: pick(PLUGINS),
  chord: pick(CHORDS),
  verb: pick(['do', "don't"]),
})

function changed(from: Facts, hole: keyof Facts): Facts {
  const number = from.number + (random() < 0.5 ? 1 : -1) * (1 + Math.floor(random() * 9))
  switch (hole) {
    case 'number': return { ...from, number: number > 0 ? number : from.number + 1 }
    case 'track': return { ...from, track: other(TRACKS, from.track) }
    case 'key': return { ...from, key: other(KEYS, from.key) }
    case 'plugin': return { ...from, plugin: other(PLUGINS, from.plugin) }
    case 'chord': return { ...from, chord: other(CHORDS, from.chord) }
    case 'verb': return { ...from, verb: from.verb === 'do' ? "don't" : 'do' }
  }
}

test('no request whose number, key, negation, chord or name was changed is served', () => {
  freshStudio({ localStorage: null })
  const wrong: string[] = []
  for (let i = 0; i < 150; i++) {
    const shape = pick(SHAPES)
    const asked = facts()
    clearCache()
    setCachedResponse(shape.say(asked), 'the answer')
    expect(getCachedResponse(shape.say(asked))).toBe('the answer')
    for (const hole of shape.holes) {
      const near = shape.say(changed(asked, hole))
      if (getCachedResponse(near) !== null) wrong.push(`${near}  <-  ${shape.say(asked)}`)
    }
  }
  expect(wrong).toEqual([])
})

test('no request is served across scopes, models, system prompts or token limits', () => {
  freshStudio({ localStorage: null })
  const scopes = [{ user: 'ana' }, { user: 'ben' }, { user: 'ana', project: 'night' }, { project: 'night' }, {}]
  const options = [{}, { model: 'gemini-2.5-pro' }, { systemPrompt: 'engineer' }, { maxTokens: 100 }, { temperature: 0 }, { thinkingConfig: { thinkingBudget: 1 } }]
  let scope = pick(scopes)
  const place = () => ({ scope, option: pick(options) })
  const kept = new Map<string, string>()
  const name = ({ scope, option }: ReturnType<typeof place>, prompt: string) => JSON.stringify([scope, option, prompt])
  for (let i = 0; i < 400; i++) {
    if (i % 25 === 0) configure({ scope: (scope = pick(scopes)) })
    const [where, prompt] = [place(), pick(['how loud?', 'which key?', 'what next?'])]
    if (random() < 0.4) {
      setCachedResponse(prompt, `answer ${i}`, undefined, where.option)
      kept.set(name(where, prompt), `answer ${i}`)
    } else expect(getCachedResponse(prompt, undefined, where.option)).toBe(kept.get(name(where, prompt)) ?? null)
  }
})

test('the memory and localStorage agree with a map on equal requests', () => {
  for (const place of [{ localStorage: null }, { ...BROKEN, localStorage: new WebStorage() }]) {
    freshStudio({ ...place, mode: 'exact' })
    const kept = new Map<string, string>()
    let [hits, misses] = [0, 0]
    for (let i = 0; i < 300; i++) {
      const [prompt, bpm] = [pick(['how loud?', 'How loud?', 'which key?', 'Cm7', 'CM7']), pick([undefined, 120, 128])]
      const context = bpm === undefined ? undefined : pick([{ bpm, key: 'C' }, { key: 'C', bpm }])
      const name = JSON.stringify([prompt, bpm])
      if (random() < 0.4) {
        setCachedResponse(prompt, `answer ${i}`, context)
        kept.set(name, `answer ${i}`)
      } else {
        const answer = getCachedResponse(prompt, context)
        expect(answer).toBe(kept.get(name) ?? null)
        if (answer === null) misses += 1
        else hits += 1
      }
    }
    expect(getCacheStats()).toMatchObject({ hits, misses, totalCached: kept.size })
  }
})
