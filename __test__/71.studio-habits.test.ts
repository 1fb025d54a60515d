import { afterEach, expect, test } from '@jest/globals'
import { PrimeMemory } from '@mixxclub/prime-memory'
import { formatMixxRecallPrompt, getMixxRecallContext, injectMixxRecall, saveProjectContext } from '@mixxclub/prime-memory/mixx-recall-context'
import { getCachedResponse, setCachedResponse } from '@mixxclub/prime-memory/prime-brain-cache'
import { getPrimeBrainLLM } from '@mixxclub/prime-memory/prime-brain-llm'
import { close, configure, importLocalStorage, migrationReport } from '@mixxclub/prime-memory/studio'
import { BROKEN, freshStudio, warnings, WebStorage } from './support/drop-ins'
import { cleanUp } from './support/studio'

const FAVORITES = 'mixxclub:plugin-favorites'
const PRESETS = 'mixxclub:plugin-presets'
const HISTORY = 'mixxclub:project-history'

const preset = (label: string, params: object = {}, savedAt = '2025-01-02T03:04:05.000Z') => ({ id: `x-${Date.parse(savedAt)}`, label, params, savedAt })

afterEach(async () => {
  close()
  await cleanUp()
})

test('an answer that names a preset is not served once the preset is gone', async () => {
  const storage = new WebStorage({ [PRESETS]: { 'mixx-eq8': [preset('Silk Air')] } })
  freshStudio({ localStorage: storage, provider: ({ prompt }) => (prompt.includes('Silk Air (mixx-eq8)') ? 'Load Silk Air.' : 'Boost 12 kHz.') })
  const llm = getPrimeBrainLLM()
  expect(await llm.generateText('How do I brighten the vocal?')).toBe('Load Silk Air.')
  storage.setItem(PRESETS, '{}')
  expect(await llm.generateText('How do I brighten the vocal?')).toBe('Boost 12 kHz.')
})

test('a preset told in the prompt and one told beside it are the same fact', () => {
  const section = (name: string) => formatMixxRecallPrompt({ commonPresets: [{ name, plugin: 'mixx-eq8' }] })
  freshStudio({ localStorage: null })
  setCachedResponse(`How do I brighten the vocal?${section('Air, wide (2)')}`, 'Load Air, wide (2).')
  expect(getCachedResponse(`How do I brighten the vocal?${section('Air, wide (2)')}`)).toBe('Load Air, wide (2).')
  expect(getCachedResponse(`How do I brighten the vocal?${section('Dark')}`)).toBeNull()
})

test('what the memory would tell otherwise is listed as it stands in the prompt', () => {
  freshStudio({ localStorage: new WebStorage({ [PRESETS]: { 'mixx-eq8': [preset('Air')] } }), phase: 'shadow' })
  expect(migrationReport().recall).toEqual([{ fact: 'commonPresets', localStorage: ['Air (mixx-eq8)'], memory: [] }])
})

test.each([
  ['a preset and a favourite are taken out', (storage: WebStorage) => {
    storage.setItem(PRESETS, JSON.stringify({ 'mixx-eq8': [preset('Air')] }))
    storage.setItem(FAVORITES, JSON.stringify({ serum: true }))
  }, { favoritePlugins: ['serum'], commonPresets: [{ name: 'Air', plugin: 'mixx-eq8' }] }],
  ['the keys are removed', (storage: WebStorage) => {
    storage.removeItem(PRESETS)
    storage.removeItem(FAVORITES)
  }, {}],
])('what the Studio deleted is told no more: %s', (_, change, left) => {
  const storage = new WebStorage({ [PRESETS]: { 'mixx-eq8': [preset('Air'), preset('Dark')] }, [FAVORITES]: { serum: true, vital: true } })
  freshStudio({ localStorage: storage })
  expect(getMixxRecallContext().commonPresets).toHaveLength(2)
  change(storage)
  for (let i = 0; i < 2; i++) expect(getMixxRecallContext()).toEqual(left)
})

test('what was deleted while nobody looked is told no more after a restart', () => {
  const storage = new WebStorage({ [PRESETS]: { 'mixx-eq8': [preset('Air'), preset('Dark')] }, [FAVORITES]: { serum: true, vital: true } })
  freshStudio({ localStorage: storage })
  getMixxRecallContext()
  close()
  storage.setItem(PRESETS, JSON.stringify({ 'mixx-eq8': [preset('Dark')] }))
  storage.setItem(FAVORITES, JSON.stringify({ vital: true }))
  expect(getMixxRecallContext()).toEqual({ favoritePlugins: ['vital'], commonPresets: [{ name: 'Dark', plugin: 'mixx-eq8' }] })
})

test('deleted presets do not take the place of those that are there', () => {
  const many = Array.from({ length: 12 }, (_, i) => preset(`Old ${i}`, {}, '2026-01-01T00:00:00.000Z'))
  const storage = new WebStorage({ [PRESETS]: { eq: [...many, preset('Kept', {}, '2025-12-01T00:00:00.000Z')] } })
  freshStudio({ localStorage: storage })
  getMixxRecallContext()
  storage.setItem(PRESETS, JSON.stringify({ eq: [preset('Kept', {}, '2025-12-01T00:00:00.000Z')] }))
  expect(getMixxRecallContext().commonPresets).toEqual([{ name: 'Kept', plugin: 'eq' }])
})

