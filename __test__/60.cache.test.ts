import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { Cache, type CacheRequest, type PrimeMemory } from '@mixxclub/prime-memory'
import { cleanUp, failAlike, failure, filesHolding, openAt, openNew, temporaryFolder } from './support/studio'

afterEach(cleanUp)

const TIGHT: CacheRequest = {
  prompt: 'How do I make the low end tighter?',
  context: { bpm: 120, key: 'C minor', lufs: -9.5 },
  options: { temperature: 0.3, systemPrompt: 'You are Prime Brain.' },
}
/** The same question in other letters: near by meaning and the same by the rules, but no equal request. */
const TIGHT_AGAIN: CacheRequest = { ...TIGHT, prompt: 'how do i make the low end tighter' }

const get = (memory: PrimeMemory, request: CacheRequest) => memory.cache.get(request)

describe('an equal request', () => {
  test('is answered, in both forms, by the same object', async () => {
    const memory = await openNew()
    expect(memory.cache).toBe(memory.cache)
    expect(await get(memory, TIGHT)).toBeNull()
    const id = await memory.cache.set(TIGHT, { content: 'Cut around 250 Hz.', usage: { inputTokens: 1000, outputTokens: 2000 } })
    const hit = { id, content: 'Cut around 250 Hz.', match: 'exact', similarity: 1, age: expect.any(Number), model: 'gemini-2.5-flash', cost: expect.closeTo(0.0053, 9) }
    expect(await get(memory, TIGHT)).toEqual(hit)
    expect(memory.cache.getSync(TIGHT)).toEqual(hit)
  })

  test.each<[string, CacheRequest]>([
    ['white space', { ...TIGHT, prompt: '  How do I make\nthe low end\t tighter? ' }],
    ['keys in another order', { ...TIGHT, context: { lufs: -9.5, key: 'C minor', bpm: 120 } }],
    ['defaults given', { ...TIGHT, options: { ...TIGHT.options, model: 'gemini-2.5-flash', useCache: true, useMixxRecall: true } }],
    ['nothing given', { ...TIGHT, options: { ...TIGHT.options, maxTokens: undefined, thinkingConfig: null } }],
    ['a new favourite that nothing mentions', { ...TIGHT, recall: { favouritePlugins: ['Serum'] } }],
  ])('is one with %s', async (_, request) => {
    const memory = await openNew()
    const id = await memory.cache.set(TIGHT, 'Cut around 250 Hz.')
    expect(await get(memory, request)).toMatchObject({ id, match: 'exact' })
  })

  test.each<[string, CacheRequest]>([
    ['temperature 0', { ...TIGHT, options: { ...TIGHT.options, temperature: 0 } }],
    ['no temperature', { ...TIGHT, options: { systemPrompt: 'You are Prime Brain.' } }],
    ['another model', { ...TIGHT, options: { ...TIGHT.options, model: 'gemini-2.5-pro' } }],
    ['another system prompt', { ...TIGHT, options: { ...TIGHT.options, systemPrompt: 'You are a pirate.' } }],
    ['a limit of tokens', { ...TIGHT, options: { ...TIGHT.options, maxTokens: 300 } }],
    ['a thinking budget', { ...TIGHT, options: { ...TIGHT.options, thinkingConfig: { thinkingBudget: 32768 } } }],
    ['another user', { ...TIGHT, scope: { user: 'ana' } }],
    ['another project', { ...TIGHT, scope: { project: 'ep' } }],
  ])('is none with %s, nor one of the same meaning', async (_, request) => {
    const memory = await openNew()
    await memory.cache.set(TIGHT, 'Cut around 250 Hz.')
    expect(await get(memory, request)).toBeNull()
    expect(memory.cache.explainSync(request)).toMatchObject({ exact: false, candidates: [], decision: 'refuse' })
  })

  test('keeps its case: CM7 is not Cm7', async () => {
    const memory = await openNew()
    await memory.cache.set({ prompt: 'notes of CM7' }, 'C E G B')
    expect(await memory.cache.get({ prompt: 'notes of Cm7' }, { mode: 'exact' })).toBeNull()
  })

  test('has one answer, the newest; the same again keeps its id', async () => {
    const memory = await openNew()
    const first = await memory.cache.set(TIGHT, 'one')
    expect(await memory.cache.set(TIGHT, 'one')).toBe(first)
    const second = await memory.cache.set(TIGHT, 'two')
    expect(second).not.toBe(first)
    expect(await get(memory, TIGHT)).toMatchObject({ id: second, content: 'two' })
    expect(memory.cache.stats().entries).toBe(1)
  })

  test.each([['short', 'Übung ♫ \u0000 end'], ['long', 'four on the floor '.repeat(20_000)]])('gives back a %s answer to the letter', async (_, content) => {
    const memory = await openNew()
    await memory.cache.set(TIGHT, content)
    expect((await get(memory, TIGHT))!.content).toBe(content)
    expect(memory.cache.getSync(TIGHT)!.content).toBe(content)
  })
})

