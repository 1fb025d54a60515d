import { afterEach, expect, test } from '@jest/globals'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getCachedResponse, setCachedResponse } from '@mixxclub/prime-memory/prime-brain-cache'
import { getClaraEmbedding } from '@mixxclub/prime-memory/clara-embedding'
import { getClaraVectorStorage } from '@mixxclub/prime-memory/clara-vector-storage'
import { getPrimeBrainLLM, type GenerateOptions } from '@mixxclub/prime-memory/prime-brain-llm'
import { close, configure, gemini, openAICompatible, type Provider, type ProviderPiece } from '@mixxclub/prime-memory/studio'
import { all, freshStudio, warnings } from './support/drop-ins'
import { cleanUp, failure, until } from './support/studio'

const llm = getPrimeBrainLLM()
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const servers: Server[] = []

/** A server on this machine that writes these parts, one after the other, and then ends, breaks, or stays open. */
async function sending(parts: string[], then: 'end' | 'break' | 'stay open' = 'end'): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on('end', async () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const part of parts) {
        response.write(part)
        await pause(10)
      }
      if (then === 'end') response.end()
      if (then === 'break') response.destroy()
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

afterEach(async () => {
  close()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
  await cleanUp()
})

/** A provider that tells when each request came. */
function timed(spacingMs: number) {
  const at: number[] = []
  freshStudio({ localStorage: null, spacingMs, provider: async ({ prompt }) => (at.push(performance.now()), prompt) })
  return at
}

const gaps = (at: number[]) => at.slice(1).map((time, i) => time - at[i]!)

test.each([
  ['cancelled', (signal: AbortSignal) => ({ signal }), 'PM_ABORTED'],
  ['timed out', () => ({ timeoutMs: 50 }), 'PM_TIMEOUT'],
])('a request that is %s before it was sent keeps no other waiting', async (_, options, code) => {
  const at = timed(300)
  const cancel = new AbortController()
  await llm.generateText('sent', undefined, { useCache: false })
  const gone = [1, 2, 3, 4].map((i) => failure(() => llm.generateText(`gone ${i}`, undefined, { useCache: false, ...options(cancel.signal) })))
  const stays = llm.generateText('stays', undefined, { useCache: false })
  await pause(60)
  cancel.abort()
  for (const error of await Promise.all(gone)) expect(error).toMatchObject({ code })
  expect(await stays).toBe('stays')
  expect(at).toHaveLength(2)
  expect(gaps(at)[0]).toBeGreaterThanOrEqual(280)
  expect(gaps(at)[0]).toBeLessThan(1_000)
})

test('requests go out in the order they were made, spacingMs apart', async () => {
  timed(60)
  const sent: string[] = []
  const at: number[] = []
  configure({ provider: async ({ prompt }) => (sent.push(prompt), at.push(performance.now()), prompt) })
  await Promise.all(['1', '2', '3', '4'].map((prompt) => llm.generateText(prompt, undefined, { useCache: false, useMixxRecall: false })))
  expect(sent).toEqual(['1', '2', '3', '4'])
  for (const gap of gaps(at)) expect(gap).toBeGreaterThanOrEqual(50)
})

test('another spacingMs counts for those who wait already', async () => {
  const at = timed(0)
  await llm.generateText('sent', undefined, { useCache: false })
  configure({ spacingMs: 60_000 })
  const waiting = [1, 2].map((i) => llm.generateText(`waits ${i}`, undefined, { useCache: false }))
  await pause(20)
  configure({ spacingMs: 50 })
  await Promise.all(waiting)
  expect(gaps(at)[0]).toBeLessThan(2_000)
  expect(gaps(at)[1]).toBeGreaterThanOrEqual(40)
})

/** A provider whose stream tells these texts, 150 ms apart. */
const thinking = (texts: string[]): Provider => ({
  name: 'test',
  generate: async () => ({ text: texts.join('') }),
  async *stream() {
    for (const text of texts) {
      await pause(150)
      yield { text }
    }
    yield { text: '', finished: true }
  },
})

test.each([false, true])('each piece of a stream begins its time anew, one without a text too, useCache %s', async (useCache) => {
  freshStudio({ localStorage: null, provider: thinking(['a', '', '', 'b']) })
  const pieces = []
  for await (const piece of llm.generateTextStream('think', undefined, { useCache, timeoutMs: 400 })) pieces.push(piece)
  expect(pieces).toEqual(['a', 'b'])
})

