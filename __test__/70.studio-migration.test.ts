import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { getClaraEmbedding } from '@mixxclub/prime-memory/clara-embedding'
import { getClaraVectorStorage } from '@mixxclub/prime-memory/clara-vector-storage'
import { getMixxRecallContext, saveProjectContext } from '@mixxclub/prime-memory/mixx-recall-context'
import { clearCache, getCachedResponse, getCacheStats, setCachedResponse } from '@mixxclub/prime-memory/prime-brain-cache'
import { getPrimeBrainLLM } from '@mixxclub/prime-memory/prime-brain-llm'
import { close, configure, importLocalStorage, migrationReport } from '@mixxclub/prime-memory/studio'
import { BROKEN, freshStudio, WebStorage } from './support/drop-ins'
import { cleanUp, failure } from './support/studio'

/** The number the Studio's own cache gives a request; written from the contract, apart from ours. */
function studioKey(prompt: string, context: unknown = undefined, model = 'gemini-2.5-flash', temperature = 0.7): string {
  const text = JSON.stringify({ prompt: prompt.trim().toLowerCase(), context: context ? JSON.stringify(context) : '', model, temperature })
  let hash = 0
  for (let i = 0; i < text.length; i++) {
    hash = (hash << 5) - hash + text.charCodeAt(i)
    hash = hash & hash
  }
  return `primebrain:cache:${Math.abs(hash)}`
}

const A_MINUTE_AGO = Date.now() - 60_000

const entry = (content: string, timestamp = A_MINUTE_AGO) => ({ content, timestamp, model: 'gemini-2.5-flash', tokens: 10, cost: 0.25 })

const CONTEXT = { key: 'C minor', bpm: 120 }

const left = () => ({
  [studioKey('How loud for streaming?')]: entry('-14 LUFS'),
  [studioKey('what next?', CONTEXT)]: entry('go to F'),
  [studioKey('empty')]: entry(''),
  'primebrain:cache:123': 'no JSON',
  'primebrain:cache:stats': { hits: 5, misses: 9, totalCached: 0, totalSaved: 1 },
  'mixxclub:plugin-favorites': { serum: true, vital: false },
  'mixxclub:plugin-presets': { 'mixx-tune': [{ id: 'mixx-tune-1700000000000', label: 'Lead', params: { speed: 40 }, savedAt: '2025-01-02T03:04:05.000Z' }] },
  'mixxclub:project-history': [
    { genre: 'Trap', bpm: 140, key: 'C minor', lufs: -9, timestamp: 1_760_000_000_000 },
    { bpm: 0, timestamp: 1_760_000_000_001 },
  ],
  'mixxclub:project:Night': { bpm: '120', tracks: [{ id: 't1', trackName: 'Lead', group: 'Vocals' }] },
  'clara:embeddings:1700000000000-abc123def': {
    id: '1700000000000-abc123def',
    embedding: [1, 0],
    metadata: { type: 'mixx_recall', originalText: 'kick and bass fight', mood: 'Dark', model: 'text-embedding', compressionRatio: 0.01 },
    createdAt: 1_700_000_000_000,
  },
  'mixxclub_settings_v1': { theme: 'dark' },
  'somebody:else': 'hands off',
})

beforeEach(() => void freshStudio({ localStorage: null }))
afterEach(async () => {
  close()
  await cleanUp()
})

test('every kind of key is reported: found, imported, skipped and why', async () => {
  const report = await importLocalStorage(left())
  const count = (found: number, imported: number, skipped = 0) => expect.objectContaining({ found, imported, alreadyThere: 0, skipped })
  expect(report).toMatchObject({
    dryRun: false,
    unknownKeys: 2,
    families: {
      cacheEntries: count(4, 2, 2),
      cacheStats: count(1, 0, 1),
      pluginPresets: count(1, 1),
      projectHistory: count(2, 1, 1),
      projects: count(1, 1),
      embeddings: count(1, 1),
    },
  })
  expect(report.families.pluginFavorites).toMatchObject({ found: 2, imported: 1, alreadyThere: 1 })
  expect(report.families.cacheEntries.problems).toEqual([expect.stringContaining('empty answer'), expect.stringContaining('primebrain:cache:123')])
})

test('an imported answer is found by the legacy hash, once, and then by the whole request', async () => {
  await importLocalStorage(left())
  expect(getCachedResponse('how loud for streaming?')).toBe('-14 LUFS')
  expect(getCachedResponse('how loud for streaming?')).toBe('-14 LUFS')
  expect(getCachedResponse('what next?', CONTEXT)).toBe('go to F')
  expect(getCachedResponse('what next?', { bpm: 120, key: 'C minor' })).toBe('go to F')
  expect(getCacheStats()).toEqual({ hits: 4, misses: 0, totalCached: 2, totalSaved: 1 })
})

