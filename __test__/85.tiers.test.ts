import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { NewMemory, PrimeMemory, TierPolicy } from '@mixxclub/prime-memory'
import { cleanUp, failAlike, failure, filesHolding, openAt, openNew, run, secondModel, temporaryFolder, until } from './support/studio'

afterEach(cleanUp)

const PARTS = ['kick', 'snare', 'bass', 'pad', 'lead', 'vocal', 'choir', 'strings', 'hats', 'piano']
const PLACES = ['verse', 'chorus', 'bridge', 'intro', 'outro', 'drop', 'break']

/** Notes that differ, some tens of bytes each. */
const notes = (count: number, more: Partial<NewMemory> = {}): NewMemory[] =>
  Array.from({ length: count }, (_, i) => ({
    kind: 'note',
    text: `The ${PARTS[i % 10]} of take ${i} is too loud in the ${PLACES[i % 7]}. Try a compressor on it, then bounce again.`,
    metadata: { take: i },
    ratio: 16,
    ...more,
  }))

const bytesOf = (memory: PrimeMemory): number =>
  Object.values(memory.stats().kinds).reduce((sum, kind) => sum + kind.textBytes + kind.dataBytes + kind.tokenBytes, 0)
const tiersOf = (memory: PrimeMemory, kind = 'note') => memory.stats().kinds[kind]!.tiers
const texts = (hits: { text: string | null }[]) => hits.map(({ text }) => text)

