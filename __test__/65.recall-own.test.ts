import { afterEach, expect, test } from '@jest/globals'
import { cleanUp, failure, openNew } from './support/studio'

afterEach(cleanUp)

test('a fact and a state of one name are counted apart', async () => {
  const { recall } = await openNew()
  await recall.learn({ facts: { mic: 'U87' }, states: { mic: 'on stand' }, at: Date.now() })
  expect(recall.explain('mic:U87').sentence).toContain('It counts as 1 of 1 for mic')
  expect(recall.explain('state:mic').sentence).toContain('mic is on stand since')
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
