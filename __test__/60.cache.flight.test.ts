import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { CacheRequest } from '@mixxclub/prime-memory'
import { cleanUp, failure, openAt, openNew, temporaryFolder } from './support/studio'

afterEach(cleanUp)

const ASKED: CacheRequest = { prompt: 'How do I make the low end tighter?', context: { bpm: 120 } }
function deferred<T>() {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((done) => { resolve = done })
  return { promise, resolve }
}
const later = <T>(value: T, ms = 30) => new Promise<T>((resolve) => setTimeout(() => resolve(value), ms))

describe('getOrCreate', () => {
  test('1,000 equal requests at once make one call, and all get its answer', async () => {
    const { cache } = await openNew()
    let calls = 0
    const produce = () => later({ content: `answer ${++calls}`, usage: { inputTokens: 1000, outputTokens: 1000 } })
    const equal = [ASKED, { context: { bpm: 120.0 }, prompt: ' How do I make  the low end tighter?' }, { ...ASKED, options: { temperature: 0.7 } }]
    const all = await Promise.all(Array.from({ length: 1000 }, (_, i) => cache.getOrCreate(equal[i % 3]!, produce)))
    expect(calls).toBe(1)
    expect(new Set(all.map((hit) => hit.content))).toEqual(new Set(['answer 1']))
    expect(all[0]).toEqual({ id: expect.any(String), content: 'answer 1', match: 'fresh', similarity: 1, age: 0, model: 'gemini-2.5-flash', cost: expect.closeTo(0.0028, 9) })
    expect(all[0]).not.toBe(all[1])
    expect(await cache.getOrCreate(ASKED, produce)).toMatchObject({ id: all[0]!.id, match: 'exact', content: 'answer 1' })
    expect(calls).toBe(1)
  })

  test('a kept answer asked for a hundred times at once is a hundred hits, each with what it saved', async () => {
    const { cache } = await openNew()
    await cache.set(ASKED, { content: 'kept', cost: 0.5 })
    const all = await Promise.all(Array.from({ length: 100 }, () => cache.getOrCreate(ASKED, () => 'made')))
    expect(all.every(({ content, match }) => content === 'kept' && match === 'exact')).toBe(true)
    expect(cache.stats()).toMatchObject({ hits: 100, misses: 0, saved: 50 })
  })

  test('whoever takes an older answer does not wait for one who wants a newer', async () => {
    const { cache } = await openNew()
    await cache.set(ASKED, { content: 'kept', createdAt: Date.now() - 60_000 })
    const reached = deferred<() => void>()
    const failing = cache.getOrCreate(ASKED, () => new Promise<string>((_, reject) => reached.resolve(() => reject(new Error('offline')))), { ttlMs: 1_000 })
    const fail = await reached.promise
    expect(await cache.getOrCreate(ASKED, () => 'made')).toMatchObject({ content: 'kept', match: 'exact' })
    fail()
    await expect(failing).rejects.toThrow('offline')
  })

  test('a text that is an object is a text', async () => {
    const { cache } = await openNew()
    expect(await cache.getOrCreate(ASKED, () => new String('kept') as string)).toMatchObject({ content: 'kept' })
  })

  test('other requests make their own, also two that differ in what is known of the user', async () => {
    const { cache } = await openNew()
    let calls = 0
    const produce = () => later(`answer ${++calls}`)
    await Promise.all([
      cache.getOrCreate(ASKED, produce),
      cache.getOrCreate({ ...ASKED, context: { bpm: 121 } }, produce),
      cache.getOrCreate({ ...ASKED, scope: { user: 'ana' } }, produce),
      cache.getOrCreate({ ...ASKED, recall: { typicalBPM: 120 } }, produce),
    ])
    expect(calls).toBe(4)
  })

  test('two memories of one file share a call', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    const [one, two] = [await openAt(path), await openAt(path)]
    let calls = 0
    const produce = () => later(`answer ${++calls}`)
    await Promise.all([one, two].map(({ cache }) => cache.getOrCreate(ASKED, produce)))
    expect(calls).toBe(1)
  })

  test.each([
    ['rejects', () => later(null).then(() => { throw new Error('quota') }), 'quota'],
    ['throws', () => { throw new Error('offline') }, 'offline'],
    ['gives no answer', () => undefined as never, 'answer'],
    ['gives an empty answer', () => '', 'answer.content'],
  ])('an error reaches all and is not kept: produce %s', async (_, produce, says) => {
    const { cache } = await openNew()
    const all = await Promise.allSettled(Array.from({ length: 20 }, () => cache.getOrCreate(ASKED, produce)))
    for (const one of all) expect(one).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining(says) } })
    expect(cache.stats().entries).toBe(0)
    expect(await cache.getOrCreate(ASKED, () => 'now')).toMatchObject({ match: 'fresh', content: 'now' })
  })

  test('who cancels leaves alone', async () => {
    const { cache } = await openNew()
    const [first, third] = [new AbortController(), new AbortController()]
    let calls = 0
    const produce = () => later(`answer ${++calls}`, 100)
    const all = [first.signal, undefined, third.signal].map((signal) => cache.getOrCreate(ASKED, produce, signal && { signal }))
    const settled = Promise.allSettled(all)
    setTimeout(() => first.abort(), 20)
    setTimeout(() => third.abort(), 40)
    const [one, two, three] = await settled
    for (const left of [one, three]) expect(left).toMatchObject({ status: 'rejected', reason: { name: 'AbortError', code: 'PM_ABORTED' } })
    expect(two).toMatchObject({ status: 'fulfilled', value: { content: 'answer 1' } })
    expect(calls).toBe(1)
    expect(await cache.get(ASKED)).toMatchObject({ content: 'answer 1' })
  })

  test('when all have left, the answer is kept all the same', async () => {
    const { cache } = await openNew()
    const controller = new AbortController()
    const waiting = failure(() => cache.getOrCreate(ASKED, () => later('answer', 60), { signal: controller.signal }))
    setTimeout(() => controller.abort(), 20)
    expect(await waiting).toMatchObject({ name: 'AbortError' })
    await later(null, 200)
    expect(await cache.get(ASKED)).toMatchObject({ content: 'answer' })
  })

  test('cancelled before: nothing begins', async () => {
    const { cache } = await openNew()
    let calls = 0
    expect(await failure(() => cache.getOrCreate(ASKED, () => `${++calls}`, { signal: AbortSignal.abort() }))).toMatchObject({ name: 'AbortError', code: 'PM_ABORTED' })
    expect(calls).toBe(0)
  })

  test('the request is the one that was given, whatever becomes of it', async () => {
    const { cache } = await openNew()
    const request = { prompt: 'before', context: { bpm: 1 } }
    await cache.getOrCreate(request, () => {
      request.prompt = 'after'
      return 'answer'
    })
    expect(await cache.get({ prompt: 'before', context: { bpm: 1 } }, { mode: 'exact' })).toMatchObject({ content: 'answer' })
    expect(await cache.get({ prompt: 'after', context: { bpm: 1 } }, { mode: 'exact' })).toBeNull()
  })

  test('inside the produce of an equal request it is refused, for it would wait for itself', async () => {
    const { cache } = await openNew()
    const inner = () => cache.getOrCreate({ ...ASKED, prompt: ` ${ASKED.prompt} ` }, () => 'inner')
    const refused = { code: 'PM_BAD_OPTION', message: expect.stringContaining('would wait for itself') }
    expect(await failure(() => cache.getOrCreate(ASKED, inner))).toMatchObject(refused)
    const between = () => cache.getOrCreate({ prompt: 'Another question' }, () => later(null).then(inner).then((hit) => hit.content))
    expect(await failure(() => cache.getOrCreate(ASKED, () => between().then((hit) => hit.content)))).toMatchObject(refused)
    expect(cache.stats().entries).toBe(0)
  })

  test('inside the produce of another request, and after its own, it is not', async () => {
    const { cache } = await openNew()
    let afterwards: Promise<{ content: string }> | undefined
    const produce = async () => {
      afterwards = later(null, 100).then(() => cache.getOrCreate(ASKED, () => 'again'))
      return (await cache.getOrCreate({ prompt: 'Another question' }, () => 'other')).content
    }
    expect(await cache.getOrCreate(ASKED, produce)).toMatchObject({ content: 'other' })
    expect(await afterwards).toMatchObject({ content: 'other', match: 'exact' })
  })

  test('never throws; what is wrong rejects', async () => {
    const { cache } = await openNew()
    const bad: [() => Promise<unknown>, string][] = [
      [() => cache.getOrCreate({} as never, () => 'a'), 'PM_BAD_OPTION'],
      [() => cache.getOrCreate(ASKED, 'a' as never), 'PM_BAD_OPTION'],
      [() => cache.getOrCreate(ASKED, () => 'a', { ttl: 1 } as never), 'PM_UNKNOWN_OPTION'],
      [() => cache.getOrCreate(ASKED, () => 'a', { signal: 5 } as never), 'PM_BAD_OPTION'],
      [() => cache.getOrCreate(ASKED, () => 'a', 5 as never), 'PM_BAD_OPTION'],
    ]
    for (const [call, code] of bad) {
      const promise = call()
      expect(await failure(() => promise)).toMatchObject({ code })
    }
    expect(cache.stats().entries).toBe(0)
  })
})
