import { dirname, join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import type { Cache, PrimeMemory } from '@mixxclub/prime-memory'
import { cleanUp, failure, filesHolding, openAt, openNew, temporaryFolder } from './support/studio'

afterEach(cleanUp)

const exact = async (cache: Cache, prompts: string[]) => {
  const found = await Promise.all(prompts.map((prompt) => cache.get({ prompt }, { mode: 'exact' })))
  return prompts.filter((_, at) => found[at])
}

test('what is used most stays, though its hits were not written yet', async () => {
  const { cache } = await openNew()
  await cache.configure({ maxEntries: 5 })
  const prompts = Array.from({ length: 9 }, (_, i) => `What is thing ${i}`)
  for (const prompt of prompts.slice(0, 5)) await cache.set({ prompt }, { content: prompt, cost: 1 })
  for (let hit = 0; hit < 10; hit++) await cache.get({ prompt: prompts[0] })
  for (const prompt of prompts.slice(5)) await cache.set({ prompt }, { content: prompt, cost: 1 })
  expect(await exact(cache, prompts)).toContain(prompts[0])
})

test('an answer given again is worth what it costs now', async () => {
  const { cache } = await openNew()
  await cache.configure({ maxEntries: 2 })
  await cache.set({ prompt: 'aa' }, { content: 'A', cost: 0 })
  await cache.set({ prompt: 'bb' }, { content: 'B', cost: 1 })
  await cache.set({ prompt: 'aa' }, { content: 'A', cost: 100 })
  await cache.set({ prompt: 'cc' }, { content: 'C', cost: 1 })
  expect(await exact(cache, ['aa', 'bb', 'cc'])).toContain('aa')
})

test('a filter that asks nothing removes nothing', async () => {
  const { cache } = await openNew()
  await cache.set({ prompt: 'aa' }, 'A')
  expect(await failure(() => cache.invalidate({ where: {} }))).toMatchObject({ code: 'PM_BAD_OPTION' })
  expect(await exact(cache, ['aa'])).toEqual(['aa'])
})

test('an answer of white space is none', async () => {
  const { cache } = await openNew()
  expect(await failure(() => cache.set({ prompt: 'aa' }, ' \n'))).toMatchObject({ code: 'PM_EMPTY_TEXT' })
})

test('an id does not reach the answers of another user', async () => {
  const path = join(temporaryFolder(), 'studio.db')
  const bob = await openAt(path, { scope: { user: 'bob' } })
  const id = await bob.cache.set({ prompt: 'aa' }, 'A')
  const ana = await openAt(path, { scope: { user: 'ana' } })
  expect(await ana.cache.forget(id)).toBe(false)
  expect(await failure(() => ana.cache.feedback(id, false))).toMatchObject({ code: 'PM_NOT_FOUND' })
  expect(await bob.cache.get({ prompt: 'aa' })).toMatchObject({ id })
  expect(await bob.cache.forget(id)).toBe(true)
})

test('a forgotten fact leaves no byte in answers that were given knowing it', async () => {
  const path = join(temporaryFolder(), 'studio.db')
  const memory: PrimeMemory = await openAt(path)
  await memory.recall.learn({ plugins: ['wobblatron', 'mixx-eq8'] })
  await memory.cache.set({ prompt: 'How do I warm a bass?', recall: { favoritePlugins: ['wobblatron'] } }, 'Add saturation.')
  await memory.cache.set({ prompt: 'How do I tame a snare?', recall: { favoritePlugins: ['mixx-eq8'] } }, 'Cut 3 kHz.')
  expect(filesHolding(dirname(path), 'wobblatron')).not.toEqual([])
  await memory.recall.forget({ category: 'plugin', value: 'wobblatron' })
  await memory.close()
  expect(filesHolding(dirname(path), 'wobblatron')).toEqual([])
  const again = await openAt(path)
  expect(await exact(again.cache, ['How do I warm a bass?', 'How do I tame a snare?'])).toEqual(['How do I tame a snare?'])
  expect((await again.cache.stats()).entries).toBe(1)
})

test('a value that is not there is no whole category', async () => {
  const memory = await openNew()
  await memory.recall.learn({ plugins: ['a', 'b'] })
  expect(await failure(() => memory.recall.forget({ category: 'plugin', value: undefined }))).toMatchObject({ code: 'PM_BAD_OPTION' })
  expect(memory.recall.facts()).toHaveLength(2)
})

test('another context is another request where a request leans on it without pointing at it', async () => {
  const { cache } = await openNew()
  const loud = { bpm: 90, key: 'Am', lufs: -9, dynamicRange: 4 }
  const quiet = { bpm: 174, key: 'Eb', lufs: -20, dynamicRange: 14 }
  const prompts = ['What should I improve?', 'Any suggestions?', 'Harmonize the lead', 'Describe the track', 'Ideas for a breakdown', 'Does the low end work?', 'Give me a topline']
  for (const prompt of prompts) {
    await cache.set({ prompt, context: loud }, 'An answer.')
    expect([prompt, await cache.get({ prompt, context: quiet })]).toEqual([prompt, null])
    expect([prompt, await cache.get({ prompt, context: loud })]).toEqual([prompt, expect.anything()])
  }
  for (const prompt of ['What is comping?', 'How do I rename a project?']) {
    await cache.set({ prompt, context: loud }, 'An answer.')
    expect([prompt, await cache.get({ prompt, context: quiet })]).toEqual([prompt, expect.anything()])
  }
})

test('a judgement for a request of another scope than the answer\'s is refused', async () => {
  const { cache } = await openNew({ scope: { user: 'ana' } })
  const request = { prompt: 'How loud should I mix?' }
  const id = await cache.set(request, 'Aim for -14 LUFS.')
  const other = { ...request, scope: { user: 'bob' } }
  const refused = { code: 'PM_BAD_OPTION', message: expect.stringContaining('request.scope') }
  expect(await failure(() => cache.feedback(id, false, other))).toMatchObject(refused)
  expect(await failure(() => cache.feedbackSync(id, false, other))).toMatchObject(refused)
  expect(await cache.get(request)).toMatchObject({ id })
  await cache.feedback(id, false, { ...request, scope: { user: 'ana' } })
  expect(await cache.get(request)).toBeNull()
})
