import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { getPrimeBrainLLM, type AudioContext } from '@mixxclub/prime-memory/prime-brain-llm'
import { close, configure, gemini } from '@mixxclub/prime-memory/studio'
import { BROKEN, freshStudio, warnings } from './support/drop-ins'
import { startProvider, type ProviderServer } from './support/provider-server'
import { cleanUp, failure, until } from './support/studio'

// The real @google/genai, pointed at a server of ours.
let server: ProviderServer
const llm = getPrimeBrainLLM()

beforeAll(async () => void (server = await startProvider()))
beforeEach(() => {
  server.seen.length = 0
  freshStudio({ localStorage: null, provider: gemini({ apiKey: 'key', baseUrl: server.url }) })
})
afterEach(async () => {
  close()
  await cleanUp()
})
afterAll(() => server.close())

async function all(stream: AsyncIterable<string>): Promise<string[]> {
  const pieces: string[] = []
  for await (const piece of stream) pieces.push(piece)
  return pieces
}

test('the assistant is made without a key, and says what is missing when it is asked', async () => {
  configure({ provider: undefined })
  expect(getPrimeBrainLLM()).toBe(llm)
  const error = await failure(() => llm.generateText('hello'))
  expect(error).toMatchObject({ code: 'PM_PROVIDER', message: expect.stringContaining('GEMINI_API_KEY') })
})

test('what is asked reaches Gemini: model, temperature, tokens, system prompt as a role', async () => {
  await llm.generateText('tame the bass', undefined, { temperature: 0, maxTokens: 100, systemPrompt: 'be brief' })
  expect(server.seen[0]).toMatchObject({ model: 'gemini-2.5-flash', prompt: 'tame the bass', system: 'be brief' })
  expect(server.seen[0]!.body.generationConfig).toMatchObject({ temperature: 0, maxOutputTokens: 100 })
})

test('the audio context is told after the question, as the Studio tells it', async () => {
  const context: AudioContext = { bpm: 128, key: 'C minor', chord: 'Cm7', scale: 'minor', lufs: -14, dynamicRange: 8.25 }
  await llm.generateText('what next?', context)
  expect(server.seen[0]!.prompt).toBe(
    'what next?\n\nContext: BPM 128, Key: C minor, Current Chord: Cm7, Scale: minor\nMix Level: -14.0 LUFS, Dynamic Range: 8.3 dB',
  )
})

test('a kept answer is given again without asking', async () => {
  const first = await llm.generateText('how loud for streaming?')
  expect(await llm.generateText('how loud for streaming?')).toBe(first)
  expect(await llm.generateText('how loud for streaming?', undefined, { temperature: 0.7 })).toBe(first)
  expect(server.seen).toHaveLength(1)
  expect(llm.getCacheStats()).toMatchObject({ hits: 2, misses: 1, totalCached: 1 })
})

test('useCache: false neither reads nor keeps', async () => {
  await llm.generateText('once', undefined, { useCache: false })
  await llm.generateText('once', undefined, { useCache: false })
  await llm.generateText('once')
  expect(server.seen).toHaveLength(3)
})

test('costs come from the tokens the provider counted', async () => {
  configure({ prices: { 'gemini-2.5-flash': { input: 1, output: 10 } } })
  server.next({ text: 'use -14 LUFS', usage: { input: 1_000, output: 150, thoughts: 50 } })
  await llm.generateText('how loud?')
  await llm.generateText('how loud?')
  expect(llm.getCacheStats().totalSaved).toBeCloseTo(0.003, 9)
})

test('an empty answer is given but not kept', async () => {
  server.next({ text: '' }, { text: 'now' })
  expect(await llm.generateText('say nothing')).toBe('')
  expect(await llm.generateText('say nothing')).toBe('now')
})

test('equal requests under way at once make one call, and an error reaches all and is not kept', async () => {
  server.next({ text: 'one', delayMs: 100 })
  expect(new Set(await Promise.all(Array.from({ length: 50 }, () => llm.generateText('all at once'))))).toEqual(new Set(['one']))
  expect(server.seen).toHaveLength(1)
  server.next({ status: 400, delayMs: 50 })
  const failed = await Promise.all(Array.from({ length: 5 }, () => failure(() => llm.generateText('all wrong'))))
  expect(failed.map((error) => (error as { status?: number }).status)).toEqual([400, 400, 400, 400, 400])
  server.next({ text: 'right' })
  expect(await llm.generateText('all wrong')).toBe('right')
})

test('429 and 5xx are asked again, other refusals are not', async () => {
  server.next({ status: 429 }, { status: 500 }, { status: 503 }, { text: 'at last' })
  expect(await llm.generateText('patience')).toBe('at last')
  expect(server.seen).toHaveLength(4)
  server.next({ status: 400 })
  await failure(() => llm.generateText('bad request'))
  expect(server.seen).toHaveLength(5)
})