test.each([false, true])('a stream that brings nothing in time is cut, useCache %s', async (useCache) => {
  freshStudio({ localStorage: null, provider: thinking(['a', '', '', 'b']) })
  expect(await failure(() => all(llm.generateTextStream('think', undefined, { useCache, timeoutMs: 75 })))).toMatchObject({ code: 'PM_TIMEOUT' })
})

test('the time limit of a text is for the whole of it, though a stream of it brings pieces', async () => {
  freshStudio({ localStorage: null, provider: thinking(['a', '', '', 'b']) })
  const stream = all(llm.generateTextStream('think'))
  expect(await failure(() => llm.generateText('think', undefined, { timeoutMs: 400 }))).toMatchObject({ code: 'PM_TIMEOUT' })
  expect(await stream).toBe('ab')
})

test('the first piece of an OpenAI-compatible stream is given out when it comes', async () => {
  const client = { chat: { completions: { create: async () => chunks() } } }
  async function* chunks() {
    for (const [content, finish_reason] of [['a', null], ['b', null], ['c', 'stop']]) {
      yield { choices: [{ delta: { content }, finish_reason }] }
      await pause(400)
    }
  }
  freshStudio({ localStorage: null, provider: openAICompatible({ model: 'm', client }) })
  getCachedResponse('opens the memory')
  const began = performance.now()
  const stream = llm.generateTextStream('at once', undefined, { useCache: false })
  expect((await stream.next()).value).toBe('a')
  expect(performance.now() - began).toBeLessThan(350)
  expect(await all(stream)).toBe('bc')
})

/** Counts streams that were begun and closed. */
function closing() {
  const count = { begun: 0, closed: 0 }
  async function* stream(): AsyncGenerator<ProviderPiece> {
    count.begun += 1
    try {
      for (;;) {
        await pause(100)
        yield { text: 'on and on ' }
      }
    } finally {
      count.closed += 1
    }
  }
  return { count, stream }
}

test.each([
  ['a stream', true, (options: GenerateOptions) => all(llm.generateTextStream('cancelled', undefined, options))],
  ['a stream', false, (options: GenerateOptions) => all(llm.generateTextStream('cancelled', undefined, options))],
  ['a text', true, (options: GenerateOptions) => llm.generateText('cancelled', undefined, options)],
  ['a text', false, (options: GenerateOptions) => llm.generateText('cancelled', undefined, options)],
])("the provider's stream is closed when %s is cancelled before its first piece, useCache %s", async (_, useCache, ask) => {
  const { count, stream } = closing()
  freshStudio({ localStorage: null, provider: stream })
  const cancel = new AbortController()
  const cancelled = failure(() => ask({ useCache, signal: cancel.signal }))
  await until(() => count.begun === 1)
  cancel.abort()
  expect(await cancelled).toMatchObject({ code: 'PM_ABORTED' })
  await until(() => count.closed === 1, 2_000)
})

test('an option that is not known is warned of, not sent, and no part of the request', async () => {
  let calls = 0
  freshStudio({ localStorage: null, provider: async () => `answer ${++calls}` })
  const circular: Record<string, unknown> = {}
  circular.self = circular
  for (const odd of [{ element: circular }, { id: 1n }, { seed: NaN }, { seed: 5 }, { onToken: () => 1 }, { id: Symbol('x') }]) {
    expect(await llm.generateText('which reverb?', {}, odd as GenerateOptions)).toBe('answer 1')
  }
  expect(getCachedResponse('which reverb?')).toBe('answer 1')
  expect(warnings.map((warning) => /options\.(\w+)/.exec(warning)?.[1])).toEqual(['element', 'id', 'seed', 'onToken'])
})

test('an option that means nothing is refused by the assistant, and by the cache as a miss with a warning', async () => {
  freshStudio({ localStorage: null, provider: async () => 'an answer' })
  expect(await failure(() => llm.generateText('how hot?', {}, { temperature: NaN }))).toMatchObject({ code: 'PM_BAD_OPTION' })
  expect(warnings).toEqual([])
  setCachedResponse('how hot?', 'an answer', {}, { temperature: NaN })
  expect(getCachedResponse('how hot?')).toBeNull()
  expect(warnings).toEqual([expect.stringContaining('temperature')])
})

test('inside an option the cache takes numbers as the assistant sends them', async () => {
  freshStudio({ localStorage: null, provider: async () => 'an answer' })
  const options = { thinkingConfig: { thinkingBudget: NaN } }
  await llm.generateText('how deep?', undefined, options)
  expect(getCachedResponse('how deep?', undefined, options)).toBe('an answer')
})

