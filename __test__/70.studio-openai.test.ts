import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import OpenAI from 'openai'
import { getPrimeBrainLLM } from '@mixxclub/prime-memory/prime-brain-llm'
import { close, configure, gemini, openAICompatible, type ProviderFunction, type ProviderRequest } from '@mixxclub/prime-memory/studio'
import { all, freshStudio } from './support/drop-ins'
import { startProvider, type ProviderServer } from './support/provider-server'
import { cleanUp, failure, until } from './support/studio'

let server: ProviderServer
const llm = getPrimeBrainLLM()

beforeAll(async () => void (server = await startProvider()))
afterEach(async () => {
  close()
  await cleanUp()
})
afterAll(() => server.close())

describe.each([
  ['the openai SDK', () => openAICompatible({ model: 'llama3.2:3b', client: new OpenAI({ apiKey: 'key', baseURL: `${server.url}/v1` }) })],
  ['fetch', () => openAICompatible({ model: 'llama3.2:3b', baseUrl: `${server.url}/v1/`, apiKey: 'key' })],
])('an OpenAI-compatible endpoint through %s', (_, provider) => {
  const begin = () => {
    server.seen.length = 0
    freshStudio({ localStorage: null, provider: provider(), prices: { 'llama3.2:3b': { input: 1, output: 10 } } })
  }

  test('asks, counts tokens, and keeps the answer under its own model', async () => {
    begin()
    server.next({ text: 'cut 200 Hz', usage: { input: 1_000, output: 200 } })
    expect(await llm.generateText('tame it', { bpm: 120 }, { systemPrompt: 'be brief', maxTokens: 50 })).toBe('cut 200 Hz')
    expect(await llm.generateText('tame it', { bpm: 120 }, { systemPrompt: 'be brief', maxTokens: 50 })).toBe('cut 200 Hz')
    expect(server.seen).toHaveLength(1)
    expect(server.seen[0]).toMatchObject({ model: 'llama3.2:3b', system: 'be brief', body: { max_tokens: 50, temperature: 0.7 } })
    expect(llm.getCacheStats().totalSaved).toBeCloseTo(0.003, 9)
    configure({ provider: gemini({ apiKey: 'key', baseUrl: server.url }) })
    expect(await llm.generateText('tame it', { bpm: 120 }, { systemPrompt: 'be brief', maxTokens: 50 })).not.toBe('cut 200 Hz')
  })

  test('streams, keeps what ended well, with its tokens', async () => {
    begin()
    const text = 'Move the snare 10 ms later and it sits behind the beat.'
    server.next({ text, usage: { input: 100, output: 20 } })
    expect(await all(llm.generateTextStream('groove'))).toBe(text)
    expect(await all(llm.generateTextStream('groove'))).toBe(text)
    expect(server.seen).toHaveLength(1)
    expect(llm.getCacheStats().totalSaved).toBeCloseTo(0.0003, 9)
  })

  test('a cut stream is not kept', async () => {
    begin()
    for (const broken of [false, true]) {
      server.next({ text: 'a long answer that never gets to its end', cutAfter: 2, broken })
      await failure(() => all(llm.generateTextStream('cut off')))
    }
    expect(await llm.generateText('cut off')).toMatch(/^answer/)
  })

  test('429 and 500 are asked again, as often as we say and no more', async () => {
    begin()
    server.next({ status: 429, headers: { 'retry-after': '0' } }, { status: 500 }, { text: 'at last' })
    expect(await llm.generateText('patience')).toBe('at last')
    expect(server.seen).toHaveLength(3)
    configure({ retries: 0 })
    server.next({ status: 500 })
    expect(await failure(() => llm.generateText('down'))).toMatchObject({ status: 500 })
    expect(server.seen).toHaveLength(4)
  })

  test('what the endpoint asks to wait is waited', async () => {
    begin()
    server.next({ status: 429, headers: { 'retry-after': '1' } }, { text: 'now' })
    await llm.generateText('wait')
    expect(server.seen[1]!.at - server.seen[0]!.at).toBeGreaterThanOrEqual(990)
  })

  test('malformed JSON is an error and is not kept', async () => {
    begin()
    server.next({ malformed: true })
    await failure(() => llm.generateText('broken'))
    expect(await llm.generateText('broken')).toMatch(/^answer/)
  })

  test('a cancelled request is closed', async () => {
    begin()
    server.next({ text: 'late', delayMs: 2_000 })
    const controller = new AbortController()
    const left = failure(() => llm.generateText('cancel', undefined, { signal: controller.signal }))
    await until(() => server.seen.length === 1)
    controller.abort()
    expect(await left).toMatchObject({ name: 'AbortError', code: 'PM_ABORTED' })
    await until(() => server.seen[0]!.closedEarly)
  })

  test('an image is sent as a data URL', async () => {
    begin()
    await llm.analyzeImage('aGVsbG8=', 'what is this?', 'image/png')
    expect(server.seen[0]!.body.messages[0].content).toEqual([
      { type: 'image_url', image_url: { url: 'data:image/png;base64,aGVsbG8=' } },
      { type: 'text', text: 'what is this?' },
    ])
  })

  test('what it does not have is said', async () => {
    begin()
    expect(() => llm.models).toThrow(expect.objectContaining({ code: 'PM_PROVIDER' }))
    expect(await failure(() => llm.createLiveSession())).toMatchObject({ code: 'PM_PROVIDER' })
  })
})