test('the retries are as many as configured', async () => {
  configure({ retries: 1 })
  server.next({ status: 500 }, { status: 500 }, { status: 500 })
  expect(await failure(() => llm.generateText('down'))).toMatchObject({ status: 500 })
  expect(server.seen).toHaveLength(2)
  server.next()
  await llm.generateText('drains the queue', undefined, { useCache: false })
})

test('waits double, less a random part', async () => {
  configure({ backoffMs: 80 })
  server.next({ status: 500 }, { status: 500 }, { text: 'up again' })
  await llm.generateText('backoff')
  const [first, second, third] = server.seen.map(({ at }) => at) as [number, number, number]
  expect(second - first).toBeGreaterThanOrEqual(39)
  expect(third - second).toBeGreaterThanOrEqual(79)
  expect(third - second).toBeLessThan(1_000)
})

test('malformed JSON is an error and is not kept', async () => {
  server.next({ malformed: true })
  await failure(() => llm.generateText('broken'))
  expect(await llm.generateText('broken')).toMatch(/^answer/)
})

test('an answer held back is an error, not an empty answer', async () => {
  server.next({ text: '', finish: 'SAFETY' })
  expect(await failure(() => llm.generateText('no'))).toMatchObject({ code: 'PM_PROVIDER', message: expect.stringContaining('SAFETY') })
})

test('a time limit ends a slow request', async () => {
  server.next({ text: 'too late', delayMs: 5_000 })
  const begun = Date.now()
  expect(await failure(() => llm.generateText('slow', undefined, { timeoutMs: 100 }))).toMatchObject({ code: 'PM_TIMEOUT' })
  expect(Date.now() - begun).toBeLessThan(2_000)
  await until(() => server.seen[0]!.closedEarly)
})

test('a cancelled caller leaves; the call ends with the last who waits', async () => {
  server.next({ text: 'for the second', delayMs: 300 })
  const [one, two] = [new AbortController(), new AbortController()]
  const first = failure(() => llm.generateText('shared', undefined, { signal: one.signal }))
  const second = llm.generateText('shared', undefined, { signal: two.signal })
  await until(() => server.seen.length === 1)
  one.abort()
  expect(await first).toMatchObject({ name: 'AbortError', code: 'PM_ABORTED' })
  expect(await second).toBe('for the second')

  server.next({ text: 'for nobody', delayMs: 2_000 })
  const alone = new AbortController()
  const left = failure(() => llm.generateText('alone', undefined, { signal: alone.signal }))
  await until(() => server.seen.length === 2)
  alone.abort()
  expect(await left).toMatchObject({ name: 'AbortError', code: 'PM_ABORTED' })
  await until(() => server.seen[1]!.closedEarly)
})

test('requests are spaced, also when many wait', async () => {
  configure({ spacingMs: 100 })
  await Promise.all([1, 2, 3, 4].map((n) => llm.generateText(`number ${n}`)))
  const times = server.seen.map(({ at }) => at).sort((a, b) => a - b)
  for (let i = 1; i < times.length; i++) expect(times[i]! - times[i - 1]!).toBeGreaterThanOrEqual(85)
})

test('a stream arrives in pieces, is kept when it ended well, and is replayed', async () => {
  const text = 'Cut 200 Hz by 3 dB on the bass, then compare with the kick in mono.'
  server.next({ text, usage: { input: 10, output: 20 } })
  const pieces = await all(llm.generateTextStream('muddy low end'))
  expect(pieces.length).toBeGreaterThan(3)
  expect(pieces.join('')).toBe(text)
  const replayed = await all(llm.generateTextStream('muddy low end'))
  expect(replayed.join('')).toBe(text)
  expect(replayed.length).toBeGreaterThan(1)
  expect(await llm.generateText('muddy low end')).toBe(text)
  expect(server.seen).toHaveLength(1)
})

test('a stream that is cut or breaks throws and is not kept', async () => {
  const text = 'a long answer that never gets to its end because something breaks'
  for (const broken of [false, true]) {
    server.next({ text, cutAfter: 3, broken })
    const got: string[] = []
    const error = await failure(async () => {
      for await (const piece of llm.generateTextStream('cut off')) got.push(piece)
    })
    expect(error).toBeInstanceOf(Error)
    expect(got.join('')).toBe(text.slice(0, 24))
  }
  server.next({ text: 'whole' })
  expect((await all(llm.generateTextStream('cut off'))).join('')).toBe('whole')
})

test('a stream that is left is closed and not kept', async () => {
  server.next({ text: 'x'.repeat(4_000) })
  for await (const _ of llm.generateTextStream('leave early')) break
  await until(() => server.seen[0]!.closedEarly)
  server.next({ text: 'whole' })
  expect(await llm.generateText('leave early')).toBe('whole')
})

