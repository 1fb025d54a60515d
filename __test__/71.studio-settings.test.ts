import { afterEach, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PrimeMemory } from '@mixxclub/prime-memory'
import { clearCache, getCachedResponse, getCacheStats, setCachedResponse } from '@mixxclub/prime-memory/prime-brain-cache'
import { close, configure, gemini, openAICompatible, type StudioSettings } from '@mixxclub/prime-memory/studio'
import { freshStudio, warnings, WebStorage } from './support/drop-ins'
import { cleanUp, failure } from './support/studio'

afterEach(async () => {
  close()
  await cleanUp()
})

test.each<[string, object, string]>([
  ['scope', { scope: { usr: 'ana' } }, 'PM_UNKNOWN_OPTION'],
  ['scope', { scope: { user: 7 } }, 'PM_BAD_OPTION'],
  ['scope', { scope: [] }, 'PM_BAD_OPTION'],
  ['open', { open: { thread: 1 } }, 'PM_UNKNOWN_OPTION'],
  ['open', { open: { threads: 0 } }, 'PM_BAD_OPTION'],
  ['open', { open: [] }, 'PM_BAD_OPTION'],
  ['prices', { prices: { m: { input: 'a', output: 1 } } }, 'PM_BAD_OPTION'],
  ['prices', { prices: { m: { input: 1 } } }, 'PM_BAD_OPTION'],
  ['prices', { prices: { m: 1 } }, 'PM_BAD_OPTION'],
  ['prices', { prices: [] }, 'PM_BAD_OPTION'],
  ['localStorage', { localStorage: { length: 0, key: () => null, getItem: () => null, removeItem: () => {} } }, 'PM_BAD_OPTION'],
  ['spacingMs', { spacingMs: Infinity }, 'PM_BAD_OPTION'],
  ['backoffMs', { backoffMs: NaN }, 'PM_BAD_OPTION'],
  ['timeoutMs', { timeoutMs: NaN }, 'PM_BAD_OPTION'],
  ['timeoutMs', { timeoutMs: 0 }, 'PM_BAD_OPTION'],
  ['provider', { provider: { generate: () => {}, stream: 5 } }, 'PM_BAD_OPTION'],
  ['constructor', { constructor: 1 }, 'PM_UNKNOWN_OPTION'],
])('%s that would break every later call is refused, and nothing is changed: %j', async (name, settings, code) => {
  freshStudio({ localStorage: null })
  setCachedResponse('how loud?', '-14 LUFS')
  expect(await failure(() => configure({ path: 'elsewhere.db', ...settings } as StudioSettings))).toMatchObject({ code, message: expect.stringContaining(name) })
  expect(getCachedResponse('how loud?')).toBe('-14 LUFS')
})

test('settings that are none, and misspelled options of providers, are refused by name', async () => {
  for (const none of [undefined, null, 'path']) expect(await failure(() => configure(none as unknown as object))).toMatchObject({ code: 'PM_BAD_OPTION' })
  expect(await failure(() => gemini({ apikey: 'key' } as object))).toMatchObject({ code: 'PM_UNKNOWN_OPTION', message: expect.stringContaining('did you mean "apiKey"?') })
  for (const options of [{ modle: 'm' }, { model: 'm', baseURL: 'http://localhost' }]) {
    expect(await failure(() => openAICompatible(options as unknown as { model: string }))).toMatchObject({ code: 'PM_UNKNOWN_OPTION' })
  }
  expect(await failure(() => openAICompatible({} as { model: string }))).toMatchObject({ code: 'PM_BAD_OPTION', message: expect.stringContaining('model') })
})

test('undefined takes mode and maxErrorRate back to their defaults, in the store too', async () => {
  const path = freshStudio({ localStorage: null, mode: 'exact', maxErrorRate: 0.1 })
  const other = { asked: 'set the tempo to 120 bpm', alike: 'set the tempo to 120 BPM' }
  setCachedResponse(other.asked, 'done')
  expect(getCachedResponse(other.alike)).toBeNull()
  configure({ mode: undefined, maxErrorRate: undefined } as unknown as StudioSettings)
  expect(getCachedResponse(other.alike)).toBe('done')
  const memory = await PrimeMemory.open({ path })
  expect(memory.cache.stats()).toMatchObject({ mode: 'guarded', maxErrorRate: 0.01 })
  await memory.close()
})

test('an age without limit accepts any answer', () => {
  freshStudio({ localStorage: null })
  setCachedResponse('how loud?', '-14 LUFS')
  for (const ttlMs of [Infinity, Number.MAX_VALUE]) expect(getCachedResponse('how loud?', undefined, undefined, ttlMs)).toBe('-14 LUFS')
  expect(warnings).toEqual([])
})

test('tokens and costs that cannot be cost the estimate, not the entry', () => {
  freshStudio({ localStorage: null })
  for (const [i, metadata] of [{ tokens: 2.5 }, { tokens: -1 }, { cost: -1 }, { cost: NaN }, { tokens: Infinity }].entries()) {
    setCachedResponse(`question ${i}`, `answer ${i}`, undefined, undefined, metadata)
    expect(getCachedResponse(`question ${i}`)).toBe(`answer ${i}`)
  }
  expect(getCacheStats().totalSaved).toBeGreaterThanOrEqual(0)
  expect(warnings).toEqual([])
})

test('a number that JSON cannot say is unknown in a context, and an empty option is none', () => {
  freshStudio({ localStorage: null })
  setCachedResponse('how loud is it?', 'silent', { lufs: -Infinity, bpm: 120 })
  for (const lufs of [-Infinity, NaN, null]) expect(getCachedResponse('how loud is it?', { bpm: 120, lufs })).toBe('silent')
  expect(getCachedResponse('how loud is it?', { lufs: -14, bpm: 120 })).toBeNull()
  setCachedResponse('which key?', 'C minor', undefined, { systemPrompt: '', thinkingConfig: {} })
  expect(getCachedResponse('which key?')).toBe('C minor')
  expect(warnings).toEqual([])
})

test('one cause is warned of once, whichever calls it makes fail', () => {
  const storage = new WebStorage()
  freshStudio({ localStorage: storage, phase: 'hybrid' })
  storage.fault = new Error('SecurityError')
  setCachedResponse('how loud?', '-14 LUFS')
  getCachedResponse('which key?')
  clearCache()
  expect(warnings).toEqual([expect.stringContaining('SecurityError')])
})

test('the package asks for the Node that its ES modules need', () => {
  const { engines } = JSON.parse(readFileSync(join(__dirname, '..', 'package.json'), 'utf8'))
  expect(engines.node).toBe('>=20.16')
})
