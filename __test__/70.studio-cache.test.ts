import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { clearCache, estimateCostSavings, getCachedResponse, getCacheStats, setCachedResponse } from '@mixxclub/prime-memory/prime-brain-cache'
import { injectMixxRecall, saveProjectContext } from '@mixxclub/prime-memory/mixx-recall-context'
import { close, configure } from '@mixxclub/prime-memory/studio'
import { BROKEN, freshStudio, warnings, WebStorage } from './support/drop-ins'
import { cleanUp } from './support/studio'

const DAY = 86_400_000

afterEach(async () => {
  close()
  await cleanUp()
})

// The memory, and what serves where it cannot be opened: the contract is the same, but for meaning.
describe.each([
  ['the memory', () => void freshStudio({ localStorage: null })],
  ['localStorage where there is no memory', () => void freshStudio({ ...BROKEN, localStorage: new WebStorage() })],
])('%s', (_, begin) => {
  beforeEach(begin)

  test('gives back what was kept, counts it, and forgets it', () => {
    expect(getCachedResponse('tame the low end')).toBeNull()
    expect(setCachedResponse('tame the low end', 'cut 200 Hz', undefined, undefined, { tokens: 20, cost: 0.25 })).toBeUndefined()
    expect(getCachedResponse('tame the low end')).toBe('cut 200 Hz')
    expect(getCachedResponse('  tame the\n low   end ')).toBe('cut 200 Hz')
    expect(getCacheStats()).toEqual({ hits: 2, misses: 1, totalCached: 1, totalSaved: 0.5 })
    expect(clearCache()).toBeUndefined()
    expect(getCachedResponse('tame the low end')).toBeNull()
    expect(getCacheStats()).toEqual({ hits: 0, misses: 1, totalCached: 0, totalSaved: 0 })
  })

  test('age is judged by the reader', async () => {
    setCachedResponse('how loud?', '-14 LUFS')
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(getCachedResponse('how loud?', undefined, undefined, 10)).toBeNull()
    for (const nothing of [0, -1]) expect(getCachedResponse('how loud?', undefined, undefined, nothing)).toBeNull()
  })

  test('a default given explicitly is the same request', () => {
    setCachedResponse('how loud?', '-14 LUFS', undefined, { systemPrompt: undefined })
    expect(getCachedResponse('how loud?', undefined, { model: 'gemini-2.5-flash', temperature: 0.7, useCache: true, useMixxRecall: true })).toBe('-14 LUFS')
  })

  test('known fault: two prompts with one 31-bit hash serve each other', () => {
    setCachedResponse('rename the bus to a~', 'first')
    expect(getCachedResponse('rename the bus to b_')).toBeNull()
    setCachedResponse('rename the bus to b_', 'second')
    expect(getCachedResponse('rename the bus to a~')).not.toBe('second')
  })

  test('known fault: totalCached is never updated', () => {
    for (const track of ['kick', 'snare', 'vocal']) setCachedResponse(`rename ${track}`, track)
    expect(getCacheStats().totalCached).toBe(3)
  })

  test('known fault: temperature 0 shares a key with 0.7', () => {
    setCachedResponse('how loud?', 'warm', undefined, { temperature: 0.7 })
    expect(getCachedResponse('how loud?', undefined, { temperature: 0 })).toBeNull()
    setCachedResponse('how loud?', 'cold', undefined, { temperature: 0 })
    expect(getCachedResponse('how loud?', undefined, { temperature: 0 })).toBe('cold')
    expect(getCachedResponse('how loud?', undefined, { temperature: 0.7 })).toBe('warm')
  })

  test('known fault: systemPrompt and maxTokens are no part of the key', () => {
    setCachedResponse('judge this mix', 'as an engineer', undefined, { systemPrompt: 'engineer', maxTokens: 300 })
    for (const options of [{ systemPrompt: 'theorist', maxTokens: 300 }, { systemPrompt: 'engineer', maxTokens: 100 }, {}]) {
      expect(getCachedResponse('judge this mix', undefined, options)).toBeNull()
    }
  })

  test('known fault: the order of context keys makes another request', () => {
    setCachedResponse('what next?', 'go to F', { bpm: 120, key: 'C minor' })
    expect(getCachedResponse('what next?', { key: 'C minor', bpm: 120.0 })).toBe('go to F')
  })

  test('known fault: case is folded, so CM7 is Cm7', () => {
    setCachedResponse('what follows CM7?', 'Dm7')
    expect(getCachedResponse('what follows Cm7?')).toBeNull()
  })

  test('known fault: two unrelated numbers say what was saved', () => {
    setCachedResponse('how loud?', '-14 LUFS', undefined, undefined, { cost: 0.125 })
    getCachedResponse('how loud?')
    expect(estimateCostSavings()).toBe(0.125)
    expect(estimateCostSavings()).toBe(getCacheStats().totalSaved)
  })

  test('known fault: an empty answer is kept', () => {
    setCachedResponse('say nothing', '')
    expect(getCachedResponse('say nothing')).toBeNull()
    expect(getCacheStats().totalCached).toBe(0)
  })

  test('nothing throws, whatever is given', () => {
    const circular: Record<string, unknown> = {}
    circular.self = circular
    for (const [prompt, context] of [['circular', circular], ['big', { n: 1n }], ['lone \ud800', {}], [undefined, {}], [7, {}], ['', {}], ['nan', { bpm: NaN }]]) {
      expect(() => setCachedResponse(prompt as string, 'x', context as Record<string, unknown>)).not.toThrow()
      expect(() => getCachedResponse(prompt as string, context as Record<string, unknown>)).not.toThrow()
    }
  })
})