describe('move', () => {
  test('to warm halves the memory tokens, keeps every text and finds the same', async () => {
    const memory = await openNew()
    const ids = await memory.rememberMany(notes(60))
    const questions = ['loud kick in the chorus', 'choir in the bridge', 'which take has a loud piano?']
    const before = await Promise.all(questions.map((question) => memory.search(question, { limit: 5 })))
    const { generation } = memory.stats().store
    const told: number[] = []
    const report = await memory.tiers.move({ warmAfterDays: 0 }, { onProgress: ({ done }) => void told.push(done) })
    expect(report).toMatchObject({
      memories: 60, moved: 60, kinds: { note: { warm: 60, cold: 0, coldFreedBytes: 0 } }, skipped: 0,
      budgetBytes: null, budgetReached: true, missingBytes: 0, why: null, pendingErase: false,
    })
    expect(told.at(-1)).toBe(60)
    expect(report.bytesBefore - report.bytesAfter).toBe(report.kinds.note!.warmFreedBytes)
    expect(bytesOf(memory)).toBe(report.bytesAfter)
    expect(report.bytesAfter).toBeLessThan(report.bytesBefore * 0.6)
    expect(tiersOf(memory)).toEqual({ hot: 0, warm: 60, cold: 0 })
    const after = await Promise.all(questions.map((question) => memory.search(question, { limit: 5 })))
    for (const [i, hits] of after.entries()) {
      expect(hits[0]!.text).toBe(before[i]![0]!.text)
      expect(Math.abs(hits[0]!.score - before[i]![0]!.score)).toBeLessThan(0.005)
      expect(hits[0]).toMatchObject({ tier: 'warm', textDroppedAt: null })
    }
    expect(memory.stats().store.generation).toBe(generation)
    expect(await memory.get(ids[7]!)).toMatchObject({ tier: 'warm', text: notes(8)[7]!.text })
    expect(await memory.verify()).toEqual({ ok: true, problems: [], mended: [] })
  })

  test('to cold: only what is marked, found by meaning, and no byte of the text is left', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    const folder = dirname(path)
    const memory = await openAt(path)
    await memory.rememberMany(notes(40))
    const secret = await memory.remember({
      kind: 'idea', text: 'Zanzibarish marimba over a quixotic drone, far away and slow', data: 'Xylograph-9931',
      metadata: { bpm: 87, key: 'Fm' }, disposable: true,
    })
    const kept = await memory.remember({ kind: 'idea', text: 'Marimba with a tape echo, close and quick', metadata: { bpm: 140 } })
    for (const trace of ['zanzibarish', 'Zanzibarish', 'Xylograph']) expect(filesHolding(folder, trace)).not.toEqual([])
    const report = await memory.tiers.move({ coldAfterDays: 0 })
    expect(report).toMatchObject({ moved: 1, kinds: { idea: { warm: 0, cold: 1 } }, pendingErase: false })
    for (const trace of ['zanzibarish', 'Zanzibarish', 'quixotic', 'Xylograph']) expect([trace, filesHolding(folder, trace)]).toEqual([trace, []])

    const hit = (await memory.search('slow marimba far away', { kind: 'idea' })).find(({ id }) => id === secret)
    expect(hit).toMatchObject({ id: secret, text: null, tier: 'cold', metadata: { bpm: 87, key: 'Fm' } })
    expect(Math.abs(Date.now() - hit!.textDroppedAt!)).toBeLessThan(60_000)
    expect((await memory.search('anything', { where: { bpm: { lt: 90 } } })).map(({ id }) => id)).toEqual([secret])
    expect((await memory.search('zanzibarish', { mode: 'keyword' }))).toEqual([])
    expect(await memory.get(secret)).toMatchObject({ text: null, data: null, tier: 'cold', disposable: true, metadata: { bpm: 87 }, sourceBytes: 60 })
    expect((await memory.search({ id: secret }, { kind: 'idea' })).map(({ id }) => id)).toEqual([kept])
    expect((await memory.search({ id: kept }, { kind: 'idea' })).map(({ id }) => id)).toEqual([secret])
    await failAlike([() => memory.search({ id: secret }, { mode: 'keyword' }), () => memory.searchSync({ id: secret }, { mode: 'keyword' })], 'PM_TEXT_GONE', 'by meaning')
    expect(await memory.verify()).toEqual({ ok: true, problems: [], mended: [] })
    expect(await memory.repair()).toMatchObject({ ok: true, problems: [] })
    expect(tiersOf(memory, 'idea')).toEqual({ hot: 1, warm: 0, cold: 1 })

    await memory.update(secret, { metadata: { bpm: 88 }, disposable: false })
    expect(await memory.get(secret)).toMatchObject({ tier: 'cold', metadata: { bpm: 88 }, disposable: false })
    await memory.update(secret, { text: 'A new marimba idea, far away' })
    expect(await memory.get(secret)).toMatchObject({ tier: 'hot', text: 'A new marimba idea, far away', textDroppedAt: null })
    expect((await memory.search('marimba', { mode: 'keyword' })).length).toBe(2)
    await memory.close()
    expect((await openAt(path)).stats().memories).toBe(42)
    expect(filesHolding(folder, 'Zanzibarish')).toEqual([])
  })

  test('until a budget holds and no further: unimportant first, pinned never, text last', async () => {
    const memory = await openNew()
    await memory.rememberMany(notes(20, { importance: 1, disposable: true }))
    await memory.rememberMany(notes(20, { kind: 'idea', importance: 0.9 }))
    await memory.rememberMany(notes(20, { kind: 'sketch', importance: 0.1, disposable: true }))
    const all = bytesOf(memory)
    const perVector = 768 - 388
    const first = await memory.tiers.move({ budgetBytes: all - 5 * perVector })
    expect(first).toMatchObject({ budgetReached: true, missingBytes: 0, why: null })
    expect(Object.keys(first.kinds)).toEqual(['sketch'])
    expect(first.kinds.sketch).toMatchObject({ cold: 0 })
    expect(first.bytesAfter).toBeLessThanOrEqual(all - 5 * perVector)
    expect(first.bytesAfter).toBeGreaterThan(all - 9 * perVector)
    expect((await memory.tiers.move({ budgetBytes: all - 5 * perVector })).moved).toBe(0)

    const rest = await memory.tiers.move({ budgetBytes: 0 })
    expect(rest).toMatchObject({
      budgetReached: false, missingBytes: bytesOf(memory), kinds: { sketch: { cold: 20 }, idea: { warm: 20, cold: 0 } },
      kept: { undisposable: { memories: 20 }, important: { memories: 20 }, recent: { memories: 0 } },
    })
    expect(rest.why).toMatch(/^\d+ bytes over the budget: \d+ bytes of text and data are not marked disposable, \d+ bytes belong to memories of importance 1/)
    expect(tiersOf(memory)).toEqual({ hot: 20, warm: 0, cold: 0 })
    expect(tiersOf(memory, 'idea')).toEqual({ hot: 0, warm: 20, cold: 0 })
    const young = await memory.tiers.move({ budgetBytes: 0, warmAfterDays: 1, coldAfterDays: 1, disposableKinds: 'idea' })
    expect(young).toMatchObject({ moved: 0, budgetReached: false, kept: { recent: { memories: 20 } } })
    expect(young.why).toContain('used too recently')
  })

  test('only the kinds and scopes the policy names', async () => {
    const memory = await openNew()
    await memory.rememberMany([...notes(5), ...notes(5, { kind: 'idea' }), ...notes(5, { scope: { user: 'ana' } })])
    const policy: TierPolicy = { warmAfterDays: 0, kinds: ['note'], scope: { user: 'ana' } }
    expect(await memory.tiers.move(policy)).toMatchObject({ memories: 5, moved: 5 })
    expect(await memory.tiers.move({ coldAfterDays: 0, disposableKinds: ['idea'] })).toMatchObject({ memories: 15, moved: 5 })
    expect(tiersOf(memory)).toEqual({ hot: 5, warm: 5, cold: 0 })
    expect(tiersOf(memory, 'idea').cold).toBe(5)
    expect(memory.tiers).toBe(memory.tiers)
    expect(memory.tiers.moveSync({ warmAfterDays: 0 })).toMatchObject({ moved: 5 })
  })

  test('an abort stops it between two groups; what has moved is whole, and the next goes on', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    const memory = await openAt(path)
    await memory.rememberMany(notes(300, { disposable: true }))
    const controller = new AbortController()
    const onProgress = () => controller.abort()
    const error = await failure(() => memory.tiers.move({ coldAfterDays: 0 }, { signal: controller.signal, onProgress }))
    expect({ name: error.name, code: error.code }).toEqual({ name: 'AbortError', code: 'PM_ABORTED' })
    const { hot, cold } = tiersOf(memory)
    expect([hot > 0, cold > 0, hot + cold]).toEqual([true, true, 300])
    await until(() => !memory.stats().store.pendingErase, 10_000)
    await failure(() => memory.tiers.move({ coldAfterDays: 0 }, { signal: AbortSignal.abort() }))
    expect(tiersOf(memory)).toEqual({ hot, warm: 0, cold })
    expect(await memory.tiers.move({ coldAfterDays: 0 })).toMatchObject({ moved: hot })
    expect(tiersOf(memory)).toEqual({ hot: 0, warm: 0, cold: 300 })
    expect(filesHolding(dirname(path), 'compressor')).toEqual([])
    expect(await memory.verify()).toEqual({ ok: true, problems: [], mended: [] })
  })

  test('what the progress callback throws stops it and reaches the caller', async () => {
    const memory = await openNew()
    await memory.rememberMany(notes(300))
    const thrown = new TypeError('mine')
    const error = await failure(() => memory.tiers.move({ warmAfterDays: 0 }, { onProgress: () => { throw thrown } }))
    expect(error).toBe(thrown)
    expect(tiersOf(memory).warm).toBeLessThan(300)
  })

  test('remembering, changing, forgetting and searching go on while it runs', async () => {
    const memory = await openNew()
    const ids = await memory.rememberMany(notes(400, { disposable: true }))
    const moving = memory.tiers.move({ coldAfterDays: 0 })
    const kept: string[] = []
    for (let i = 0; i < 12; i++) {
      kept.push(await memory.remember({ kind: 'note', text: `written meanwhile ${i}` }))
      await memory.update(ids[399 - i]!, { disposable: false })
      await memory.forget(ids[200 + i]!)
      await memory.search('loud kick')
    }
    const report = await moving
    expect(report.moved).toBeGreaterThan(300)
    for (const id of kept) expect((await memory.get(id))!.text).toMatch(/^written meanwhile/)
    for (let i = 0; i < 12; i++) {
      const { tier, text, disposable } = (await memory.get(ids[399 - i]!))!
      expect([disposable, tier === 'cold' ? text === null : text !== null]).toEqual([false, true])
    }
    expect(await memory.verify()).toEqual({ ok: true, problems: [], mended: [] })
  })
})