describe('meaning', () => {
  test('serves other words with the same facts, and says how near they are', async () => {
    const memory = await openNew()
    const id = await memory.cache.set(TIGHT, 'Cut around 250 Hz.')
    for (const hit of [await get(memory, TIGHT_AGAIN), memory.cache.getSync(TIGHT_AGAIN)]) {
      expect(hit).toMatchObject({ id, match: 'meaning', content: 'Cut around 250 Hz.' })
      expect(hit!.similarity).toBeGreaterThan(0.9)
    }
  })

  test.each([
    ['Set the tempo to 120 BPM', 'set the tempo to 121 BPM'],
    ['Master to -14 LUFS please', 'master to -9 LUFS please'],
  ])('does not serve "%s" for "%s"', async (stored, asked) => {
    const memory = await openNew()
    await memory.cache.set({ prompt: stored }, 'Done.')
    expect(await get(memory, { prompt: asked })).toBeNull()
    const why = await memory.cache.explain({ prompt: asked })
    expect(why).toMatchObject({ exact: false, decision: 'refuse', request: { prompt: asked, facts: expect.arrayContaining([expect.objectContaining({ family: 'number' })]) } })
    expect(why.candidates[0]).toMatchObject({ prompt: stored, decision: 'refuse', by: 'rules', score: null })
    expect(why.sentence).toContain(stored)
    expect(Object.values(memory.cache.stats().refusals)).toEqual([1])
  })

  test('is not looked at in exact mode, and never served in shadow mode', async () => {
    const memory = await openNew()
    await memory.cache.set(TIGHT, 'Cut around 250 Hz.')
    expect(await memory.cache.get(TIGHT_AGAIN, { mode: 'exact' })).toBeNull()
    memory.cache.configure({ mode: 'shadow' })
    expect(await get(memory, TIGHT_AGAIN)).toBeNull()
    await memory.cache.set(TIGHT_AGAIN, 'cut around 250 Hz')
    expect(memory.cache.stats().shadow).toEqual({ would: 1, agreed: 1, disagreed: 0 })
    const third = { ...TIGHT, prompt: 'HOW DO I MAKE THE LOW END TIGHTER' }
    expect(await get(memory, third)).toBeNull()
    await memory.cache.set(third, 'Cut around 400 Hz.')
    expect(memory.cache.stats()).toMatchObject({ mode: 'shadow', meaningHits: 0, shadow: { would: 2, agreed: 1, disagreed: 1 } })
    expect(await get(memory, TIGHT)).toMatchObject({ match: 'exact' })
  })

  test('what shadow mode saw go wrong is no longer served by meaning', async () => {
    const memory = await openNew()
    memory.cache.configure({ mode: 'shadow' })
    await memory.cache.set(TIGHT, 'Cut around 250 Hz.')
    await get(memory, TIGHT_AGAIN)
    await memory.cache.set(TIGHT_AGAIN, 'Cut around 400 Hz.')
    memory.cache.configure({ mode: 'guarded' })
    const why = memory.cache.explainSync({ ...TIGHT, prompt: 'How do I make the low end tighter!' })
    const [seen] = why.candidates.filter((one) => one.prompt === TIGHT.prompt)
    expect(seen).toMatchObject({ decision: 'refuse', reason: 'distrusted', by: 'feedback' })
  })

  test('a lookup of another store and thread sees what was set here', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    const [one, two] = [await openAt(path), await openAt(path)]
    expect(await get(two, TIGHT_AGAIN)).toBeNull()
    const id = await one.cache.set(TIGHT, 'Cut around 250 Hz.')
    expect(await get(two, TIGHT_AGAIN)).toMatchObject({ id, match: 'meaning' })
    one.cache.configure({ mode: 'exact' })
    expect(await get(two, TIGHT_AGAIN)).toBeNull()
    one.cache.configure({ mode: 'guarded' })
    expect(await one.cache.forget(id)).toBe(true)
    expect(await get(two, TIGHT_AGAIN)).toBeNull()
  })
})

