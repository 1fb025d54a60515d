import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { getMixxRecallContext, saveProjectContext } from '@mixxclub/prime-memory/mixx-recall-context'
import { getCacheStats } from '@mixxclub/prime-memory/prime-brain-cache'
import { getPrimeBrainLLM, type AnalysisTask, type AudioContext, type GenerateOptions } from '@mixxclub/prime-memory/prime-brain-llm'
import { close, configure, gemini, type GeminiClient, type Provider, type ProviderRequest } from '@mixxclub/prime-memory/studio'
import { all, freshStudio, warnings } from './support/drop-ins'
import { cleanUp, failure } from './support/studio'

const llm = getPrimeBrainLLM()
let asked: ProviderRequest[]

beforeEach(() => {
  asked = []
  freshStudio({ localStorage: null, provider: (request) => `answer ${asked.push(request)}` })
})
afterEach(async () => {
  close()
  await cleanUp()
})

function circular(): object {
  const value: { self?: object } = {}
  value.self = value
  return value
}

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['an object without a text', { content: 'x' }],
  ['a text that is none', { text: 5 }],
  ['a number', 5],
])('a provider that gives %s is told what an answer is', async (_, given) => {
  const wrong = async () => given as string
  for (const provider of [wrong, { name: 'mine', generate: wrong as unknown as Provider['generate'] }]) {
    configure({ provider })
    for (const call of [() => llm.generateText('x'), () => all(llm.generateTextStream('x')), () => llm.generateText('x', undefined, { useCache: false })]) {
      expect(await failure(call)).toMatchObject({ code: 'PM_PROVIDER', message: expect.stringContaining('text') })
    }
  }
  expect(getCacheStats().totalCached).toBe(0)
})

test('a stream that is none, and pieces without a text, are told apart from answers', async () => {
  for (const stream of [() => 5, async function* () { yield { txt: 'x' } }] as unknown as NonNullable<Provider['stream']>[]) {
    configure({ provider: { name: 'mine', generate: async () => ({ text: 'x' }), stream } })
    expect(await failure(() => all(llm.generateTextStream('x')))).toMatchObject({ code: 'PM_PROVIDER', message: expect.stringContaining('mine') })
  }
})

test('token counts that are no counts do not cost the entry', async () => {
  configure({ provider: async () => ({ text: 'kept', usage: { inputTokens: 1.5, outputTokens: -1 } }) })
  expect([await llm.generateText('x'), await llm.generateText('x')]).toEqual(['kept', 'kept'])
  expect(getCacheStats()).toMatchObject({ hits: 1, totalCached: 1 })
})

test.each<[string, () => unknown]>([
  ['prompt', () => llm.generateText(undefined as unknown as string)],
  ['prompt', () => llm.generateText(5 as unknown as string)],
  ['context', () => llm.generateText('x', 'loud' as unknown as AudioContext)],
  ['options', () => llm.generateText('x', undefined, 5 as GenerateOptions)],
  ['signal', () => llm.generateText('x', undefined, { signal: 5 as unknown as AbortSignal })],
  ['temperature', () => llm.generateText('x', undefined, { temperature: NaN })],
  ['maxTokens', () => llm.generateText('x', undefined, { maxTokens: 0 })],
  ['timeoutMs', () => llm.generateText('x', undefined, { timeoutMs: -5 })],
  ['timeoutMs', () => all(llm.generateTextStream('x', undefined, { timeoutMs: NaN }))],
  ['task', () => llm.analyzeAudio(null, undefined as unknown as AnalysisTask)],
  ['task.type', () => llm.analyzeAudio(null, { type: 'mastering' as 'mix-analysis' })],
  ['task.context', () => llm.analyzeAudio(null, { type: 'mix-analysis', context: 5 as AudioContext })],
  ['task.additionalData', () => llm.analyzeAudio(null, { type: 'mix-analysis', additionalData: 5 as never })],
  ['task', () => llm.analyzeAudio(null, { type: 'auto-tune-settings', additionalData: { audioFeatures: circular() } })],
  ['context', () => llm.generateText('x', circular())],
  ['context', () => llm.generateText('x', { bpm: 1n } as unknown as AudioContext)],
  ['options.thinkingConfig', () => llm.generateText('x', undefined, { thinkingConfig: circular() })],
  ['imageData', () => llm.analyzeImage(undefined as unknown as string, 'what is it?')],
])('what the assistant cannot mean is refused by name: %s', async (name, call) => {
  expect(await failure(call)).toMatchObject({ code: 'PM_BAD_OPTION', message: expect.stringContaining(name) })
  expect(asked).toEqual([])
})