test('an imported answer is not given to a system prompt or a token limit, of which its number says nothing, nor to temperature 0', async () => {
  await importLocalStorage(left())
  for (const options of [{ temperature: 0 }, { systemPrompt: 'engineer' }, { maxTokens: 300 }, { thinkingConfig: { thinkingBudget: 1 } }]) {
    expect(getCachedResponse('how loud for streaming?', undefined, options)).toBeNull()
  }
  expect(getCachedResponse('how loud for streaming?')).toBe('-14 LUFS')
  expect(getCachedResponse('how loud for streaming?', undefined, { systemPrompt: 'engineer' })).toBeNull()
})

test('an imported answer keeps its age', async () => {
  await importLocalStorage({ [studioKey('old')]: entry('stale', Date.now() - 2 * 86_400_000) })
  expect(getCachedResponse('old')).toBeNull()
  expect(getCachedResponse('old', undefined, undefined, 3 * 86_400_000)).toBe('stale')
})

test('an answer the Studio kept under its prompt with recall and audio context is found by the assistant', async () => {
  configure({ provider: () => 'fresh' })
  saveProjectContext({ genre: 'Trap' })
  const sent = "what next?\n\nUser Context (Mixx Recall):\nUser's preferred genres: Trap\n\nConsider these preferences when providing recommendations.\n\nContext: BPM 120, Key: C minor"
  await importLocalStorage({ [studioKey(sent, CONTEXT)]: entry('go to F') })
  expect(await getPrimeBrainLLM().generateText('what next?', CONTEXT)).toBe('go to F')
})

test('importing again changes nothing', async () => {
  const source = new WebStorage(left())
  await importLocalStorage(source)
  getCachedResponse('how loud for streaming?')
  const [context, stats] = [getMixxRecallContext(), await getClaraVectorStorage().getStats()]
  const again = await importLocalStorage(source)
  for (const { imported } of Object.values(again.families)) expect(imported).toBe(0)
  expect(getMixxRecallContext()).toEqual(context)
  expect(await getClaraVectorStorage().getStats()).toEqual(stats)
  expect(source.items).toEqual(new WebStorage(left()).items)
})

test('clearing the cache clears what waits, too', async () => {
  await importLocalStorage(left())
  clearCache()
  expect(getCachedResponse('how loud for streaming?')).toBeNull()
})

test('a dry run reports the same and writes nothing', async () => {
  const dry = await importLocalStorage(JSON.stringify(left()), { dryRun: true })
  expect(migrationReport().cache).toEqual({ memory: 0, localStorage: 0, imported: 0 })
  expect(getMixxRecallContext()).toEqual({})
  expect(getCachedResponse('how loud for streaming?')).toBeNull()
  expect(await importLocalStorage(left())).toEqual({ ...dry, dryRun: false })
})

test('habits, projects and vectors are where they belong', async () => {
  await importLocalStorage(left())
  expect(getMixxRecallContext()).toMatchObject({
    favoritePlugins: ['serum'], preferredGenres: ['Trap'], typicalBPM: 140, preferredMixLevel: -9, commonPresets: [{ name: 'Lead', plugin: 'mixx-tune' }],
  })
  const storage = getClaraVectorStorage()
  const query = (await getClaraEmbedding().generateEmbedding('bass and kick fight each other')).embedding
  const [found] = await storage.findSimilar(query, 'mixx_recall', 0.6)
  expect(found).toMatchObject({ metadata: { originalText: 'kick and bass fight', mood: 'Dark' } })
  expect((await storage.getEmbedding('1700000000000-abc123def'))!.id).toBe(found!.id)
  expect((await storage.getStats()).byType).toMatchObject({ project_snapshot: 1 })
})

test('a project that was saved again is changed in place', async () => {
  await importLocalStorage(left())
  const changed = { ...left(), 'mixxclub:project:Night': { bpm: 93, tracks: [] } }
  expect((await importLocalStorage(changed)).families.projects).toMatchObject({ imported: 1, alreadyThere: 0 })
  expect((await getClaraVectorStorage().getStats()).byType).toMatchObject({ project_snapshot: 1 })
})

test('both preset shapes, and a source that is none', async () => {
  const flat = [{ id: 'mixx-eq8-1700000000000', label: 'Air', params: {}, savedAt: '2025-01-02T03:04:05.000Z', trackContext: 'Vocals' }]
  expect((await importLocalStorage({ 'mixxclub:plugin-presets': flat })).families.pluginPresets.imported).toBe(1)
  expect(getMixxRecallContext().commonPresets).toEqual([{ name: 'Air', plugin: 'mixx-eq8' }])
  for (const source of ['{', '[1]', 7]) expect(await failure(() => importLocalStorage(source as string))).toMatchObject({ code: 'PM_BAD_OPTION' })
  freshStudio({ ...BROKEN })
  expect(await failure(() => importLocalStorage({}))).toMatchObject({ code: 'PM_NO_MEMORY' })
})