const data = (content: string, finish_reason: string | null = null) => `data: ${JSON.stringify({ choices: [{ delta: { content }, finish_reason }] })}`
const [FIRST, LAST] = [data('a'), data('b', 'stop')]

test.each<[string, string[]]>([
  ['whose last line has no end', [`${FIRST}\n\n${LAST}`]],
  ['whose lines end in CR', [`${FIRST}\r\r${LAST}\r\rdata: [DONE]\r\r`]],
  ['that comes with a CR and its LF apart', [`${FIRST}\r`, `\n\r`, `\n${LAST}\r\n\r\n`]],
  ['that comes letter by letter', [...`${FIRST}\r\n\r\n${LAST}\r\n`]],
  ['with an empty event', [`data:\n\n${FIRST}\n\ndata: \n\n${LAST}\n\n`]],
  ['with an event in two lines', [`${FIRST}\n\ndata: {"choices":[{"delta":{"content":"b"},\ndata: "finish_reason":"stop"}]}\n\n`]],
  ['with comments and other fields', [`: ping\n\nid: 1\n${FIRST}\n\nevent: x\n${LAST}\nretry: 5\n\n`]],
])('a stream of events %s is read whole and kept', async (_, parts) => {
  const baseUrl = await sending(parts)
  freshStudio({ localStorage: null, provider: openAICompatible({ model: 'm', baseUrl }) })
  expect(await all(llm.generateTextStream('read'))).toBe('ab')
  expect(getCachedResponse('read', undefined, { model: 'm' })).toBe('ab')
})

test.each<[string, string[], 'end' | 'break']>([
  ['in the middle of its last event', [`${FIRST}\n\n`, LAST.slice(0, -4)], 'end'],
  ['between two lines of an event', [`${FIRST}\n\ndata: {"choices":[{"delta":{"content":"b"},\n`], 'end'],
  ['before it says why it ends', [`${FIRST}\n\n`, data('b')], 'end'],
  ['by a connection that breaks after whole lines', [`${FIRST}\n\n`, LAST], 'break'],
])('a stream of events that is cut %s is an error, and nothing is kept', async (_, parts, then) => {
  const baseUrl = await sending(parts, then)
  freshStudio({ localStorage: null, retries: 0, provider: openAICompatible({ model: 'm', baseUrl }) })
  await failure(() => all(llm.generateTextStream('cut')))
  expect(getCachedResponse('cut', undefined, { model: 'm' })).toBeNull()
})

const response = (text: string, more: object = {}) => `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text }] }, ...more }] })}\r\n\r\n`

test('a stream of Gemini ends soon after it said why, though the connection stays open', async () => {
  const baseUrl = await sending([response('a '), response('b', { finishReason: 'STOP' })], 'stay open')
  freshStudio({ localStorage: null, provider: gemini({ apiKey: 'k', baseUrl }) })
  expect(await all(llm.generateTextStream('hangs', undefined, { timeoutMs: 5_000 }))).toBe('a b')
  expect(getCachedResponse('hangs')).toBe('a b')
})

test('a stream of Gemini that stays open before it said why runs into the time limit', async () => {
  const baseUrl = await sending([response('a '), response('b')], 'stay open')
  freshStudio({ localStorage: null, provider: gemini({ apiKey: 'k', baseUrl }) })
  expect(await failure(() => all(llm.generateTextStream('hangs', undefined, { timeoutMs: 1_000 })))).toMatchObject({ code: 'PM_TIMEOUT' })
  expect(getCachedResponse('hangs')).toBeNull()
})

test('a limit of similar vectors is the end of a slice, as in the prototype', async () => {
  freshStudio({ localStorage: null })
  const [clara, storage] = [getClaraEmbedding(), getClaraVectorStorage()]
  const texts = ['kick', 'kick drum', 'kick drum sample']
  for (const text of texts) await storage.storeEmbedding(await clara.generateEmbedding(text), { type: 'cache' })
  const { embedding } = await clara.generateEmbedding('kick')
  for (const limit of [0, 1, 1.5, 2, 20.3, 300.7, Infinity, NaN, -1]) {
    expect([limit, (await storage.findSimilar(embedding, 'cache', -1, limit)).length]).toEqual([limit, texts.slice(0, limit).length])
  }
})
