import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { PrimeMemory, Progress } from '@mixxclub/prime-memory'
import { cleanUp, failure, openNew } from './support/studio'

afterEach(cleanUp)

const LONG = 'a long note about the drums and the bass '.repeat(12)
const texts = (count: number, text = LONG) => Array.from({ length: count }, (_, i) => `take ${i}: ${text}`)
const items = (count: number, text?: string) => texts(count, text).map((text) => ({ kind: 'note', text }))
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length

type Call = (memory: PrimeMemory, signal: AbortSignal) => Promise<unknown>
const CALLS: [name: string, call: Call][] = [
  ['compress', (memory, signal) => memory.compress(LONG.repeat(400), { signal })],
  ['compressMany', (memory, signal) => memory.compressMany(texts(2000), { signal })],
  ['remember', (memory, signal) => memory.remember({ kind: 'note', text: LONG.repeat(400) }, { signal })],
  ['rememberMany', (memory, signal) => memory.rememberMany(items(2000), { signal })],
]
const SHORT_CALLS: [name: string, call: Call][] = [
  ['search', (memory, signal) => memory.search('bass', { signal })],
  ['reindex', (memory, signal) => memory.reindex({ signal })],
  ['update', (memory, signal) => memory.rememberMany(items(1)).then(([id]) => memory.update(id!, { text: 'new' }, { signal }))],
]

async function expectAborted(call: Promise<unknown>): Promise<void> {
  const error = await failure(() => call)
  expect({ name: error.name, code: error.code, message: error.message }).toEqual({ name: 'AbortError', code: 'PM_ABORTED', message: expect.stringContaining('cancelled') })
  expect(error).toBeInstanceOf(Error)
}

describe('a signal', () => {
  test.each([...CALLS, ...SHORT_CALLS])('that is aborted already ends %s before it begins', async (name, call) => {
    const memory = await openNew()
    const signal = AbortSignal.abort()
    const begun = Date.now()
    await expectAborted(call(memory, signal))
    expect(listeners(signal)).toBe(0)
    if (name !== 'update') {
      expect(Date.now() - begun).toBeLessThan(500)
      expect(memory.stats().memories).toBe(0)
    }
  })

  test.each(CALLS)('ends %s while it runs, soon, and nothing is stored', async (_, call) => {
    const memory = await openNew()
    const controller = new AbortController()
    const running = call(memory, controller.signal)
    running.catch(() => {})
    await wait(60)
    const begun = Date.now()
    controller.abort()
    await expectAborted(running)
    expect(Date.now() - begun).toBeLessThan(3000)
    expect(memory.stats().memories).toBe(0)
    expect(listeners(controller.signal)).toBe(0)
    await memory.remember({ kind: 'note', text: 'life goes on' })
  })

  test('ends calls that wait for a free thread', async () => {
    const memory = await openNew()
    const [running, queued] = [new AbortController(), new AbortController()]
    const first = Array.from({ length: 12 }, () => memory.rememberMany(items(100), { signal: running.signal }))
    const last = Array.from({ length: 5 }, () => memory.remember({ kind: 'note', text: 'queued' }, { signal: queued.signal }))
    queued.abort()
    running.abort()
    await Promise.all([...first, ...last].map(expectAborted))
    expect(memory.stats().memories).toBe(0)
  })

  test('that comes too late changes nothing', async () => {
    const memory = await openNew()
    const controller = new AbortController()
    const id = await memory.remember({ kind: 'note', text: 'bass' }, { signal: controller.signal })
    controller.abort()
    expect((await memory.get(id))?.text).toBe('bass')
  })

  test('used a hundred times has no listener left, whatever became of the calls', async () => {
    const memory = await openNew()
    const { signal } = new AbortController()
    for (let i = 0; i < 50; i++) await memory.remember({ kind: 'note', text: `take ${i}` }, { signal })
    await Promise.all(Array.from({ length: 25 }, () => memory.search('take', { signal })))
    for (let i = 0; i < 25; i++) await failure(() => memory.remember({ kind: 'note', text: ' ' }, { signal }))
    await failure(() => memory.search('x', { signal, limit: 0 }))
    await failure(() => memory.search(5 as never, { signal }))
    await failure(() => memory.rememberMany([{ kind: 'note', text: 'x', data: 1n }], { signal }))
    expect(listeners(signal)).toBe(0)
  })

  test.each<[string, unknown]>([
    ['a string', 'abort'], ['a number', 1], ['null', null], ['an empty object', {}], ['a function', () => {}], ['true', true],
    ['the controller', new AbortController()], ['an object that only looks like one', { aborted: false }], ['an object with a wrong aborted', { aborted: 'no' }],
  ])('that is %s is refused', async (_, signal) => {
    const memory = await openNew()
    const options = { signal } as never
    for (const call of [
      () => memory.compress('a', options), () => memory.compressMany(['a'], options), () => memory.remember({ kind: 'note', text: 'a' }, options),
      () => memory.rememberMany([], options), () => memory.search('a', options), () => memory.update('x', {}, options), () => memory.reindex(options),
    ]) {
      const error = await failure(call)
      expect([error.code, error.message]).toEqual(['PM_BAD_OPTION', expect.stringMatching(/signal.*AbortSignal/)])
    }
  })

  test('left undefined is none', async () => {
    const memory = await openNew()
    await memory.remember({ kind: 'note', text: 'a' }, { signal: undefined })
    await memory.compressMany(['a'], { signal: undefined, onProgress: undefined })
    expect((await memory.search('a', { signal: undefined })).length).toBe(1)
  })
})

