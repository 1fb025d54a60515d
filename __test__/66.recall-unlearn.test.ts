import { afterEach, expect, test } from '@jest/globals'
import { cleanUp, failAlike, openNew } from './support/studio'

afterEach(cleanUp)

test('what is taken back was never there: counts, states and memories are as before', async () => {
  const memory = await openNew()
  const { recall } = memory
  await recall.learn({ genre: 'Trap', bpm: 140, lufs: -14, favourites: { serum: true }, at: 1_000 })
  const said = () => ({ facts: recall.facts().map(({ weight: _, ...fact }) => fact), history: recall.history(), memories: memory.stats().memories })
  const before = said()
  const learned = await recall.learnMany([{ genre: 'Trap', bpm: 93, at: 500 }, { lufs: -9, favourites: { serum: false, vital: true }, at: 2_000 }, { plugins: ['mixx-eq8'], at: 3_000 }])
  expect(recall.context()).toMatchObject({ preferredMixLevel: -9, favoritePlugins: ['vital'] })
  const ids = learned.map(({ memory }) => memory)
  expect(await recall.unlearn(ids.slice(0, 2), { scope: { user: 'ana' } })).toBe(0)
  expect(await recall.unlearn(ids.slice(0, 2))).toBe(2)
  expect(recall.unlearnSync(ids)).toBe(1)
  expect(said()).toEqual(before)
  expect(recall.explain('lufs').formerly).toEqual([])
  expect((await memory.verify()).problems).toEqual([])
})

test('a spelling goes with the observation that used it', async () => {
  const memory = await openNew()
  const { recall } = memory
  await recall.learn({ genre: 'Trap', key: 'A#m', at: 1_000 })
  const { memory: later } = await recall.learn({ genre: 'TRAP', key: 'Bb minor', at: 2_000 })
  await recall.learn({ project: 'Night', genre: 'tRaP', key: 'B♭ minor', at: 3_000 })
  const said = () => recall.facts().map(({ value }) => value)
  expect(said()).toContain('tRaP')
  await recall.forget({ category: 'project', value: 'Night' })
  expect(said().sort()).toEqual(['Bb minor', 'TRAP'])
  await recall.unlearn([later])
  expect(said().sort()).toEqual(['A#m', 'Trap'])
  expect((await memory.verify()).problems).toEqual([])
})

test('a memory that was made of no observation is left alone', async () => {
  const memory = await openNew()
  const note = await memory.remember({ kind: 'note', text: 'the choir comes on Monday' })
  expect(await memory.recall.unlearn([note, 'no id'])).toBe(0)
  expect(await memory.get(note)).not.toBeNull()
  await failAlike([() => memory.recall.unlearn(5 as never), () => memory.recall.unlearnSync(5 as never)], 'PM_BAD_OPTION', 'memories')
})
