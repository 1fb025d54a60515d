import { afterEach, expect, jest, test } from '@jest/globals'
import { join } from 'node:path'
import { getClaraEmbedding } from '@mixxclub/prime-memory/clara-embedding'
import { getMixxRecallContext } from '@mixxclub/prime-memory/mixx-recall-context'
import { getCachedResponse } from '@mixxclub/prime-memory/prime-brain-cache'
import { getPrimeBrainLLM } from '@mixxclub/prime-memory/prime-brain-llm'
import { close, configure, type ProviderRequest, type StudioSettings } from '@mixxclub/prime-memory/studio'
import { all, freshStudio, warnings, WebStorage } from './support/drop-ins'
import { cleanUp, openNew, temporaryFolder } from './support/studio'

const llm = getPrimeBrainLLM()
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** A provider that answers when it is told to. */
function whenTold(settings: StudioSettings = {}) {
  const asked: ((text: string) => void)[] = []
  const provider = () => new Promise<string>((resolve) => void asked.push(resolve))
  const path = freshStudio({ localStorage: null, provider, ...settings })
  const answer = async (text: string) => {
    while (asked.length === 0) await pause(5)
    asked.shift()!(text)
  }
  return { answer, path }
}

afterEach(async () => {
  jest.restoreAllMocks()
  close()
  await cleanUp()
})

test.each<[string, StudioSettings]>([
  ['a user', { scope: { user: 'ana' } }],
  ['nobody', {}],
])('an answer is kept for whom it was asked for, %s, whoever is configured meanwhile', async (_, whose) => {
  const { answer } = whenTold(whose)
  const call = llm.generateText('which reverb?')
  configure({ scope: { user: 'bob' } })
  await answer('a plate')
  expect(await call).toBe('a plate')
  expect(getCachedResponse('which reverb?')).toBeNull()
  configure({ scope: undefined, ...whose } as StudioSettings)
  expect(getCachedResponse('which reverb?')).toBe('a plate')
  expect(warnings).toEqual([])
})

test('an answer is kept in the store and the phase it was asked in, streams included', async () => {
  const local = new WebStorage()
  const { answer, path } = whenTold({ phase: 'hybrid', localStorage: local })
  const calls = [llm.generateText('which reverb?'), all(llm.generateTextStream('which delay?'))]
  configure({ path: join(temporaryFolder(), 'other.db'), phase: 'full', localStorage: null })
  await answer('a plate')
  await answer('a tape')
  expect((await Promise.all(calls)).sort()).toEqual(['a plate', 'a tape'])
  expect(['which reverb?', 'which delay?'].map((prompt) => getCachedResponse(prompt))).toEqual([null, null])
  expect(local.length).toBe(2)
  configure({ path })
  expect(['which reverb?', 'which delay?'].map((prompt) => getCachedResponse(prompt)).sort()).toEqual(['a plate', 'a tape'])
  expect(warnings).toEqual([])
})

test('the project of an analysis is learned for whom it was begun', async () => {
  const { answer } = whenTold({ scope: { user: 'ana' } })
  const call = llm.analyzeAudio(null, { type: 'mix-analysis', context: { bpm: 77, key: 'F#m', lufs: -11 } })
  configure({ scope: { user: 'bob' } })
  await answer('louder')
  expect(await call).toMatchObject({ content: 'louder' })
  expect(getMixxRecallContext()).toEqual({})
  configure({ scope: { user: 'ana' } })
  expect(getMixxRecallContext()).toMatchObject({ typicalBPM: 77, preferredMixLevel: -11 })
})

test('the provider that was configured when a call began answers it', async () => {
  freshStudio({ localStorage: null, provider: () => 'the first' })
  const call = llm.generateText('who answers?')
  configure({ provider: () => 'the second' })
  expect(await call).toBe('the first')
})

test('an answer that comes after close is kept', async () => {
  const { answer } = whenTold()
  const call = llm.generateText('which reverb?')
  close()
  await answer('a plate')
  await call
  expect(getCachedResponse('which reverb?')).toBe('a plate')
  expect(warnings).toEqual([])
})

test('a record is described and encoded to its end, whichever store is configured meanwhile', async () => {
  freshStudio({ localStorage: null })
  const embedding = getClaraEmbedding().compressMixxRecall({ category: 'genre', genre: 'Trap' })
  configure({ path: join(temporaryFolder(), 'other.db') })
  expect((await embedding).originalText).toContain('Trap')
})

test('what the caller changes while a call is under way changes nothing of it', async () => {
  const { answer } = whenTold()
  const context = { bpm: 120, spectralBalance: { low: 0.1, mid: 0.6, high: 0.3 } }
  const options = { thinkingConfig: { thinkingBudget: 100 } }
  const call = llm.generateText('which delay?', context, options)
  context.spectralBalance.low = 0.9
  options.thinkingConfig.thinkingBudget = 9_999
  await answer('a quarter')
  await call
  expect(getCachedResponse('which delay?', context, options)).toBeNull()
  const asBegun = [{ ...context, spectralBalance: { low: 0.1, mid: 0.6, high: 0.3 } }, { thinkingConfig: { thinkingBudget: 100 } }] as const
  expect(getCachedResponse('which delay?', ...asBegun)).toBe('a quarter')
})

test('a clock that is turned back keeps nobody waiting', async () => {
  freshStudio({ localStorage: null, spacingMs: 50, timeoutMs: 2_000, provider: ({ prompt }: ProviderRequest) => `of ${prompt}` })
  expect(await llm.generateText('one')).toBe('of one')
  const now = Date.now
  jest.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000)
  expect(await llm.generateText('two')).toBe('of two')
})

test('no time runs while the caller of a stream works with a piece', async () => {
  freshStudio({ localStorage: null, timeoutMs: 200, provider: async function* () { yield 'one '; yield 'two '; yield 'three' } })
  for (const useCache of [true, false]) {
    let text = ''
    for await (const piece of llm.generateTextStream('slowly', undefined, { useCache })) {
      text += piece
      await pause(300)
    }
    expect(text).toBe('one two three')
  }
})

test('an answer does not wait for a store that another process holds, and is given to who asks meanwhile', async () => {
  const { cache } = await openNew()
  const prototype = Object.getPrototypeOf(cache) as typeof cache
  const set = prototype.set
  let free = () => {}
  const held = new Promise<void>((resolve) => (free = resolve))
  jest.spyOn(prototype, 'set').mockImplementation(async function (this: typeof cache, ...given) {
    await held
    return set.apply(this, given)
  })
  let asked = 0
  const path = freshStudio({ localStorage: null, provider: () => `answer ${++asked}` })
  const begun = Date.now()
  expect(await llm.generateText('which reverb?')).toBe('answer 1')
  expect(Date.now() - begun).toBeLessThan(4_000)
  expect([getCachedResponse('which reverb?'), await llm.generateText('which reverb?'), asked]).toEqual(['answer 1', 'answer 1', 1])
  configure({ path: join(temporaryFolder(), 'other.db') })
  expect(getCachedResponse('which reverb?')).toBeNull()
  free()
  await pause(200)
  configure({ path })
  expect(getCachedResponse('which reverb?')).toBe('answer 1')
  expect(warnings).toEqual([])
})