describe('a warm memory that is used', () => {
  const warmed = async (): Promise<[PrimeMemory, string[]]> => {
    const memory = await openNew()
    const ids = await memory.rememberMany(notes(50))
    await memory.tiers.move({ warmAfterDays: 0 })
    return [memory, ids]
  }

  test('becomes hot again, with the very tokens it had', async () => {
    const memory = await openNew()
    const [id] = await memory.rememberMany(notes(3))
    const before = (await memory.tokens(id!))!
    await memory.tiers.move({ warmAfterDays: 0 })
    expect((await memory.tokens(id!))!.data).not.toEqual(before.data)
    expect((await memory.get(id!))!.tier).toBe('warm')
    await until(() => tiersOf(memory).hot === 1, 15_000)
    expect((await memory.tokens(id!))!.data).toEqual(before.data)
    expect((await memory.tokens(id!))!.whole).toEqual(before.whole)
    expect(tiersOf(memory)).toEqual({ hot: 1, warm: 2, cold: 0 })
  })

  test('by a search, in a few transactions however often', async () => {
    const [memory] = await warmed()
    for (let i = 0; i < 200; i++) memory.searchSync('loud kick in the chorus', { limit: 4 })
    await until(() => tiersOf(memory).hot === 4, 15_000)
    expect(tiersOf(memory)).toEqual({ hot: 4, warm: 46, cold: 0 })
    expect((await memory.verify()).problems).toEqual([])
  })

  test('by a new text at once', async () => {
    const [memory, ids] = await warmed()
    await memory.update(ids[3]!, { text: 'entirely new' })
    expect(tiersOf(memory)).toEqual({ hot: 1, warm: 49, cold: 0 })
  })

  test('a cold one stays cold: its text is gone', async () => {
    const memory = await openNew()
    const [id] = await memory.rememberMany(notes(2, { disposable: true }))
    await memory.tiers.move({ coldAfterDays: 0 })
    await memory.get(id!)
    await memory.search('loud kick')
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    expect(tiersOf(memory)).toEqual({ hot: 0, warm: 0, cold: 2 })
  })
})

