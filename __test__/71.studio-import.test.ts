import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { getClaraVectorStorage } from '@mixxclub/prime-memory/clara-vector-storage'
import { getMixxRecallContext } from '@mixxclub/prime-memory/mixx-recall-context'
import { getCachedResponse } from '@mixxclub/prime-memory/prime-brain-cache'
import { getPrimeBrainLLM } from '@mixxclub/prime-memory/prime-brain-llm'
import { close, configure, importLocalStorage, Migration, migrationReport, type ImportOptions } from '@mixxclub/prime-memory/studio'
import { freshStudio, WebStorage } from './support/drop-ins'
import { cleanUp, failure } from './support/studio'

/** The number the Studio's own cache gives a request; written from the contract, apart from ours. */
function studioKey(prompt: string): string {
  const text = JSON.stringify({ prompt: prompt.trim().toLowerCase(), context: '', model: 'gemini-2.5-flash', temperature: 0.7 })
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = ((hash << 5) - hash + text.charCodeAt(i)) & 0xffffffff
  return `primebrain:cache:${Math.abs(hash)}`
}

const entry = (content: string, timestamp = Date.now() - 60_000) => ({ content, timestamp, model: 'gemini-2.5-flash' })

beforeEach(() => void freshStudio({ localStorage: null }))
afterEach(async () => {
  close()
  await cleanUp()
})

test('a misspelled option is named, with the right one, and nothing is imported', async () => {
  const dump = { [studioKey('q')]: entry('a') }
  const error = await failure(() => importLocalStorage(dump, { dryrun: true } as ImportOptions))
  expect(error).toMatchObject({ code: 'PM_UNKNOWN_OPTION', message: expect.stringMatching(/dryrun.*did you mean "dryRun"/) })
  expect(await failure(() => importLocalStorage(dump, { dryRun: 'yes' } as never))).toMatchObject({ code: 'PM_BAD_OPTION' })
  expect(migrationReport().cache.imported).toBe(0)
  expect(await failure(() => new Migration({ file: ['x'] } as never))).toMatchObject({ code: 'PM_UNKNOWN_OPTION', message: expect.stringContaining('"files"') })
})

test('of two answers under one number the newer is kept while it waits, and the request keeps the one it found', async () => {
  const key = studioKey('how loud?')
  await importLocalStorage({ [key]: entry('old') })
  expect((await importLocalStorage({ [key]: entry('older', Date.now() - 120_000) })).families.cacheEntries).toMatchObject({ imported: 0, alreadyThere: 1 })
  const newer = { [key]: entry('newer', Date.now() - 10_000) }
  expect((await importLocalStorage(newer, { dryRun: true })).families.cacheEntries).toMatchObject({ imported: 1 })
  expect((await importLocalStorage(newer)).families.cacheEntries).toMatchObject({ imported: 1, alreadyThere: 0 })
  expect((await importLocalStorage(newer)).families.cacheEntries).toMatchObject({ imported: 0, alreadyThere: 1 })
  expect(getCachedResponse('how loud?')).toBe('newer')
  expect((await importLocalStorage({ [key]: entry('newest', Date.now()) })).families.cacheEntries).toMatchObject({ imported: 0, alreadyThere: 1 })
  expect(getCachedResponse('how loud?')).toBe('newer')
})

const FAVORITES = { 'mixxclub:plugin-favorites': { verb: true, delay: true, gone: false } }

test.each([
  ['favourites in the order of their key', FAVORITES, "User's favorite plugins: verb, delay"],
  ['a map of presets, which ended its list', { ...FAVORITES, 'mixxclub:plugin-presets': { tune: [{ label: 'Lead', params: {} }] } }, "User's favorite plugins: verb, delay"],
  ['genres of the last projects, no tempo and no key', { 'mixxclub:project-history': [{ genre: 'Trap', bpm: 140, key: 'Am', lufs: -9, timestamp: 1 }] }, "User's preferred genres: Trap"],
])('an answer kept under the recall that the Studio wrote is found by the assistant: %s', async (_, keys, line) => {
  const sent = `what next?\n\nUser Context (Mixx Recall):\n${line}\n\nConsider these preferences when providing recommendations.`
  const dump = { ...keys, [studioKey(sent)]: entry('go to F') }
  configure({ localStorage: new WebStorage(keys), provider: () => 'asked again' })
  await importLocalStorage(dump)
  expect(await getPrimeBrainLLM().generateText('what next?')).toBe('go to F')
})

test('every item of presets and history is counted, and why it was left out is said', async () => {
  const { pluginPresets, projectHistory } = (
    await importLocalStorage({
      'mixxclub:plugin-presets': { eq: [{ label: 'Air', params: {} }, { params: {} }, 5], verb: 'none' },
      'mixxclub:project-history': ['x', null, { genre: 'Trap', bpm: '140', timestamp: 1 }, { genre: 'Drill', bpm: 1200, timestamp: 2 }],
    })
  ).families
  expect(pluginPresets).toMatchObject({ found: 4, imported: 1, skipped: 3 })
  expect(pluginPresets.problems).toEqual([expect.stringContaining('eq: a preset without a name'), expect.anything(), expect.stringContaining('verb: no list')])
  expect(projectHistory).toMatchObject({ found: 4, imported: 2, skipped: 2 })
  expect(projectHistory.problems.at(-1)).toContain('bpm 1200')
  expect(getMixxRecallContext()).toMatchObject({ typicalBPM: 140, recentProjects: [{ genre: 'Trap', bpm: 140 }, { genre: 'Drill' }] })
})

test('a list of presets by name and plugin is read', async () => {
  expect((await importLocalStorage({ 'mixxclub:plugin-presets': [{ name: 'Dark', plugin: 'eq' }] })).families.pluginPresets).toMatchObject({ found: 1, imported: 1 })
  expect(getMixxRecallContext().commonPresets).toEqual([{ name: 'Dark', plugin: 'eq' }])
})

test('two projects of one millisecond and tempo are two, and stay two', async () => {
  const dump = { 'mixxclub:project-history': [{ genre: 'Trap', bpm: 140, key: 'A#m', timestamp: 5 }, { genre: 'Drill', bpm: 140, key: 'Cm', timestamp: 5 }] }
  expect((await importLocalStorage(dump)).families.projectHistory).toMatchObject({ imported: 2, alreadyThere: 0 })
  expect((await importLocalStorage(dump)).families.projectHistory).toMatchObject({ imported: 0, alreadyThere: 2 })
})

test('an imported vector keeps its id, whatever it looks like, and its times', async () => {
  const vector = { id: 'my id', embedding: [1], metadata: { type: 'cache', originalText: 'kick', mood: 'Dark' }, createdAt: 5_000, lastAccessedAt: 6_000 }
  await importLocalStorage({ 'clara:embeddings:my id': vector })
  const storage = getClaraVectorStorage()
  const found = (await storage.getEmbedding('my id'))!
  expect(found).toMatchObject({ id: 'my id', createdAt: 5_000, lastAccessedAt: expect.any(Number) })
  expect(found.metadata).toEqual({ type: 'cache', originalText: 'kick', mood: 'Dark', compressionRatio: expect.any(Number), model: 'all-MiniLM-L6-v2-int8' })
  expect((await storage.findSimilar(found.embedding)).map(({ id }) => id)).toEqual(['my id'])
  await storage.deleteEmbedding('my id')
  expect(await storage.getEmbedding('my id')).toBeNull()
})
