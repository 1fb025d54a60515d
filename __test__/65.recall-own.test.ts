import { afterEach, expect, test } from '@jest/globals'
import { cleanUp, failure, openNew } from './support/studio'

afterEach(cleanUp)

test('a fact and a state of one name are counted apart', async () => {
  const { recall } = await openNew()
  await recall.learn({ facts: { mic: 'U87' }, states: { mic: 'on stand' }, at: Date.now() })
  expect(recall.explain('mic:U87').sentence).toContain('It counts as 1 of 1 for mic')
  expect(recall.explain('state:mic').sentence).toContain('mic is on stand since')
})

test('a fact, a state and a list of one name are all found by what they say', async () => {
  const memory = await openNew()
  await memory.recall.learn({ facts: { room: ['Attic'], plugins: ['Hidden U87'], settings: ['dimmed'] }, states: { room: 'Zanzibar' }, plugins: ['mixx-eq8'], settings: { comp: { ratio: 4 } } })
  const [told] = await memory.search('room', { kind: 'mixx_recall' })
  for (const said of ['Attic', 'Zanzibar', 'Hidden U87', 'dimmed', 'mixx eq8']) expect(told!.text).toContain(said)
})

test('names that are one on one line keep what each of them holds', async () => {
  const { recall } = await openNew()
  await recall.learn({ facts: { 'mi c': ['U87'], 'mi  c': ['C414'] }, settings: { 'co mp': { 'rat\nio': 4 }, 'co  mp': { mix: 0.5 } } })
  expect(recall.facts().map(({ key }) => key).sort()).toEqual(['mi c:C414', 'mi c:U87', 'setting:co mp/mix=0.5', 'setting:co mp/rat io=4'])
})

test.each<[object, string]>([
  [{ facts: { plugin: 'x' } }, 'observation.facts.plugin: '],
  [{ facts: { mic: [{ a: 1 }] } }, 'observation.facts.mic: '],
  [{ states: { room: ['A'] } }, 'observation.states.room: '],
  [{ states: { lufs: -9 } }, 'observation.states.lufs: '],
  [{ settings: { comp: { ratio: NaN } } }, 'observation.settings.comp.ratio: '],
  [{ facts: { takes: [1, Infinity] } }, 'observation.facts.takes[1]: '],
])('what cannot be learned of %j is named with its whole place', async (observation, place) => {
  const { recall } = await openNew()
  expect(await failure(() => recall.learn(observation))).toMatchObject({ code: 'PM_BAD_OPTION', message: expect.stringContaining(place) })
})

test('a history of fewer than none is told what it may be', async () => {
  const { recall } = await openNew()
  expect(await failure(() => recall.history({ limit: -1 }))).toMatchObject({ code: 'PM_BAD_OPTION', message: 'options.limit: -1; give a whole number from 0' })
})