describe('another model', () => {
  test('cannot encode a cold memory: reindex refuses, or takes its vectors on demand, and never mixes', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    const first = await openAt(path)
    const ids = await first.rememberMany([...notes(10, { disposable: true }), ...notes(10, { kind: 'idea' })])
    await first.tiers.move({ coldAfterDays: 0, warmAfterDays: 0 })
    await first.close()
    const memory = await openAt(path, { model: secondModel(), modelMismatch: 'open' })
    await failAlike([() => memory.reindex(), () => memory.reindexSync()], 'PM_TEXT_GONE', /10 memories have no text.*withoutText/)
    await failAlike([() => memory.tiers.move({ warmAfterDays: 0 }), () => memory.tiers.moveSync({ warmAfterDays: 0 })], 'PM_MODEL_MISMATCH')
    expect(await failure(() => memory.reindex({ withoutText: 'drop' } as never))).toMatchObject({ code: 'PM_BAD_OPTION' })
    expect(memory.stats().model.matchesStore).toBe(false)
    expect(await memory.reindex({ withoutText: 'dropVectors' })).toBe(10)
    expect(memory.stats().kinds).toMatchObject({ note: { tiers: { cold: 10 }, memoryTokens: 0 }, idea: { tiers: { hot: 10, warm: 0 } } })
    expect((await memory.search('loud kick', { limit: 100 })).every(({ kind }) => kind === 'idea')).toBe(true)
    expect(await memory.get(ids[0]!)).toMatchObject({ tier: 'cold', text: null, tokenCount: 0, metadata: { take: 0 } })
    expect(await failure(() => memory.search({ id: ids[0]! }))).toMatchObject({ code: 'PM_TEXT_GONE' })
    expect(await memory.verify()).toEqual({ ok: true, problems: [], mended: [] })
    expect(await memory.tiers.move({ budgetBytes: 0 })).toMatchObject({ kinds: { idea: { warm: 10 } } })
  })
})