test('what was kept in localStorage for want of the memory is taken over with its request', async () => {
  const tab = new WebStorage()
  freshStudio({ ...BROKEN, localStorage: tab })
  setCachedResponse('what next?', 'go to F', CONTEXT, { systemPrompt: 'theorist' }, { cost: 0.5 })
  freshStudio({ localStorage: null })
  expect((await importLocalStorage(tab)).families.cacheEntries).toMatchObject({ found: 1, imported: 1 })
  expect((await importLocalStorage(tab)).families.cacheEntries).toMatchObject({ found: 1, alreadyThere: 1 })
  expect(getCachedResponse('what next?', CONTEXT, { systemPrompt: 'theorist' })).toBe('go to F')
  expect(getCachedResponse('what next?', CONTEXT)).toBeNull()
  expect(getCacheStats()).toEqual({ hits: 1, misses: 1, totalCached: 1, totalSaved: 0.5 })
})

describe('phases', () => {
  let storage: WebStorage
  beforeEach(() => {
    storage = new WebStorage({ [studioKey('old question')]: entry('from localStorage') })
    freshStudio({ localStorage: storage })
  })

  test('shadow: localStorage answers, the memory learns and is compared', () => {
    configure({ phase: 'shadow' })
    expect(getCachedResponse('old question')).toBe('from localStorage')
    setCachedResponse('new question', 'kept by both')
    expect(getCachedResponse('new question')).toBe('kept by both')
    expect(migrationReport()).toMatchObject({
      phase: 'shadow',
      compared: { asked: 2, agreed: 1, disagreed: 0, onlyMemory: 0, onlyLocalStorage: 1 },
      cache: { memory: 1, localStorage: 2 },
    })
    expect(getCacheStats()).toMatchObject({ hits: 2, misses: 0, totalCached: 2 })
  })

  test('hybrid: the memory answers, then localStorage, and both are written', () => {
    configure({ phase: 'hybrid' })
    expect(getCachedResponse('old question')).toBe('from localStorage')
    setCachedResponse('new question', 'kept by both')
    expect(storage.length).toBe(2)
    configure({ phase: 'full' })
    expect(getCachedResponse('old question')).toBe('from localStorage')
    expect(getCachedResponse('new question')).toBe('kept by both')
  })

  test('full: localStorage is neither read nor written, and stays', () => {
    expect(getCachedResponse('old question')).toBeNull()
    setCachedResponse('new question', 'kept by the memory')
    expect([...storage.items.keys()]).toEqual([studioKey('old question')])
  })

  test('each step can be taken back', () => {
    for (const phase of ['shadow', 'hybrid', 'full', 'hybrid', 'shadow'] as const) {
      configure({ phase })
      if (phase !== 'full') expect(getCachedResponse('old question')).toBe('from localStorage')
      setCachedResponse(`kept in ${phase}`, phase)
      expect(getCachedResponse(`kept in ${phase}`)).toBe(phase)
    }
    const { changes, phase } = migrationReport()
    expect([phase, Object.keys(changes)]).toEqual(['shadow', ['hybrid', 'full']])
    expect(changes.full!.join(' ')).toMatch(/The memory alone would answer, from \d+ entries/)
  })

  test('the assistant follows the phase', async () => {
    let asked = 0
    configure({ provider: () => `fresh ${++asked}`, phase: 'hybrid' })
    const llm = getPrimeBrainLLM()
    expect([await llm.generateText('old question'), asked]).toEqual(['from localStorage', 0])
    configure({ phase: 'shadow' })
    expect([await llm.generateText('another'), await llm.generateText('another'), asked]).toEqual(['fresh 1', 'fresh 1', 1])
    configure({ phase: 'full' })
    expect([await llm.generateText('another'), asked]).toEqual(['fresh 1', 1])
  })

  test('recall: what would be told otherwise is listed', () => {
    storage.setItem('mixxclub:project-history', JSON.stringify([{ genre: 'Drill', bpm: 140, timestamp: 1 }]))
    configure({ phase: 'shadow' })
    expect(getMixxRecallContext().preferredGenres).toEqual(['Drill'])
    expect(migrationReport().recall).toContainEqual({ fact: 'preferredGenres', localStorage: ['Drill'], memory: [] })
    configure({ phase: 'full' })
    expect(getMixxRecallContext().preferredGenres).toBeUndefined()
  })
})