test.each([
  ['a storage that never had the keys', () => new WebStorage()],
  ['keys that cannot be read', () => new WebStorage({ [FAVORITES]: '{"serum": tr', [PRESETS]: '[' })],
])('%s takes nothing away that was imported', async (_, storage) => {
  freshStudio({ localStorage: storage() })
  await importLocalStorage({ [FAVORITES]: { serum: true }, [PRESETS]: { eq: [preset('Air')] } })
  for (let i = 0; i < 2; i++) expect(getMixxRecallContext()).toEqual({ favoritePlugins: ['serum'], commonPresets: [{ name: 'Air', plugin: 'eq' }] })
})

test('a preset that was saved again is learned again', async () => {
  const storage = new WebStorage({ [PRESETS]: { eq: [preset('Air', { gain: 1 })] } })
  const path = freshStudio({ localStorage: storage })
  getMixxRecallContext()
  storage.setItem(PRESETS, JSON.stringify({ eq: [preset('Air', { gain: 5 }, '2025-06-01T00:00:00.000Z')] }))
  for (let i = 0; i < 2; i++) getMixxRecallContext()
  close()
  const memory = await PrimeMemory.open({ path })
  const told = (await memory.search('Air gain', { kind: 'mixx_recall' })).map(({ text }) => text)
  expect(told).toHaveLength(2)
  expect(told.join()).toMatch(/gain 5/i)
  await memory.close()
})

test.each([
  ['mixxclub:plugin-presets', 'pluginPresets', (gain: number) => ({ eq: [{ label: 'Air', params: { q: 1, gain } }] })],
  ['mixxclub_presets_v1', 'studioPresets', (gain: number) => [{ name: 'Air', states: { eq: { q: 1, gain } } }]],
] as const)('a preset without a date that was saved again is imported once more, by what it holds (%s)', async (key, family, presets) => {
  const path = freshStudio({ localStorage: null })
  const run = async (gain: number, dryRun = false) => (await importLocalStorage({ [key]: presets(gain) }, { dryRun })).families[family]
  expect(await run(1)).toMatchObject({ imported: 1, alreadyThere: 0 })
  expect(await run(1)).toMatchObject({ imported: 0, alreadyThere: 1 })
  expect(await run(5, true)).toMatchObject({ imported: 1 })
  expect(await run(5)).toMatchObject({ imported: 1, alreadyThere: 0 })
  for (const gain of [5, 1]) expect(await run(gain)).toMatchObject({ imported: 0, alreadyThere: 1 })
  close()
  const memory = await PrimeMemory.open({ path })
  expect((await memory.search('Air gain', { kind: 'mixx_recall' })).map(({ text }) => text).join()).toMatch(/gain 5/i)
  await memory.close()
})

test.each([['the memory', {}], ['localStorage', BROKEN]])('a field that is wrong takes no other of the project with it (%s)', (_, place) => {
  for (const odd of [{ lufs: -Infinity }, { lufs: NaN }, { lufs: 1e9 }, { bpm: 1200 }, { bpm: Infinity }, { bpm: 'fast' }, { key: 7 }, { key: 'x'.repeat(2000) }]) {
    freshStudio({ ...place, localStorage: new WebStorage() })
    saveProjectContext({ genre: 'Trap', ...odd } as object)
    const context = getMixxRecallContext()
    expect(context).toMatchObject({ preferredGenres: ['Trap'], recentProjects: [{ genre: 'Trap' }] })
    expect(context).not.toHaveProperty('preferredMixLevel')
    expect(context.recentProjects).toEqual([{ genre: 'Trap' }])
  }
})

test('what is left out of a project is warned of, silence is not', () => {
  freshStudio({ localStorage: null })
  saveProjectContext({ genre: 'Trap', lufs: -Infinity })
  expect(warnings).toEqual([])
  saveProjectContext({ genre: 'Trap', bpm: 1200 })
  expect(warnings).toEqual([expect.stringContaining('bpm 1200')])
})

test('a number that is none stands in no prompt', () => {
  const data = { preferredGenres: ['Trap'], preferredMixLevel: -Infinity, typicalBPM: Infinity }
  expect(formatMixxRecallPrompt(data)).not.toMatch(/Infinity|LUFS|BPM/)
  expect(formatMixxRecallPrompt({ preferredGenres: ['Trap'], preferredMixLevel: null as never })).toContain('Trap')
})

test('a tempo given as a text is one tempo in the memory and in localStorage', () => {
  for (const place of [{}, BROKEN]) {
    freshStudio({ ...place, localStorage: new WebStorage() })
    saveProjectContext({ bpm: '140' } as never)
    expect(getMixxRecallContext().recentProjects).toEqual([{ bpm: 140 }])
  }
})

test('hybrid: what the memory does not know yet is told from localStorage', () => {
  const storage = new WebStorage({ [FAVORITES]: { serum: true }, [HISTORY]: [{ genre: 'Drill', bpm: 140, key: 'Am', lufs: -9, timestamp: 1 }] })
  freshStudio({ localStorage: storage, phase: 'hybrid' })
  expect(getMixxRecallContext()).toMatchObject({ favoritePlugins: ['serum'], preferredGenres: ['Drill'], commonKeys: ['Am'], preferredMixLevel: -9 })
  saveProjectContext({ genre: 'House' })
  expect(getMixxRecallContext().preferredGenres).toEqual(['House'])
  configure({ phase: 'full' })
  expect(getMixxRecallContext()).not.toHaveProperty('commonKeys')
  expect(injectMixxRecall('Q')).toContain('House')
})
