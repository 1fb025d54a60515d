import { afterEach, expect, test } from '@jest/globals'
import { getCachedResponse, setCachedResponse } from '@mixxclub/prime-memory/prime-brain-cache'
import { getPrimeBrainLLM } from '@mixxclub/prime-memory/prime-brain-llm'
import { close, type Provider } from '@mixxclub/prime-memory/studio'
import { all, freshStudio } from './support/drop-ins'
import { cleanUp, failure, until } from './support/studio'

const llm = getPrimeBrainLLM()
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Counts its calls, tells which were cancelled, answers in three pieces. */
function provider(ms = 50) {
  const calls: AbortSignal[] = []
  const stream: NonNullable<Provider['stream']> = async function* ({ signal }) {
    const call = calls.push(signal)
    for (const text of ['one ', 'two ', `three ${call}`]) {
      await pause(ms)
      yield { text, finished: text.startsWith('three') }
    }
  }
  const generate: Provider['generate'] = async ({ signal }) => {
    const call = calls.push(signal)
    await pause(ms)
    return { text: `whole ${call}` }
  }
  freshStudio({ localStorage: null, provider: { name: 'test', generate, stream } })
  return calls
}

afterEach(async () => {
  close()
  await cleanUp()
})

test('equal streams under way at once make one call, and who comes late is told what has come', async () => {
  const calls = provider()
  const first = llm.generateTextStream('same')
  expect((await first.next()).value).toBe('one ')
  expect(await Promise.all([all(llm.generateTextStream('same')), all(llm.generateTextStream('same')), all(first)])).toEqual([
    'one two three 1', 'one two three 1', 'two three 1',
  ])
  expect(await llm.generateText('same')).toBe('one two three 1')
  expect(calls).toHaveLength(1)
})

test('a text and a stream of the same request share a call, whichever came first', async () => {
  const calls = provider()
  const [text, stream] = ['text', 'stream'].map((what) => (what === 'text' ? llm.generateText('text first') : all(llm.generateTextStream('text first'))))
  expect(await Promise.all([text, stream])).toEqual(['whole 1', 'whole 1'])
  expect(await Promise.all([all(llm.generateTextStream('stream first')), llm.generateText('stream first')])).toEqual(['one two three 2', 'one two three 2'])
  expect(calls).toHaveLength(2)
})

test('an error in a stream reaches all who follow it, and nothing is kept', async () => {
  let calls = 0
  freshStudio({
    localStorage: null,
    provider: async function* () {
      calls += 1
      yield 'half '
      throw Object.assign(new Error('broken'), { status: 400 })
    },
  })
  const failed = await Promise.all([1, 2, 3].map(() => failure(() => all(llm.generateTextStream('breaks')))))
  expect([failed.map(({ message }) => message), calls]).toEqual([['broken', 'broken', 'broken'], 1])
  expect(getCachedResponse('breaks')).toBeNull()
})

test('who leaves a stream, or cancels it, does not end it for the others; the last does', async () => {
  const calls = provider()
  const cancel = new AbortController()
  const cancelled = failure(() => all(llm.generateTextStream('shared', undefined, { signal: cancel.signal })))
  const stays = all(llm.generateTextStream('shared'))
  for await (const _ of llm.generateTextStream('shared')) break
  cancel.abort()
  expect(await cancelled).toMatchObject({ code: 'PM_ABORTED' })
  expect(await stays).toBe('one two three 1')
  for await (const _ of llm.generateTextStream('left')) break
  await until(() => calls[1]!.aborted)
  expect(await llm.generateText('left')).toBe('whole 3')
})

test('of those who wait for one call, each has a time limit of its own', async () => {
  const calls = provider(300)
  await llm.generateText('loads the model')
  const patient = llm.generateText('slow')
  expect(await failure(() => llm.generateText('slow', undefined, { timeoutMs: 20 }))).toMatchObject({ code: 'PM_TIMEOUT' })
  expect(await failure(() => all(llm.generateTextStream('slow', undefined, { timeoutMs: 20 })))).toMatchObject({ code: 'PM_TIMEOUT' })
  expect(await patient).toBe('whole 2')

  const hasty = failure(() => llm.generateText('slow again', undefined, { timeoutMs: 20 }))
  expect(await llm.generateText('slow again')).toBe('whole 3')
  expect(await hasty).toMatchObject({ code: 'PM_TIMEOUT' })
  expect(calls).toHaveLength(3)
})

test('a kept answer is replayed whole however slowly it is read, and looking it up is in no time limit', async () => {
  provider()
  const kept = 'cut the mud, '.repeat(20)
  setCachedResponse('kept', kept)
  close()
  let read = ''
  for await (const piece of llm.generateTextStream('kept', undefined, { timeoutMs: 1 })) {
    read += piece
    await pause(10)
  }
  expect(read).toBe(kept)
  close()
  expect(await llm.generateText('found by meaning, not kept', undefined, { timeoutMs: 200 })).toBe('whole 1')
})

test('a time limit of Infinity is none, and a very long one does not end at once', async () => {
  provider()
  for (const timeoutMs of [Infinity, 2 ** 31, 1e15]) expect(await llm.generateText(`wait ${timeoutMs}`, undefined, { timeoutMs })).toMatch(/^whole/)
  for (const timeoutMs of [Infinity, 2_592_000_000]) {
    freshStudio({ localStorage: null, timeoutMs, provider: async () => (await pause(20), 'in time') })
    expect(await llm.generateText('wait')).toBe('in time')
  }
})
