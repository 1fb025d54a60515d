import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { PrimeMemory } from '@mixxclub/prime-memory'
import { cleanUp, failAlike, failure, openAt, secondModel, temporaryFolder } from './support/studio'

afterEach(cleanUp)

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const items = Array.from({ length: 150 }, (_, i) => ({ kind: 'note', text: `take ${i} of the ${i % 2 ? 'drums' : 'strings'}` }))
const ALL = { limit: 1000, mode: 'semantic' } as const
const HALF = /"all-MiniLM-L6-v2-int8[^"]*".*until reindex\(\) is through.*"second-model[^"]*"/

/** A store of 150 notes that is still open, its path, and the second model. */
async function filled() {
  const path = join(temporaryFolder(), 'studio.db')
  const old = await openAt(path)
  const ids = await old.rememberMany(items)
  return { path, old, ids, other: { model: secondModel(), modelMismatch: 'open' as const } }
}

async function stopped(memory: PrimeMemory): Promise<void> {
  const controller = new AbortController()
  const error = await failure(() => memory.reindex({ signal: controller.signal, onProgress: () => controller.abort() }))
  expect(error).toMatchObject({ name: 'AbortError', code: 'PM_ABORTED' })
}

/** Everything that compares or makes vectors is refused. */
async function refuses(memory: PrimeMemory, id: string, says: RegExp | string): Promise<void> {
  for (const query of ['drums', { id }]) await failAlike([() => memory.search(query, ALL), () => memory.searchSync(query, ALL)], 'PM_MODEL_MISMATCH', says)
  await failAlike([() => memory.recall.similar('drums'), () => memory.recall.similarSync('drums')], 'PM_MODEL_MISMATCH', says)
  await failAlike([() => memory.remember(items[0]!), () => memory.rememberSync(items[0]!)], 'PM_MODEL_MISMATCH', says)
  expect(memory.stats().model.matchesStore).toBe(false)
  expect((await memory.search('drums', { limit: 1000, mode: 'keyword' })).length).toBe(75)
}

test('a store whose reindex() was interrupted is searched with neither model, and nothing in it is lost', async () => {
  const { path, old, ids, other } = await filled()
  const memory = await openAt(path, other)
  await stopped(memory)
  for (const each of [old, memory]) await refuses(each, ids[149]!, HALF)
  await Promise.all([old.close(), memory.close()])
  for (const options of [{ path }, { path, model: other.model }]) {
    await failAlike([() => PrimeMemory.open(options), () => PrimeMemory.openSync(options)], 'PM_MODEL_MISMATCH', HALF)
  }
  const again = await openAt(path, other)
  expect(await again.reindex()).toBeGreaterThan(0)
  expect((await again.search('drums', ALL)).length).toBe(150)
  expect((await again.verify()).problems).toEqual([])
  await again.close()
  expect((await (await openAt(path, { model: other.model })).search('drums', ALL)).length).toBe(150)
})

test('an interrupted reindex() can be taken back, with the model the store had', async () => {
  const { path, old, other } = await filled()
  const memory = await openAt(path, other)
  await stopped(memory)
  const back = await openAt(path, { modelMismatch: 'open' })
  expect(back.stats().model.matchesStore).toBe(false)
  expect(await back.reindex()).toBeGreaterThan(0)
  for (const each of [back, old]) expect((await each.search('drums', ALL)).length).toBe(150)
})

test('a memory that is open with the old model is told of a reindex() elsewhere, instead of finding nothing', async () => {
  const { path, old, ids, other } = await filled()
  await old.cache.set({ prompt: 'What now?' }, 'Cut one of them.')
  await (await openAt(path, other)).reindex()
  await refuses(old, ids[0]!, /"second-model[^"]*".*"all-MiniLM-L6-v2-int8[^"]*"/)
  // An equal request is equal under any model.
  expect(await old.cache.get({ prompt: 'What now?' })).toMatchObject({ match: 'exact' })
})

test('a memory that was open with the new model before somebody else’s reindex() works after it', async () => {
  const { path, other } = await filled()
  const [one, two] = [await openAt(path, other), await openAt(path, other)]
  await one.reindex()
  expect(two.stats().model.matchesStore).toBe(true)
  const id = await two.remember({ kind: 'note', text: 'a marimba far away' })
  for (const each of [one, two]) expect((await each.search('marimba', ALL))[0]?.id).toBe(id)
  expect((await two.search('drums', ALL)).length).toBe(151)
})

describe('a signal', () => {
  const long = (i: number) => `take ${i}: ${'a long note about the drums and the bass in the second verse, '.repeat(80)}`
  const endsSoon = async (call: (signal: AbortSignal) => Promise<unknown>): Promise<Error> => {
    const controller = new AbortController()
    const running = call(controller.signal)
    running.catch(() => {})
    await wait(100)
    const begun = Date.now()
    controller.abort()
    const error = await failure(() => running)
    expect(error).toMatchObject({ name: 'AbortError', code: 'PM_ABORTED' })
    expect(Date.now() - begun).toBeLessThan(3000)
    return error
  }

  test('ends reindex() within a batch of long texts, and does not say that nothing was stored', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    await (await openAt(path)).rememberMany(Array.from({ length: 40 }, (_, i) => ({ kind: 'note', text: long(i) })))
    const memory = await openAt(path, { model: secondModel(), modelMismatch: 'open' })
    const error = await endsSoon((signal) => memory.reindex({ signal }))
    expect(error.message).toContain('reindex()')
  })

  test('ends a search for a very long text, and recall.similar', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    const memory = await openAt(path)
    const text = Array.from({ length: 60 }, (_, i) => long(i)).join('\n')
    await endsSoon((signal) => memory.search(text, { signal }))
    await endsSoon((signal) => memory.recall.similar(text, { signal }))
  })
})