describe('simulate', () => {
  test('tells what move then does, and changes nothing', async () => {
    const memory = await openNew()
    await memory.rememberMany([...notes(40, { disposable: true }), ...notes(40, { kind: 'idea' })])
    const { store, kinds } = memory.stats()
    const policy: TierPolicy = { budgetBytes: Math.round(bytesOf(memory) * 0.5) }
    const told: number[] = []
    const forecast = await memory.tiers.simulate(policy, { sample: 30, onProgress: ({ done }) => void told.push(done) })
    expect(memory.stats()).toMatchObject({ kinds, store: { generation: store.generation } })
    expect(told.at(-1)).toBe(30)
    const { quality, durationMs, ...would } = forecast
    const { skipped, pendingErase, durationMs: _, ...did } = await memory.tiers.move(policy)
    expect([skipped, pendingErase, durationMs >= 0]).toEqual([0, false, true])
    expect(would).toEqual(did)
    expect(would.kinds.note!.cold).toBeGreaterThan(0)
    expect(quality).toMatchObject({ sample: 30, of: would.moved })
    for (const { recallAt1, mrr } of [quality!.now, quality!.then, quality!.meaningNow, quality!.meaningThen]) {
      expect(recallAt1).toBeGreaterThanOrEqual(0)
      expect(mrr).toBeGreaterThanOrEqual(recallAt1)
      expect(mrr).toBeLessThanOrEqual(1)
    }
    expect(quality!.similarityError).toBeGreaterThan(0)
    expect(quality!.mostSimilarityError).toBeLessThan(0.01)
    expect(quality!.then.mrr).toBeLessThanOrEqual(quality!.now.mrr + 0.05)
  })

  test('of a policy that moves nothing has nothing to try', async () => {
    const memory = await openNew()
    await memory.rememberMany(notes(3))
    expect(memory.tiers.simulateSync({ budgetBytes: 1e9 })).toMatchObject({ moved: 0, quality: null, budgetReached: true })
    expect(memory.tiers.simulateSync({ warmAfterDays: 0 }, { sample: 0 })).toMatchObject({ moved: 3, quality: null })
    const error = await failure(() => memory.tiers.simulate({ warmAfterDays: 0 }, { signal: AbortSignal.abort() }))
    expect(error.code).toBe('PM_ABORTED')
  })
})

describe('wrong policies and marks', () => {
  test.each<[policy: unknown, code: string, says: string]>([
    [{}, 'PM_BAD_OPTION', 'can move nothing'],
    [undefined, 'PM_BAD_OPTION', 'can move nothing'],
    [null, 'PM_BAD_OPTION', 'policy'],
    [[], 'PM_BAD_OPTION', 'policy'],
    ['warm', 'PM_BAD_OPTION', 'policy'],
    [{ budgetByte: 5 }, 'PM_UNKNOWN_OPTION', 'did you mean "budgetBytes"?'],
    [{ budgetBytes: -1 }, 'PM_BAD_OPTION', 'policy.budgetBytes'],
    [{ budgetBytes: Number.NaN }, 'PM_BAD_OPTION', 'policy.budgetBytes'],
    [{ budgetBytes: Infinity }, 'PM_BAD_OPTION', 'policy.budgetBytes'],
    [{ budgetBytes: '5 MB' }, 'PM_BAD_OPTION', 'policy.budgetBytes'],
    [{ warmAfterDays: -1 }, 'PM_BAD_OPTION', 'policy.warmAfterDays'],
    [{ coldAfterDays: Number.NaN }, 'PM_BAD_OPTION', 'policy.coldAfterDays'],
    [{ warmAfterDays: 0, kinds: ['nota'] }, 'PM_UNKNOWN_KIND', 'did you mean "note"?'],
    [{ warmAfterDays: 0, kinds: ['note', 'xylophone'] }, 'PM_UNKNOWN_KIND', 'xylophone'],
    [{ coldAfterDays: 0, disposableKinds: 'ideas' }, 'PM_UNKNOWN_KIND', 'ideas'],
    [{ warmAfterDays: 0, scope: { usr: 'ana' } }, 'PM_UNKNOWN_OPTION', 'did you mean "user"?'],
  ])('%j', async (policy, code, says) => {
    const memory = await openNew()
    await memory.rememberMany(notes(2, { disposable: true }))
    const bad = policy as TierPolicy
    await failAlike([() => memory.tiers.move(bad), () => memory.tiers.moveSync(bad)], code, says)
    await failAlike([() => memory.tiers.simulate(bad), () => memory.tiers.simulateSync(bad)], code, says)
    expect(tiersOf(memory)).toEqual({ hot: 2, warm: 0, cold: 0 })
  })

  test('options, importance and disposable of the wrong kind', async () => {
    const memory = await openNew()
    const id = await memory.remember({ kind: 'note', text: 'a' })
    const move = (options: unknown) => () => memory.tiers.move({ warmAfterDays: 0 }, options as never)
    expect(await failure(move({ sample: 3 }))).toMatchObject({ code: 'PM_UNKNOWN_OPTION' })
    expect(await failure(move({ signal: 3 }))).toMatchObject({ code: 'PM_BAD_OPTION' })
    expect(await failure(() => memory.tiers.simulate({ warmAfterDays: 0 }, { sample: 1.5 }))).toMatchObject({ code: 'PM_BAD_OPTION' })
    expect(await failure(() => memory.tiers.simulate({ warmAfterDays: 0 }, { samples: 1 } as never))).toMatchObject({ code: 'PM_UNKNOWN_OPTION' })
    for (const importance of [-0.1, 1.1, Number.NaN, '1' as never]) {
      await failAlike([() => memory.remember({ kind: 'note', text: 'b', importance }), () => memory.rememberSync({ kind: 'note', text: 'b', importance })], 'PM_BAD_OPTION', 'importance')
      await failAlike([() => memory.update(id, { importance }), () => memory.updateSync(id, { importance })], 'PM_BAD_OPTION', 'importance')
    }
    expect(await failure(() => memory.remember({ kind: 'note', text: 'b', disposable: 'yes' as never }))).toMatchObject({ code: 'PM_BAD_OPTION' })
    expect(await failure(() => memory.remember({ kind: 'note', text: 'b', disposible: true } as never))).toMatchObject({ code: 'PM_UNKNOWN_OPTION' })
    expect(await memory.get(id)).toMatchObject({ importance: 0.5, disposable: false, textDroppedAt: null })
    await memory.update(id, { importance: 1, disposable: true })
    expect(await memory.get(id)).toMatchObject({ importance: 1, disposable: true })
    expect(memory.stats().memories).toBe(1)
  })

  test('a closed memory', async () => {
    const memory = await openNew()
    const { tiers } = memory
    await memory.close()
    await failAlike([() => tiers.move({ warmAfterDays: 0 }), () => tiers.moveSync({ warmAfterDays: 0 })], 'PM_CLOSED')
    await failAlike([() => tiers.simulate({ warmAfterDays: 0 }), () => tiers.simulateSync({ warmAfterDays: 0 })], 'PM_CLOSED')
  })

  test('closed while it moves: it ends, and nothing is half moved', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    const memory = await openAt(path)
    await memory.rememberMany(notes(400, { disposable: true }))
    const moving = failure(() => memory.tiers.move({ coldAfterDays: 0 }))
    await until(() => tiersOf(memory).cold > 0)
    await memory.close()
    expect((await moving).code).toMatch(/^PM_(CLOSED|ABORTED)$/)
    const again = await openAt(path)
    await until(() => !again.stats().store.pendingErase, 10_000)
    expect((await again.verify()).problems).toEqual([])
  })
})