describe('what the assistant knew', () => {
  const PICK = { prompt: 'Which synth shall I open for a warm pad?', recall: { favouritePlugins: ['Serum'], typicalBPM: 128 } }

  test('a fact that the answer mentions refuses an equal request when it changes, another does not', async () => {
    const memory = await openNew()
    const id = await memory.cache.set(PICK, 'Open Serum and slow the attack.')
    expect(await get(memory, { ...PICK, recall: { favouritePlugins: ['Serum', 'Vital'], typicalBPM: 140 } })).toMatchObject({ id })
    const changed = { ...PICK, recall: { favouritePlugins: ['Vital'], typicalBPM: 128 } }
    expect(await get(memory, changed)).toBeNull()
    expect(memory.cache.getSync(changed)).toBeNull()
    expect(memory.cache.explainSync(changed).candidates[0]).toMatchObject({ by: 'recall', reason: 'recall', decision: 'refuse', sentence: expect.stringContaining('favouritePlugins') })
    expect(memory.cache.stats().refusals).toEqual({ recall: 2 })
  })
})

describe('age', () => {
  test('is judged by what the reader asks', async () => {
    const memory = await openNew()
    await memory.cache.set(TIGHT, { content: 'old', createdAt: Date.now() - 90_000_000 })
    for (const request of [TIGHT, TIGHT_AGAIN]) {
      expect(await get(memory, request)).toBeNull()
      expect(await memory.cache.get(request, { ttlMs: 100_000_000 })).toMatchObject({ content: 'old', age: expect.any(Number) })
      expect(await memory.cache.get(request, { ttlMs: 0 })).toBeNull()
      expect(memory.cache.getSync(request, { ttlMs: -1 })).toBeNull()
    }
    expect(memory.cache.stats()).toMatchObject({ entries: 1, refusals: { expired: 6 } })
  })

  test('an entry may expire by itself; the next write removes and counts it', async () => {
    const memory = await openNew()
    await memory.cache.set(TIGHT, { content: 'brief', ttlMs: 1_500 })
    expect(await get(memory, TIGHT)).toMatchObject({ content: 'brief' })
    await new Promise((resolve) => setTimeout(resolve, 1_600))
    expect(await memory.cache.get(TIGHT, { ttlMs: 1e12 })).toBeNull()
    await memory.cache.set({ prompt: 'another' }, 'x')
    expect(memory.cache.stats()).toMatchObject({ entries: 1, expired: 1 })
  })
})