test('a stream is cancelled by its signal', async () => {
  server.next({ text: 'x'.repeat(4_000) })
  const controller = new AbortController()
  const error = await failure(async () => {
    for await (const _ of llm.generateTextStream('cancel', undefined, { signal: controller.signal })) controller.abort()
  })
  expect(error).toMatchObject({ name: 'AbortError', code: 'PM_ABORTED' })
  expect(await llm.generateText('cancel')).toMatch(/^answer/)
})

test('a stream is begun again while nothing has arrived, not later', async () => {
  server.next({ status: 503 }, { text: 'second try' })
  expect((await all(llm.generateTextStream('again'))).join('')).toBe('second try')
  expect(server.seen).toHaveLength(2)
})

test('thinking mode: model and budget reach Gemini, and are another request', async () => {
  await all(llm.generateTextStream('think', undefined, { model: 'gemini-2.5-pro', thinkingConfig: { thinkingBudget: 32_768 } }))
  expect(server.seen[0]).toMatchObject({ model: 'gemini-2.5-pro' })
  expect(server.seen[0]!.body.generationConfig.thinkingConfig).toEqual({ thinkingBudget: 32_768 })
  await all(llm.generateTextStream('think', undefined, { model: 'gemini-2.5-pro' }))
  await all(llm.generateTextStream('think'))
  expect(server.seen).toHaveLength(3)
})

test('analyzeAudio: the measurements stand in the prompt, an answer in JSON is structured', async () => {
  server.next({ text: '```json\n{ "issues": ["mud"] }\n```' })
  const result = await llm.analyzeAudio(null, {
    type: 'mix-analysis',
    context: { lufs: -9.25, dynamicRange: 6, spectralBalance: { low: 0.418, mid: 0.4, high: 0.182 } },
  })
  expect(result).toMatchObject({ structured: { issues: ['mud'] }, model: 'gemini-2.5-flash' })
  const [{ prompt, body }] = server.seen as [typeof server.seen[0]]
  for (const part of ['-9.3 LUFS', '6.0 dB', '42%', '40%', '18%']) expect(prompt).toContain(part)
  expect(body.generationConfig).toMatchObject({ temperature: 0.3, maxOutputTokens: 300 })
})

test.each([
  ['music-context', { chroma: [0.125, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0] }, ['C: 0.13', 'G: 1.00', 'BPM: unknown', '4/4']],
  ['mix-analysis', {}, ['N/A LUFS', 'Low (20-250 Hz): N/A']],
  ['preset-suggestion', { genre: 'Drill', source: '808', pluginType: 'MixxSaturate' }, ['Drill', '808', 'MixxSaturate']],
  ['auto-tune-settings', { vocalStyle: 'melodic rap', audioFeatures: { pitchVariance: 0.2 } }, ['melodic rap', 'pitchVariance']],
] as const)('%s: what is known is told, nothing reads "undefined"', async (type, additionalData, parts) => {
  await llm.analyzeAudio(undefined, { type, additionalData: { ...additionalData } })
  for (const part of parts) expect(server.seen[0]!.prompt).toContain(part)
  expect(server.seen[0]!.prompt).not.toMatch(/undefined|NaN|null/)
  expect(server.seen[0]!.system).toBeTruthy()
})

test('one number apart is another analysis', async () => {
  const analyse = (lufs: number) => llm.analyzeAudio(null, { type: 'mix-analysis', context: { lufs, dynamicRange: 8 } })
  const answers = [await analyse(-14), await analyse(-9), await analyse(-14)]
  expect(server.seen.length).toBeGreaterThanOrEqual(2)
  expect(answers[0]!.content).not.toBe(answers[1]!.content)
})

test('analyzeImage: the image goes first, nothing is cached', async () => {
  await llm.analyzeImage('aGVsbG8=', 'what is this?')
  await llm.analyzeImage('aGVsbG8=', 'what is this?', 'image/png')
  expect(server.seen).toHaveLength(2)
  expect(server.seen[0]!.body.contents[0].parts).toEqual([
    { inlineData: { mimeType: 'image/jpeg', data: 'aGVsbG8=' } },
    { text: 'what is this?' },
  ])
  expect(server.seen[1]!.body.contents[0].parts[0].inlineData.mimeType).toBe('image/png')
})

test('models and live are the SDK\'s own', async () => {
  const response = await llm.models.generateContent!({ model: 'gemini-2.5-flash-preview-tts', contents: [{ parts: [{ text: 'speak' }] }] })
  expect(response.text).toBe('answer 1')
  expect(server.seen[0]!.model).toBe('gemini-2.5-flash-preview-tts')
  expect(typeof llm.live.connect).toBe('function')
})

test('a broken store costs the cache, not the answer, and says so once', async () => {
  configure(BROKEN)
  server.next({ text: 'one' }, { text: 'two' })
  expect([await llm.generateText('a question'), await llm.generateText('a question')]).toEqual(['one', 'two'])
  expect(warnings).toHaveLength(1)
})