test('a request that means the same and agrees in every fact is served; one number apart is not', () => {
  freshStudio({ localStorage: null })
  setCachedResponse('set the tempo to 120 bpm', 'done: 120')
  expect(getCachedResponse('set the tempo to 120 BPM')).toBe('done: 120')
  expect(getCachedResponse('set the tempo to 128 bpm')).toBeNull()
  configure({ mode: 'exact' })
  expect(getCachedResponse('set the tempo to 120 BPM')).toBeNull()
})

test('known fault: a new favourite makes another request of every request', () => {
  const storage = new WebStorage({ 'mixxclub:plugin-favorites': { 'mixx-eq8': true } })
  freshStudio({ localStorage: storage })
  const before = injectMixxRecall('how do I widen the chorus?')
  expect(before).toContain('mixx-eq8')
  setCachedResponse(before, 'with a short delay')
  storage.setItem('mixxclub:plugin-favorites', JSON.stringify({ 'mixx-eq8': true, 'mixx-tune': true }))
  const after = injectMixxRecall('how do I widen the chorus?')
  expect(after).toContain('mixx-tune')
  expect(getCachedResponse(after)).toBe('with a short delay')
})

test('a changed fact that the answer mentions makes it stale', () => {
  freshStudio({ localStorage: null })
  saveProjectContext({ lufs: -9 })
  setCachedResponse(injectMixxRecall('how loud should my master be?'), 'as you like it: -9.0 LUFS')
  expect(getCachedResponse(injectMixxRecall('how loud should my master be?'))).toBe('as you like it: -9.0 LUFS')
  saveProjectContext({ lufs: -14 })
  expect(getCachedResponse(injectMixxRecall('how loud should my master be?'))).toBeNull()
})

test('known fault: a full storage loses the write that found it full', () => {
  const storage = new WebStorage()
  freshStudio({ ...BROKEN, localStorage: storage })
  for (let i = 0; i < 20; i++) setCachedResponse(`question ${i}`, 'x'.repeat(200))
  storage.quota = [...storage.items].reduce((sum, [key, text]) => sum + key.length + text.length, 0)
  setCachedResponse('the newest', 'y'.repeat(200))
  expect(getCachedResponse('the newest')).toBe('y'.repeat(200))
  expect(getCachedResponse('question 0')).toBeNull()
  expect(getCachedResponse('question 19')).toBe('x'.repeat(200))
})

test('known fault: the counters are counted and pruned as an entry', () => {
  const storage = new WebStorage()
  freshStudio({ ...BROKEN, localStorage: storage })
  getCachedResponse('miss')
  for (let i = 0; i < 1_001; i++) setCachedResponse(`question ${i}`, `${i}`)
  expect(getCacheStats()).toMatchObject({ misses: 1, totalCached: 751 })
  expect(storage.getItem('primebrain:cache:stats')).not.toBeNull()
})

test('known fault: without a window nothing is kept and nothing counted', () => {
  freshStudio()
  expect(globalThis).not.toHaveProperty('window')
  setCachedResponse('how loud?', '-14 LUFS')
  expect(getCachedResponse('how loud?')).toBe('-14 LUFS')
})

test('answers, counters and savings survive a restart', () => {
  freshStudio({ localStorage: null })
  setCachedResponse('how loud?', '-14 LUFS', undefined, undefined, { cost: 0.5 })
  getCachedResponse('how loud?')
  close()
  expect(getCachedResponse('how loud?')).toBe('-14 LUFS')
  expect(getCacheStats()).toEqual({ hits: 2, misses: 0, totalCached: 1, totalSaved: 1 })
})

test('no request is served across scopes', () => {
  freshStudio({ localStorage: null, scope: { user: 'ana' } })
  setCachedResponse('what is my usual tempo?', '128')
  for (const scope of [{ user: 'ben' }, { user: 'ana', project: 'night' }, {}]) {
    configure({ scope })
    expect(getCachedResponse('what is my usual tempo?')).toBeNull()
    expect(getCacheStats().totalCached).toBe(0)
  }
  configure({ scope: { user: 'ana' } })
  expect(getCachedResponse('what is my usual tempo?')).toBe('128')
})

test('a broken store reads as a miss, with one warning', () => {
  freshStudio({ ...BROKEN, localStorage: null })
  for (let i = 0; i < 3; i++) {
    setCachedResponse('how loud?', '-14 LUFS')
    expect(getCachedResponse('how loud?')).toBeNull()
  }
  expect(getCacheStats()).toEqual({ hits: 0, misses: 0, totalCached: 0, totalSaved: 0 })
  expect(clearCache()).toBeUndefined()
  expect(warnings).toEqual([expect.stringMatching(/cannot be opened .*nothing is remembered/)])
})

test('a storage that throws reads as a miss, and a logger that throws is survived', () => {
  const storage = new WebStorage()
  storage.fault = new Error('SecurityError')
  freshStudio({ ...BROKEN, localStorage: storage, warn: () => { throw new Error('no console') } })
  expect(() => setCachedResponse('how loud?', '-14 LUFS')).not.toThrow()
  expect(getCachedResponse('how loud?')).toBeNull()
  expect(getCacheStats().hits).toBe(0)
})

test('unknown settings are refused by name, and nothing is changed then', () => {
  const path = freshStudio({ localStorage: null })
  expect(() => configure({ pth: 'x' } as object)).toThrow(expect.objectContaining({ code: 'PM_UNKNOWN_OPTION', message: expect.stringContaining('pth') }))
  expect(() => configure({ path: 'other.db', mode: 'sometimes' as 'exact' })).toThrow(expect.objectContaining({ code: 'PM_BAD_OPTION', message: expect.stringContaining('mode') }))
  setCachedResponse('how loud?', '-14 LUFS')
  close()
  configure({ path })
  expect(getCachedResponse('how loud?', undefined, undefined, DAY)).toBe('-14 LUFS')
})