describe('limits', () => {
  test('what is worth least goes first: cheap and never used', async () => {
    const memory = await openNew()
    memory.cache.configure({ maxEntries: 10 })
    const dear = { prompt: 'dear' }
    await memory.cache.set(dear, { content: 'x', cost: 1 })
    const used = { prompt: 'used' }
    await memory.cache.set(used, { content: 'x', cost: 0.001 })
    for (let i = 0; i < 20; i++) expect(memory.cache.getSync(used)).not.toBeNull()
    for (let i = 0; i < 30; i++) await memory.cache.set({ prompt: `number ${i}` }, { content: 'x', cost: 0.001 })
    expect(memory.cache.stats()).toMatchObject({ entries: 10, evicted: 22 })
    expect(memory.cache.getSync(dear)).not.toBeNull()
    expect(memory.cache.getSync(used)).not.toBeNull()
    expect(memory.cache.getSync({ prompt: 'number 29' })).not.toBeNull()
    expect(memory.cache.getSync({ prompt: 'number 0' }, { mode: 'exact' })).toBeNull()
  })

  test('bytes count as well', async () => {
    const memory = await openNew()
    memory.cache.configure({ maxBytes: 1 << 20 })
    const noise = (i: number) => Array.from({ length: 20_000 }, (_, k) => ((k * 7919 + i * 104729) % 65521).toString(36)).join('')
    for (let i = 0; i < 30; i++) await memory.cache.set({ prompt: `number ${i}` }, noise(i))
    const stats = memory.cache.stats()
    expect(stats.bytes).toBeLessThanOrEqual(1 << 20)
    expect(stats.entries + stats.evicted).toBe(30)
    expect(stats.evicted).toBeGreaterThan(0)
  })
})

describe('statistics', () => {
  test('are exact, and survive closing', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    const memory = await openAt(path)
    await memory.cache.set(TIGHT, { content: 'a', usage: { inputTokens: 1_000_000, outputTokens: 0 } })
    await memory.cache.set({ prompt: 'estimated' }, 'twelve bytes')
    for (let i = 0; i < 500; i++) memory.cache.getSync(TIGHT)
    await Promise.all(Array.from({ length: 500 }, () => get(memory, TIGHT)))
    for (let i = 0; i < 3; i++) await get(memory, TIGHT_AGAIN)
    await get(memory, { prompt: 'estimated' })
    for (let i = 0; i < 7; i++) memory.cache.getSync({ prompt: 'an unrelated matter' }, { mode: 'exact' })
    const stats = memory.cache.stats()
    expect(stats).toMatchObject({ hits: 1004, exactHits: 1001, meaningHits: 3, misses: 7, entries: 2, evicted: 0 })
    expect(stats.saved).toBeCloseTo(1003 * 0.3, 3)
    expect(stats.savedEstimated).toBeGreaterThan(0)
    expect(stats.savedEstimated).toBeLessThan(0.001)
    await memory.close()
    const again = await openAt(path)
    expect(again.cache.stats()).toEqual(stats)
  })

  test('are counted by scope, and cleared with it', async () => {
    const memory = await openNew({ scope: { user: 'ana' } })
    const bob = { scope: { user: 'bob' } }
    await memory.cache.set(TIGHT, 'a')
    await memory.cache.set({ ...TIGHT, ...bob }, 'b')
    memory.cache.getSync(TIGHT)
    memory.cache.getSync({ ...TIGHT, ...bob })
    memory.cache.getSync({ ...TIGHT, ...bob })
    expect(memory.cache.stats(bob)).toMatchObject({ hits: 2, entries: 1 })
    expect(await memory.cache.clear()).toBe(1)
    expect(memory.cache.stats()).toMatchObject({ hits: 0, misses: 0, entries: 0, bytes: 0, saved: 0 })
    expect(memory.cache.stats(bob)).toMatchObject({ hits: 2, entries: 1 })
    expect(memory.cache.getSync(TIGHT)).toBeNull()
    expect(memory.cache.clearSync(bob)).toBe(1)
  })

  test('a model without a price costs nothing until it has one', async () => {
    const memory = await openNew()
    const local = { prompt: 'a', options: { model: 'llama3.2:3b' } }
    await memory.cache.set(local, 'x')
    expect(memory.cache.getSync(local)).toMatchObject({ cost: 0, model: 'llama3.2:3b' })
    memory.cache.configure({ prices: { 'llama3.2:3b': { input: 0, output: 1_000_000 } } })
    await memory.cache.set({ ...local, prompt: 'b' }, { content: 'x', usage: { outputTokens: 3, inputTokens: 1 } })
    expect(memory.cache.getSync({ ...local, prompt: 'b' })).toMatchObject({ cost: 3 })
  })
})