describe('progress', () => {
  test.each<[string, (memory: PrimeMemory, onProgress: (p: Progress) => void) => Promise<unknown>]>([
    ['compressMany', (memory, onProgress) => memory.compressMany(texts(50), { onProgress })],
    ['rememberMany', (memory, onProgress) => memory.rememberMany(items(50), { onProgress })],
  ])('of %s rises to the end', async (_, call) => {
    const told: Progress[] = []
    await call(await openNew(), (progress) => told.push(progress))
    expect(told.length).toBeGreaterThan(2)
    expect(told.at(-1)).toEqual({ done: 50, total: 50 })
    for (const [i, { done, total }] of told.entries()) {
      expect(total).toBe(50)
      expect(done).toBeGreaterThanOrEqual(told[i - 1]?.done ?? 0)
    }
    expect(told.filter(({ done }) => done === 50).length).toBe(1)
  })

  test('is told at most every 30 ms', async () => {
    const memory = await openNew()
    const at: number[] = []
    const begun = performance.now()
    await memory.rememberMany(items(60), { onProgress: () => at.push(performance.now()) })
    expect(at.length).toBeLessThanOrEqual((performance.now() - begun) / 30 + 2)
  })

  test('of nothing at all is told once', async () => {
    const told: Progress[] = []
    await (await openNew()).rememberMany([], { onProgress: (progress) => told.push(progress) })
    expect(told).toEqual([{ done: 0, total: 0 }])
  })

  test('that throws cancels the job, and the very same thing reaches the caller', async () => {
    const memory = await openNew()
    for (const thrown of [new RangeError('enough'), { plain: 'object' }, 'a string', undefined]) {
      let calls = 0
      const call = memory.rememberMany(items(300), {
        onProgress: () => {
          calls++
          throw thrown
        },
      })
      const caught = await call.then(() => ({ nothing: true }), (error) => ({ error }))
      expect(caught).toEqual({ error: thrown })
      expect((caught as { error: unknown }).error).toBe(thrown)
      expect(calls).toBe(1)
      expect(memory.stats().memories).toBe(0)
    }
  })

  test('may cancel by the signal, and may call back into the memory', async () => {
    const memory = await openNew()
    const controller = new AbortController()
    const inner: Promise<unknown>[] = []
    const onProgress = () => {
      memory.stats()
      inner.push(memory.search('drums'))
      controller.abort()
    }
    await expectAborted(memory.rememberMany(items(300), { signal: controller.signal, onProgress }))
    await Promise.all(inner)
    expect(memory.stats().memories).toBe(0)
  })

  test('does not hold up blocking calls that are made meanwhile', async () => {
    const memory = await openNew({ threads: 1 })
    const job = memory.rememberMany(items(60), { onProgress: () => memory.compressSync('from within') })
    for (let i = 0; i < 10; i++) {
      await wait(15)
      memory.compressSync(`meanwhile ${i}`)
      memory.searchSync('drums')
    }
    memory.rememberSync({ kind: 'note', text: 'meanwhile' })
    expect((await job).length).toBe(60)
    expect(memory.stats().memories).toBe(61)
  })

  test.each([[5], ['f'], [null], [{}]])('that is %p is refused', async (onProgress) => {
    const memory = await openNew()
    const error = await failure(() => memory.rememberMany([], { onProgress } as never))
    expect([error.code, error.message]).toEqual(['PM_BAD_OPTION', expect.stringContaining('onProgress')])
  })
})

test('the event loop goes on while a hundred texts are encoded', async () => {
  const memory = await openNew()
  let ticks = 0
  const timer = setInterval(() => ticks++, 5)
  const begun = Date.now()
  await memory.rememberMany(items(100))
  clearInterval(timer)
  expect(ticks).toBeGreaterThan((Date.now() - begun) / 5 / 4)
})