test('a misspelled option of the assistant, which the Studio let pass, is warned of once by name', async () => {
  const answers = []
  for (const value of [0, 0, null, NaN, 1n, circular()]) answers.push(await llm.generateText('x', undefined, { temprature: value } as unknown as GenerateOptions))
  expect(new Set(answers)).toEqual(new Set(['answer 1']))
  expect(warnings).toEqual([expect.stringContaining('temprature: there is no such option, did you mean "temperature"?')])
})

test('null, an empty text and an empty object are options that are not given', async () => {
  const nothing = { systemPrompt: '', thinkingConfig: {}, model: '', maxTokens: null } as unknown as GenerateOptions
  const answers = [await llm.generateText('x', null, null), await llm.generateText('x', undefined, nothing), await llm.generateText('x')]
  expect([answers, asked.length]).toEqual([['answer 1', 'answer 1', 'answer 1'], 1])
  expect(asked[0]).not.toHaveProperty('systemPrompt')
})

test('silence, which measures -Infinity LUFS, is an unknown level, and the answer is kept', async () => {
  const context = { lufs: -Infinity, bpm: 120 }
  const answers = await Promise.all([1, 2, 3].map(() => llm.generateText('how loud is it?', context)))
  expect([...answers, await llm.generateText('how loud is it?', context)]).toEqual(Array(4).fill('answer 1'))
  await llm.analyzeAudio(null, { type: 'mix-analysis', context })
  for (const { prompt } of asked) expect(prompt).not.toMatch(/Infinity|null/)
  expect(asked).toHaveLength(2)
  expect(warnings).toEqual([])
})

test('Gemini without any candidate gave no answer', async () => {
  const models = { generateContent: async () => ({}), generateContentStream: async () => (async function* () { yield {} })() }
  configure({ provider: gemini({ client: { models } as unknown as GeminiClient }) })
  for (const call of [() => llm.generateText('x'), () => all(llm.generateTextStream('x'))]) {
    expect(await failure(call)).toMatchObject({ code: 'PM_PROVIDER' })
  }
  expect(await failure(() => llm.models.nope!())).toMatchObject({ code: 'PM_PROVIDER', message: expect.stringContaining('models.nope') })
})

test('a key that is set to nothing is not set: the next name counts', async () => {
  const names = ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'VITE_GEMINI_API_KEY'] as const
  const before = names.map((name) => process.env[name])
  Object.assign(process.env, { GEMINI_API_KEY: '', GOOGLE_API_KEY: '', VITE_GEMINI_API_KEY: 'key' })
  configure({ provider: gemini({ baseUrl: 'http://127.0.0.1:1' }), retries: 0 })
  const error = await failure(() => llm.generateText('x'))
  names.forEach((name, i) => (before[i] === undefined ? delete process.env[name] : (process.env[name] = before[i])))
  expect(error.message).not.toContain('no key for Gemini')
})

test('the same analysis asked again is not asked again, whatever was learned of it', async () => {
  const types = ['music-context', 'mix-analysis', 'preset-suggestion', 'auto-tune-settings'] as const
  const context = { bpm: 128, key: 'Cm', lufs: -9.2, dynamicRange: 8 }
  for (let i = 0; i < 3; i++) for (const type of types) await llm.analyzeAudio(null, { type, context, additionalData: { bpm: 128, genre: 'Trap' } })
  expect(asked).toHaveLength(types.length)
  expect(getMixxRecallContext()).toMatchObject({ typicalBPM: 128, commonKeys: ['Cm'], preferredMixLevel: -9.2 })
})

test('an analysis is asked again once a habit changed that its answer names', async () => {
  configure({ provider: (request) => `${asked.push(request)}: Drill wants it louder` })
  const analyse = () => llm.analyzeAudio(null, { type: 'mix-analysis', context: { bpm: 128, lufs: -9.2 } })
  await analyse()
  saveProjectContext({ genre: 'Drill' })
  await analyse()
  expect(asked).toHaveLength(2)
})

test('an empty context is none, for requests at once too', async () => {
  configure({ provider: async (request) => `answer ${asked.push(request)}` })
  const contexts = [undefined, null, {}, { bpm: undefined } as unknown as AudioContext]
  const answers = await Promise.all(contexts.map((context) => llm.generateText('at once', context)))
  expect([...answers, await llm.generateText('at once', {})]).toEqual(Array(5).fill('answer 1'))
})

test('additional data that is null is none', async () => {
  await llm.analyzeAudio(null, { type: 'mix-analysis', additionalData: null } as unknown as AnalysisTask)
  expect(asked[0]!.prompt).toContain('N/A LUFS')
})