describe('removing', () => {
  const fill = async (memory: PrimeMemory) => {
    for (const bpm of [90, 120, 150]) await memory.cache.set({ prompt: `about ${bpm}`, context: { bpm, key: 'Am' } }, { content: 'x', createdAt: bpm })
    await memory.cache.set({ prompt: 'no context', options: { model: 'gpt-5' } }, 'x')
    await memory.cache.set({ prompt: 'of a project', scope: { project: 'ep' } }, 'x')
  }

  test.each<[Parameters<PrimeMemory['cache']['invalidate']>[0], number]>([
    [{ where: { bpm: { gte: 120 } } }, 2],
    [{ where: { bpm: { gte: 120 }, key: 'Am' }, olderThan: 150 }, 1],
    [{ where: { key: { exists: false } } }, 1],
    [{ where: { key: 'A minor' } }, 3],
    [{ model: 'gpt-5' }, 1],
    [{ project: 'ep' }, 1],
    [{ olderThan: 121 }, 2],
    [{ olderThan: 121, scope: { user: 'nobody' } }, 0],
  ])('by %j: %d', async (filter, count) => {
    const memory = await openNew()
    await fill(memory)
    expect(await memory.cache.invalidate(filter)).toBe(count)
    expect(memory.cache.invalidateSync(filter)).toBe(0)
    expect(memory.cache.stats().entries + memory.cache.stats({ scope: { project: 'ep' } }).entries).toBe(5 - count)
  })

  test.each<[string, (memory: PrimeMemory, id: string) => unknown]>([
    ['forget', (memory, id) => memory.cache.forget(id)],
    ['invalidate', (memory) => memory.cache.invalidate({ olderThan: Date.now() + 1000 })],
    ['clear', (memory) => memory.cache.clear()],
  ])('%s leaves no byte of prompt, answer, context, recall or user', async (_, remove) => {
    const path = join(temporaryFolder(), 'studio.db')
    const memory = await openAt(path, { scope: { user: 'user-of-the-forgotten' } })
    const secret = { prompt: 'zanzibarish drums', context: { secretField: 'hidden-plugin-77' }, recall: { singer: 'Quixotica' } }
    for (let i = 0; i < 40; i++) await memory.cache.set({ prompt: `number ${i}`, scope: {} }, `answer ${i}`)
    const id = await memory.cache.set(secret, 'Xylograph-9931')
    memory.cache.getSync({ ...secret, prompt: 'zanzibarish Drums' })
    const traces = [id, 'zanzibarish', 'hidden-plugin-77', 'secretField', 'Quixotica', 'Xylograph-9931']
    expect(traces.filter((trace) => filesHolding(dirname(path), trace).length === 0)).toEqual([])
    await remove(memory, id)
    expect(traces.filter((trace) => filesHolding(dirname(path), trace).length > 0)).toEqual([])
    if (_ === 'clear') expect(filesHolding(dirname(path), 'user-of-the-forgotten')).toEqual([])
    await memory.close()
    expect(traces.filter((trace) => filesHolding(dirname(path), trace).length > 0)).toEqual([])
  })

  test('what was forgotten does not come back: not by the same answer, not by a near request', async () => {
    const memory = await openNew()
    const id = await memory.cache.set(TIGHT, 'Boost everything.')
    await memory.cache.set(TIGHT_AGAIN, 'Boost everything.')
    expect(await memory.cache.forget(id)).toBe(true)
    expect(await memory.cache.forget(id)).toBe(false)
    expect(memory.cache.forgetSync(id)).toBe(false)
    for (const request of [TIGHT, TIGHT_AGAIN]) expect(await get(memory, request)).toBeNull()
    await memory.cache.set(TIGHT, 'Boost everything.')
    expect(await get(memory, TIGHT)).toBeNull()
    // Another near request, asked afresh: its own answer is its own, but not that of the forgotten one.
    const third = { ...TIGHT, prompt: 'HOW DO I MAKE THE LOW END TIGHTER?!' }
    await memory.cache.set(third, 'Boost everything.')
    expect(await get(memory, third)).toMatchObject({ match: 'exact' })
    expect(await get(memory, TIGHT)).toBeNull()
    expect(memory.cache.explainSync(TIGHT).candidates[0]).toMatchObject({ by: 'feedback', reason: 'forgotten' })
    await memory.cache.set(TIGHT, 'Cut around 250 Hz.')
    expect(await get(memory, TIGHT)).toMatchObject({ content: 'Cut around 250 Hz.' })
  })
})