describe('a function of the caller\'s', () => {
  const asked: ProviderRequest[] = []
  const begin = (provider: ProviderFunction) => {
    asked.length = 0
    freshStudio({ localStorage: null, provider: (request) => (asked.push(request), provider(request)) })
  }

  test.each<[string, ProviderFunction]>([
    ['a text', () => 'cut 200 Hz'],
    ['the promise of one', async () => 'cut 200 Hz'],
    ['an answer with usage', async () => ({ text: 'cut 200 Hz', usage: { inputTokens: 1, outputTokens: 2 } })],
    ['a stream of texts', async function* () { yield 'cut '; yield '200 Hz' }],
    ['a stream of pieces', async function* () { yield { text: 'cut ' }; yield { text: '200 Hz', usage: { outputTokens: 2 } } }],
  ])('may give %s', async (_, provider) => {
    begin(provider)
    expect(await llm.generateText('whole')).toBe('cut 200 Hz')
    expect(await all(llm.generateTextStream('streamed'))).toBe('cut 200 Hz')
    expect([await llm.generateText('whole'), await llm.generateText('streamed')]).toEqual(['cut 200 Hz', 'cut 200 Hz'])
    expect(asked).toHaveLength(2)
    expect(asked[0]).toMatchObject({ model: 'gemini-2.5-flash', prompt: 'whole', temperature: 0.7, signal: expect.anything() })
  })

  test('its own error reaches the caller as it is, at once', async () => {
    const mine = new Error('out of credit')
    begin(() => { throw mine })
    expect(await failure(() => llm.generateText('x'))).toBe(mine)
    expect(await failure(() => all(llm.generateTextStream('x')))).toBe(mine)
    expect(asked).toHaveLength(2)
  })

  test('one that hangs and looks at no signal is ended all the same', async () => {
    const never = new Promise<string>(() => undefined)
    begin(() => never)
    expect(await failure(() => llm.generateText('x', undefined, { timeoutMs: 50 }))).toMatchObject({ code: 'PM_TIMEOUT' })
    expect(await failure(() => all(llm.generateTextStream('x', undefined, { timeoutMs: 50 })))).toMatchObject({ code: 'PM_TIMEOUT' })
    configure({ provider: async function* () { yield 'a piece'; yield await never } })
    expect(await failure(() => all(llm.generateTextStream('x', undefined, { timeoutMs: 50 })))).toMatchObject({ code: 'PM_TIMEOUT' })
    const controller = new AbortController()
    const left = failure(() => llm.generateText('y', undefined, { signal: controller.signal }))
    controller.abort()
    expect(await left).toMatchObject({ code: 'PM_ABORTED' })
    configure({ provider: () => 'works' })
    expect(await llm.generateText('x')).toBe('works')
  })

  test('a thousand equal requests at once make one call', async () => {
    begin(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      return 'one'
    })
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => llm.generateText('all at once')))
    expect([new Set(answers), asked.length]).toEqual([new Set(['one']), 1])
  })

  test('without the memory they make one call, too', async () => {
    begin(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50))
      return 'one'
    })
    configure({ path: __dirname })
    const answers = await Promise.all(Array.from({ length: 100 }, () => llm.generateText('all at once')))
    expect([new Set(answers), asked.length]).toEqual([new Set(['one']), 1])
  })
})
