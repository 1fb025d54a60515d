import { afterEach, describe, expect, test } from '@jest/globals'
import { PrimeMemory } from '@mixxclub/prime-memory'
import { getCachedResponse, setCachedResponse } from '@mixxclub/prime-memory/prime-brain-cache'
import { getPrimeBrainLLM } from '@mixxclub/prime-memory/prime-brain-llm'
import { close, configure, importLocalStorage } from '@mixxclub/prime-memory/studio'
import { BROKEN, freshStudio, WebStorage } from './support/drop-ins'
import { cleanUp } from './support/studio'

afterEach(async () => {
  close()
  await cleanUp()
})

/** The number the Studio's own cache gives a request; written from the contract, apart from ours. */
function studioKey(prompt: string, context?: unknown): string {
  const said = { prompt: prompt.trim().toLowerCase(), context: context ? JSON.stringify(context) : '', model: 'gemini-2.5-flash', temperature: 0.7 }
  let hash = 0
  for (const unit of JSON.stringify(said).split('')) hash = (Math.imul(hash, 31) + unit.charCodeAt(0)) | 0
  return `primebrain:cache:${Math.abs(hash)}`
}

const entry = (content: string) => ({ content, timestamp: Date.now() - 60_000, model: 'gemini-2.5-flash', tokens: 10, cost: 0.25 })

describe.each([
  ['shadow', { phase: 'shadow' as const }],
  ['hybrid', { phase: 'hybrid' as const }],
  ['where there is no memory', BROKEN],
])('%s: what the Studio kept in localStorage', (_, settings) => {
  test('is not given to a request that its number cannot tell from another', () => {
    const localStorage = new WebStorage({ [studioKey('name this')]: entry('plain'), [studioKey('notes of cm7?')]: entry('C Eb G Bb') })
    freshStudio({ ...settings, localStorage })
    for (const options of [{ systemPrompt: 'as JSON' }, { maxTokens: 5 }, { thinkingConfig: { thinkingBudget: 9 } }, { temperature: 0 }]) {
      expect(getCachedResponse('name this', undefined, options)).toBeNull()
    }
    for (const prompt of ['Notes of Cm7?', 'Notes of CM7?', 'notes of cm7?']) expect(getCachedResponse(prompt)).toBeNull()
    expect(getCachedResponse('Name this')).toBe('plain')
  })

  test('belongs to the first request that is given it, for good', () => {
    const localStorage = new WebStorage({ [studioKey('name this track')]: entry('Night') })
    freshStudio({ ...settings, localStorage })
    expect(getCachedResponse('Name this track')).toBe('Night')
    expect(getCachedResponse('Name this track')).toBe('Night')
    configure({ ...BROKEN })
    expect(getCachedResponse('name this track')).toBeNull()
    expect(getCachedResponse('Name this track')).toBe('Night')
  })

  test('reaches the assistant only where it was asked without a system prompt', async () => {
    let asked = 0
    const localStorage = new WebStorage({ [studioKey('name this')]: entry('plain') })
    freshStudio({ ...settings, localStorage, provider: () => `fresh ${++asked}` })
    const answers = []
    for (const options of [{ systemPrompt: 'A' }, { systemPrompt: 'B' }, {}]) answers.push(await getPrimeBrainLLM().generateText('name this', undefined, options))
    expect(answers).toEqual(['fresh 1', 'fresh 2', 'plain'])
  })
})

test.each([
  ['Notes of CM7?', 'Notes of Cm7?'],
  ['chords that fit in AM', 'chords that fit in Am'],
  ['Is C#M a chord?', 'Is C#m a chord?'],
  ['How wide is an M3?', 'How wide is an m3?'],
  ['What follows IV?', 'What follows iv?'],
  ['What is MS good for?', 'what is ms good for?'],
])('an imported answer is not adopted where case tells requests apart: %s', async (asked, other) => {
  freshStudio({ localStorage: null })
  await importLocalStorage({ [studioKey(other)]: entry('the answer to the other') })
  expect(getCachedResponse(asked)).toBeNull()
})

test('an imported answer never takes the place of one that the memory has of its own', async () => {
  freshStudio({ localStorage: null })
  const old = { ...entry('old'), timestamp: Date.now() - 5 * 3_600_000 }
  await importLocalStorage({ [studioKey('warm up the pads')]: old })
  const read = (ttlMs: number) => getCachedResponse('warm up the pads', undefined, undefined, ttlMs)
  expect(read(3_600_000)).toBeNull()
  setCachedResponse('warm up the pads', 'new')
  expect([read(3_600_000), read(86_400_000), read(3_600_000)]).toEqual(['new', 'new', 'new'])
})

test.each(['How loud for Spotify?', 'Why am I clipping?', 'set 20 ms of delay', 'Which key suits C minor?', 'What is a D chord?'])(
  'an imported answer is adopted where case says nothing: %s',
  async (prompt) => {
    freshStudio({ localStorage: null })
    await importLocalStorage({ [studioKey(prompt)]: entry('the answer') })
    expect(getCachedResponse(prompt)).toBe('the answer')
  },
)

test('a chord that only the context adds to the prompt is told apart by the context', async () => {
  freshStudio({ localStorage: null })
  const [context, prompt] = [{ key: 'Am' }, 'what next?, Key: Am']
  await importLocalStorage({ [studioKey(prompt, context)]: entry('go to F') })
  expect(getCachedResponse(prompt, { key: 'AM' })).toBeNull()
  expect(getCachedResponse(prompt, context)).toBe('go to F')
})

describe('hybrid: what the memory was told of an answer', () => {
  /** The same store, as an inspector of the producer's would open it. */
  async function inspect(path: string, look: (memory: PrimeMemory) => Promise<void>): Promise<void> {
    const memory = await PrimeMemory.open({ path })
    await look(memory)
    await memory.close()
  }
  const request = { prompt: 'how loud?', options: {} }

  test.each([
    ['forgotten for good', (memory: PrimeMemory, id: string) => memory.cache.forget(id)],
    ['judged wrong', (memory: PrimeMemory, id: string) => memory.cache.feedback(id, false, request)],
  ])('%s, it does not come back from localStorage', async (_, tell) => {
    let asked = 0
    const path = freshStudio({ phase: 'hybrid', localStorage: new WebStorage(), provider: () => `fresh ${++asked}` })
    setCachedResponse('how loud?', 'wrong')
    expect(getCachedResponse('how loud?')).toBe('wrong')
    await inspect(path, async (memory) => void (await tell(memory, (await memory.cache.get(request))!.id)))
    expect([getCachedResponse('how loud?'), getCachedResponse('how loud?')]).toEqual([null, null])
    expect(await getPrimeBrainLLM().generateText('how loud?')).toBe('fresh 1')
    expect(getCachedResponse('how loud?')).toBe('fresh 1')
  })
})