describe('feedback', () => {
  test('wrong: that request and near ones are not served by this entry, others still are', async () => {
    const memory = await openNew()
    const id = await memory.cache.set(TIGHT, 'Cut around 250 Hz.')
    expect(await get(memory, TIGHT_AGAIN)).toMatchObject({ id })
    await memory.cache.feedback(id, false, TIGHT_AGAIN)
    expect(await get(memory, TIGHT_AGAIN)).toBeNull()
    expect(await get(memory, { ...TIGHT, prompt: 'how do I make the low end tighter!' })).toBeNull()
    expect(await get(memory, TIGHT)).toMatchObject({ id, match: 'exact' })
    expect(memory.cache.stats().feedback).toEqual({ right: 0, wrong: 1 })
  })

  test('wrong for an equal request: nobody is served, until a new answer is there', async () => {
    const memory = await openNew()
    const id = await memory.cache.set(TIGHT, 'Boost everything.')
    expect(await get(memory, TIGHT)).toMatchObject({ id })
    memory.cache.feedbackSync(id, false)
    for (const request of [TIGHT, TIGHT_AGAIN]) expect(await get(memory, request)).toBeNull()
    const better = await memory.cache.set(TIGHT, 'Cut around 250 Hz.')
    for (const request of [TIGHT, TIGHT_AGAIN]) expect(await get(memory, request)).toMatchObject({ id: better })
  })

  test('right after wrong: served once more', async () => {
    const memory = await openNew()
    const id = await memory.cache.set(TIGHT, 'Cut around 250 Hz.')
    await memory.cache.feedback(id, false, TIGHT)
    expect(await get(memory, TIGHT)).toBeNull()
    await memory.cache.feedback(id, true, TIGHT)
    expect(await get(memory, TIGHT)).toMatchObject({ id })
    expect(memory.cache.stats().feedback).toEqual({ right: 1, wrong: 1 })
  })

  test('survives a restart, and knows no entry that is gone', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    const memory = await openAt(path)
    const id = await memory.cache.set(TIGHT, 'Cut around 250 Hz.')
    await memory.cache.feedback(id, false, TIGHT_AGAIN)
    await memory.close()
    const again = await openAt(path)
    expect(await get(again, TIGHT_AGAIN)).toBeNull()
    await failAlike([() => again.cache.feedback('nobody', true), () => again.cache.feedbackSync('nobody', true)], 'PM_NOT_FOUND', 'cached answer')
  })
})

