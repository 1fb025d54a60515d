import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import type { PrimeMemory } from '@mixxclub/prime-memory'
import { getMixxRecallContext, saveProjectContext } from '@mixxclub/prime-memory/mixx-recall-context'
import { getCachedResponse, getCacheStats, setCachedResponse } from '@mixxclub/prime-memory/prime-brain-cache'
import { getPrimeBrainLLM } from '@mixxclub/prime-memory/prime-brain-llm'
import { close, configure, importLocalStorage } from '@mixxclub/prime-memory/studio'
import { freshStudio, warnings, WebStorage } from './support/drop-ins'
import { cleanUp, openAt, openNew, until } from './support/studio'

const FAVORITES = 'mixxclub:plugin-favorites'
const PRESETS = 'mixxclub:plugin-presets'
const HISTORY = 'mixxclub:project-history'

const llm = getPrimeBrainLLM()
const names = (context: { commonPresets?: { name: string }[] }) => context.commonPresets?.map(({ name }) => name).sort()
const stored = (storage: WebStorage, key: string) => JSON.parse(storage.getItem(key) ?? 'null') as { learned?: boolean }[] | null

let recall: PrimeMemory['recall']
let cache: PrimeMemory['cache']

beforeEach(async () => {
  const memory = await openNew()
  recall = Object.getPrototypeOf(memory.recall)
  cache = Object.getPrototypeOf(memory.cache)
})

afterEach(async () => {
  jest.restoreAllMocks()
  close()
  await cleanUp()
})

/**
 * As if another process held the store: blocking writes fail, others wait. Gives the blocking ones that were tried, each of
 * which would have stopped the thread for five seconds, and what lets go.
 */
function held(): { tried: string[]; letGo: () => void } {
  const tried: string[] = []
  const fail = (name: string) => () => {
    tried.push(name)
    throw Object.assign(new Error('the store is locked by another process'), { code: 'PM_BUSY' })
  }
  let free = () => {}
  const isFree = new Promise<void>((resolve) => (free = resolve))
  const spies = [
    jest.spyOn(recall, 'learnSync').mockImplementation(fail('learnSync')),
    jest.spyOn(recall, 'learnManySync').mockImplementation(fail('learnManySync')),
    jest.spyOn(cache, 'setSync').mockImplementation(fail('setSync')),
    jest.spyOn(cache, 'configure').mockImplementation(fail('configure')),
  ]
  const { set, invalidate } = cache
  jest.spyOn(cache, 'set').mockImplementation(async function (this: typeof cache, ...given) {
    await isFree
    return set.apply(this, given)
  })
  jest.spyOn(cache, 'invalidate').mockImplementation(async function (this: typeof cache, ...given) {
    await isFree
    return invalidate.apply(this, given)
  })
  const letGo = () => {
    for (const spy of spies) spy.mockRestore()
    free()
  }
  return { tried, letGo }
}

function later(ms: number): void {
  const now = Date.now
  jest.spyOn(Date, 'now').mockImplementation(() => now() + ms)
}

/** How long a call took, milliseconds. */
async function timeOf(call: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await call()
  return performance.now() - begun
}

test('whose the memory is does not change with the object that told it', async () => {
  const scope = { user: 'ana' }
  let sent = ''
  freshStudio({ localStorage: null, scope, provider: ({ prompt }) => (sent = prompt) })
  saveProjectContext({ genre: 'Trap' })
  setCachedResponse('how loud?', 'for ana')
  scope.user = 'ben'
  setCachedResponse('how wide?', 'for ana')
  configure({ scope })
  expect([getMixxRecallContext(), getCachedResponse('how loud?'), getCachedResponse('how wide?')]).toEqual([{}, null, null])
  await llm.generateText('which reverb?')
  expect(sent).toBe('which reverb?')
  configure({ scope: { user: 'ana' } })
  expect([getCachedResponse('how loud?'), getCachedResponse('how wide?')]).toEqual(['for ana', 'for ana'])
})

test('what else a setting holds is copied too', async () => {
  const prices = { 'model-x': { input: 1, output: 1_000_000 } }
  const path = freshStudio({ localStorage: null, prices })
  prices['model-x'].output = 5
  setCachedResponse('how loud?', 'x', undefined, { model: 'model-x' }, { tokens: 1 })
  getCachedResponse('how loud?', undefined, { model: 'model-x' })
  expect(getCacheStats().totalSaved).toBeGreaterThan(0.9)
  expect((await openAt(path)).cache.stats().saved).toBeGreaterThan(0.9)
})

test('what the Studio wrote while another process held the store is learned half a minute later', () => {
  const storage = new WebStorage({ [FAVORITES]: { serum: true } })
  freshStudio({ localStorage: storage })
  expect(getMixxRecallContext().favoritePlugins).toEqual(['serum'])
  const { letGo } = held()
  storage.setItem(FAVORITES, JSON.stringify({ serum: false, vital: true, eq: true }))
  storage.setItem(PRESETS, JSON.stringify({ eq: [{ label: 'Air', params: {}, savedAt: 1_700_000_000_000 }] }))
  expect(getMixxRecallContext().favoritePlugins).toEqual(['serum'])
  letGo()
  later(31_000)
  expect(getMixxRecallContext()).toEqual({ favoritePlugins: ['eq', 'vital'], commonPresets: [{ name: 'Air', plugin: 'eq' }] })
  expect(warnings).toEqual([expect.stringContaining('locked by another process')])
})