test('two memories on one file move at once: each memory once', async () => {
  const path = join(temporaryFolder(), 'studio.db')
  const [one, other] = [await openAt(path), await openAt(path)]
  await one.rememberMany(notes(300, { disposable: true }))
  const reports = await Promise.all([one.tiers.move({ coldAfterDays: 0 }), other.tiers.move({ coldAfterDays: 0 })])
  expect(reports[0].moved + reports[1].moved).toBe(300)
  expect(tiersOf(other)).toEqual({ hot: 0, warm: 0, cold: 300 })
  expect((await other.search('loud kick')).length).toBe(10)
  expect((await one.verify()).problems).toEqual([])
  await until(() => !one.stats().store.pendingErase && !other.stats().store.pendingErase, 10_000)
  expect(filesHolding(dirname(path), 'compressor')).toEqual([])
})

test('two processes move while a third writes', async () => {
  const path = join(temporaryFolder(), 'studio.db')
  const memory = await openAt(path)
  await memory.rememberMany(notes(300, { disposable: true }))
  const others = [run('tiers-mover.cjs', [path, '1']), run('tiers-mover.cjs', [path, '1'])]
  const ids = []
  for (let i = 0; i < 30; i++) ids.push(await memory.remember({ kind: 'note', text: `mine ${i}` }))
  const moved = (await Promise.all(others)).map(({ code, stderr, lines }) => {
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return Number(JSON.parse(lines.at(-1)!).moved)
  })
  expect(moved[0]! + moved[1]!).toBe(300)
  for (const id of ids) expect((await memory.get(id))!.text).toMatch(/^mine/)
  expect(tiersOf(memory)).toEqual({ hot: 30, warm: 0, cold: 300 })
  expect(texts(await memory.search('loud kick', { limit: 3, where: { take: 10 } }))).toEqual([null])
  expect((await memory.verify()).problems).toEqual([])
})