describe('bad input', () => {
  test.each<[string, (memory: PrimeMemory) => [() => unknown, () => unknown], string, string]>([
    ['no prompt', ({ cache }) => [() => cache.get({} as never), () => cache.getSync({} as never)], 'PM_BAD_OPTION', 'prompt'],
    ['an empty prompt', ({ cache }) => [() => cache.get({ prompt: ' ' }), () => cache.getSync({ prompt: ' ' })], 'PM_EMPTY_TEXT', 'request.prompt'],
    ['half a character', ({ cache }) => [() => cache.get({ prompt: '\ud83c' }), () => cache.getSync({ prompt: '\ud83c' })], 'PM_BAD_TEXT', 'surrogate'],
    ['a misspelling', ({ cache }) => [() => cache.get({ promt: 'a' } as never), () => cache.getSync({ promt: 'a' } as never)], 'PM_UNKNOWN_OPTION', 'did you mean "prompt"?'],
    ['a misspelled option', ({ cache }) => [() => cache.get(TIGHT, { ttl: 1 } as never), () => cache.getSync(TIGHT, { ttl: 1 } as never)], 'PM_UNKNOWN_OPTION', 'ttlMs'],
    ['no such mode', ({ cache }) => [() => cache.get(TIGHT, { mode: 'loose' as never }), () => cache.getSync(TIGHT, { mode: 'loose' as never })], 'PM_BAD_OPTION', 'guarded'],
    ['NaN in the context', ({ cache }) => [() => cache.get({ prompt: 'a', context: { bpm: NaN } }), () => cache.getSync({ prompt: 'a', context: { bpm: NaN } })], 'PM_BAD_OPTION', 'bpm'],
    ['no answer', ({ cache }) => [() => cache.set(TIGHT, ''), () => cache.setSync(TIGHT, '')], 'PM_EMPTY_TEXT', 'answer.content'],
    ['a negative cost', ({ cache }) => [() => cache.set(TIGHT, { content: 'a', cost: -1 }), () => cache.setSync(TIGHT, { content: 'a', cost: -1 })], 'PM_BAD_OPTION', 'answer.cost'],
    ['no judgement', ({ cache }) => [() => cache.feedback('id', 'yes' as never), () => cache.feedbackSync('id', 'yes' as never)], 'PM_BAD_OPTION', 'true or false'],
    ['a filter that asks nothing', ({ cache }) => [() => cache.invalidate({}), () => cache.invalidateSync({})], 'PM_BAD_OPTION', 'clear()'],
    ['an unknown operator', ({ cache }) => [() => cache.invalidate({ where: { bpm: { above: 1 } as never } }), () => cache.invalidateSync({ where: { bpm: { above: 1 } as never } })], 'PM_UNKNOWN_OPTION', 'above'],
  ])('%s', async (_, forms, code, says) => {
    await failAlike(forms(await openNew()), code, says)
  })

  test('settings out of range are named', async () => {
    const { cache } = await openNew()
    expect(await failure(() => cache.configure({ maxErrorRate: 0.5 }))).toMatchObject({ code: 'PM_BAD_OPTION', message: expect.stringContaining('maxErrorRate') })
    expect(await failure(() => cache.configure({ maxEntry: 5 } as never))).toMatchObject({ code: 'PM_UNKNOWN_OPTION', message: expect.stringContaining('maxEntries') })
    expect(cache.stats()).toMatchObject({ mode: 'guarded', maxErrorRate: 0.01 })
  })

  test('a guard that is no package is refused at open', async () => {
    const guard = temporaryFolder()
    expect(await failure(() => openNew({ guard }))).toMatchObject({ code: 'PM_MODEL_NOT_FOUND' })
  })

  test('a closed memory says so', async () => {
    const memory = await openNew()
    const { cache } = memory
    await memory.close()
    expect(memory.cache).toBe(cache)
    const calls: { [method: string]: unknown[] } = {
      get: [TIGHT], set: [TIGHT, 'a'], _keep: [TIGHT, 'a'], getOrCreate: [TIGHT, () => 'a'], explain: [TIGHT], feedback: ['x', true],
      forget: ['x'], invalidate: [{ olderThan: 1 }], configure: [{}], stats: [], clear: [],
    }
    const methods = cache as unknown as { [name: string]: (...args: unknown[]) => unknown }
    for (const name of Object.getOwnPropertyNames(Cache.prototype).filter((name) => name !== 'constructor')) {
      const args = calls[name.replace(/Sync$/, '')]
      expect([name, args]).toEqual([name, expect.any(Array)])
      expect([name, (await failure(() => methods[name]!(...args!))).code]).toEqual([name, 'PM_CLOSED'])
    }
  })
})