test('a store that another process holds is waited for once, not for each favourite and preset', () => {
  const presets = Array.from({ length: 20 }, (_, i) => ({ label: `Preset ${i}`, params: {} }))
  const storage = new WebStorage({ [FAVORITES]: { serum: true, vital: true, eq: true }, [PRESETS]: { eq: presets } })
  freshStudio({ localStorage: storage })
  const { tried } = held()
  for (let i = 0; i < 3; i++) expect(getMixxRecallContext()).toEqual({})
  expect(tried).toEqual(['learnSync'])
})

test('a kept answer is given though the store takes no settings', async () => {
  let asked = 0
  const path = freshStudio({ localStorage: null, provider: () => `answer ${++asked}` })
  await llm.generateText('which reverb?')
  const { tried, letGo } = held()
  configure({ mode: 'exact', prices: { m: { input: 1, output: 1 } } })
  const took = await timeOf(() => llm.generateText('which reverb?'))
  expect([asked, tried, took < 3_000]).toEqual([1, [], true])
  configure({ mode: 'exact' })
  for (let i = 0; i < 3; i++) expect(getCachedResponse('which reverb?')).toBe('answer 1')
  expect(tried).toEqual(['configure'])
  letGo()
  later(31_000)
  expect(getCachedResponse('which reverb?')).toBe('answer 1')
  expect((await openAt(path)).cache.stats().mode).toBe('exact')
})

test('a share of wrong answers that the store has not been told serves equal requests only', () => {
  freshStudio({ localStorage: null })
  setCachedResponse('set the tempo to 120 bpm', 'done')
  expect(getCachedResponse('set the tempo to 120 BPM')).toBe('done')
  const { letGo } = held()
  configure({ maxErrorRate: 0.02 })
  expect([getCachedResponse('set the tempo to 120 BPM'), getCachedResponse('set the tempo to 120 bpm')]).toEqual([null, 'done'])
  letGo()
  later(31_000)
  expect(getCachedResponse('set the tempo to 120 BPM')).toBe('done')
})

test('an answer waits for a store that has yet to take the settings, and is kept with it', async () => {
  const path = freshStudio({ localStorage: null, provider: () => 'a plate' })
  await llm.generateText('warm')
  const { tried, letGo } = held()
  configure({ maxErrorRate: 0.05 })
  const took = await timeOf(() => llm.generateText('which reverb?'))
  expect([tried, took < 4_000]).toEqual([[], true])
  letGo()
  const memory = await openAt(path)
  await until(() => memory.cache.stats().entries === 2)
  expect(memory.cache.stats().maxErrorRate).toBe(0.05)
  expect(warnings).toEqual([])
})

test('hybrid: an answer of localStorage does not wait for the store, which keeps it when it can', async () => {
  const storage = new WebStorage()
  freshStudio({ localStorage: storage, phase: 'shadow', provider: () => 'a plate' })
  await llm.generateText('which reverb?')
  const path = freshStudio({ localStorage: storage, phase: 'hybrid', provider: () => 'asked again' })
  await llm.generateText('warm')
  const { tried, letGo } = held()
  let answer = ''
  const took = await timeOf(async () => (answer = await llm.generateText('which reverb?')))
  expect([answer, tried, took < 3_000]).toEqual(['a plate', [], true])
  letGo()
  const memory = await openAt(path)
  await until(() => memory.cache.stats().entries === 2)
  configure({ phase: 'full' })
  expect(await llm.generateText('which reverb?')).toBe('a plate')
})

test.each(['shadow', 'hybrid'] as const)('%s: a project that the memory cannot write is in localStorage, as one that it did not learn', (phase) => {
  const storage = new WebStorage()
  freshStudio({ localStorage: storage, phase })
  saveProjectContext({ genre: 'House' })
  const { letGo } = held()
  saveProjectContext({ genre: 'Trap' })
  letGo()
  saveProjectContext({ genre: 'Drill' })
  expect(stored(storage, HISTORY)).toMatchObject([{ genre: 'House', learned: true }, { genre: 'Trap' }, { genre: 'Drill', learned: true }])
  expect(stored(storage, HISTORY)![1]).not.toHaveProperty('learned')
  expect(warnings).toEqual([expect.stringContaining('saving the project failed')])
})

const odd = { past: -5, future: Date.now() + 9e8, far: 8.64e15 + 1, none: 'soon' }
const dated = Object.entries({ ...odd, part: Date.now() - 5_000.3 })
const oddPresets = { eq: dated.map(([label, savedAt]) => ({ label, params: {}, savedAt })) }

test.each([
  ['read', () => void freshStudio({ localStorage: new WebStorage({ [PRESETS]: oddPresets }) })],
  ['imported', async () => {
    freshStudio({ localStorage: null })
    const { families } = await importLocalStorage({ [PRESETS]: oddPresets })
    expect(families.pluginPresets).toMatchObject({ found: 5, imported: 5, refused: 0 })
  }],
])('an odd date takes no preset with it: each is said, a part of a millisecond is dropped (%s)', async (_, take) => {
  await take()
  expect(names(getMixxRecallContext())).toEqual(['far', 'future', 'none', 'part', 'past'])
  expect(warnings).toHaveLength(4)
  for (const label of Object.keys(odd)) expect(warnings).toContainEqual(expect.stringContaining(`${label}: ${odd[label as keyof typeof odd]}`))
})

test('each preset that cannot be learned is warned of, once', () => {
  const presets = ['a', 'b'].map((letter) => ({ label: letter.repeat(2_000), params: {} }))
  const storage = new WebStorage({ [PRESETS]: { eq: [...presets, { label: 'Air', params: {} }] } })
  freshStudio({ localStorage: storage })
  for (let i = 0; i < 2; i++) expect(names(getMixxRecallContext())).toEqual(['Air'])
  expect(warnings).toEqual([expect.stringContaining('aaaa'), expect.stringContaining('bbbb')])
})
