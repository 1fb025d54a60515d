import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { getClaraEmbedding } from '@mixxclub/prime-memory/clara-embedding'
import { ClaraVectorStorage, getClaraVectorStorage } from '@mixxclub/prime-memory/clara-vector-storage'
import { close, configure, importLocalStorage, migrationReport } from '@mixxclub/prime-memory/studio'
import { freshStudio, warnings, WebStorage } from './support/drop-ins'
import { cleanUp, failure } from './support/studio'

const clara = getClaraEmbedding()
const storage = getClaraVectorStorage()

beforeEach(() => void freshStudio({ localStorage: null }))
afterEach(async () => {
  close()
  await cleanUp()
})

test('misspelled and senseless options are named', async () => {
  const misspelled = { code: 'PM_UNKNOWN_OPTION', message: expect.stringContaining('did you mean') }
  expect(await failure(() => clara.generateEmbedding('hi', { dimension: 1536 } as never))).toMatchObject(misspelled)
  for (const make of [(config: never) => new ClaraVectorStorage(config), (config: never) => getClaraVectorStorage(config)]) {
    expect(await failure(() => make({ useDatabse: true } as never))).toMatchObject(misspelled)
    expect(await failure(() => make({ embeddingDimensions: -4 } as never))).toMatchObject({ code: 'PM_BAD_OPTION' })
  }
})

test('vectors and records that cannot be are refused by name', async () => {
  const { embedding } = await clara.generateEmbedding('kick')
  const stored = (metadata: unknown, result: unknown = { embedding, originalText: 'kick' }) => storage.storeEmbedding(result as never, metadata as never)
  for (const [name, call] of [
    ['queryEmbedding', () => storage.findSimilar(null as never)],
    ['metadata', () => stored(null)],
    ['metadata', () => stored({ type: 'cache', n: 1n })],
    ['embedding', () => stored({ type: 'cache' }, null)],
    ['dimensions', () => clara.generateEmbedding('x', { dimensions: 2 ** 32 })],
    ['embeddingDimensions', () => new ClaraVectorStorage({ embeddingDimensions: 2 ** 32 })],
  ] as const) {
    expect(await failure(call)).toMatchObject({ code: 'PM_BAD_OPTION', message: expect.stringContaining(name) })
  }
  expect((await storage.getStats()).totalEmbeddings).toBe(0)
})

test('of a type that nothing was kept under nothing is similar', async () => {
  const { embedding } = await clara.generateEmbedding('kick')
  expect(await storage.findSimilar(embedding, 'my_type' as never)).toEqual([])
})

test('a number that JSON cannot say is null in metadata', async () => {
  const id = await storage.storeEmbedding(await clara.generateEmbedding('kick'), { type: 'cache', peak: NaN, tags: ['loud'] })
  expect((await storage.getEmbedding(id))!.metadata).toMatchObject({ peak: null, tags: ['loud'] })
})

test.each(['shadow', 'hybrid', 'full'] as const)('a localStorage that forbids reading leaves the memory (%s)', async (phase) => {
  const denied = new WebStorage()
  denied.fault = new Error('SecurityError')
  configure({ localStorage: denied, phase })
  const kick = await clara.generateEmbedding('kick')
  const id = await storage.storeEmbedding(kick, { type: 'cache' })
  expect((await storage.findSimilar(kick.embedding)).map((found) => found.id)).toEqual([id])
  expect(await storage.getStats()).toMatchObject({ totalEmbeddings: 1 })
  expect(migrationReport().cache.localStorage).toBe(0)
  await storage.deleteEmbedding(id)
  expect(await storage.getEmbedding(id)).toBeNull()
  expect(warnings).toEqual([expect.stringContaining('SecurityError')])
})

test('vectors of two lengths have no similarity', () => {
  expect(() => clara.cosineSimilarity([1], [1, 2])).toThrow(expect.objectContaining({ code: 'PM_DIMS_MISMATCH' }))
})

test('a record that says nothing is an empty text', async () => {
  for (const result of [await clara.compressMusicalContext({}), await clara.compressMixxRecall({ category: '' })]) {
    expect(result).toMatchObject({ originalText: '', originalSizeBytes: 0, compressedSizeBytes: 0 })
    expect(result.embedding.every((number) => number === 0)).toBe(true)
  }
  expect(await clara.generateEmbedding('   ')).toMatchObject({ originalText: '   ', originalSizeBytes: 3, compressedSizeBytes: 0 })
})

test('a record with a field that is not of its kind is told field by field, and it says so', async () => {
  expect((await clara.compressMusicalContext({ key: 'Am', chromagram: [1, 0] })).originalText).toContain('Am')
  expect((await clara.compressMusicalContext({ key: 'Am', harmonicTension: 2 })).originalText).toMatch(/harmonicTension: 2/)
  expect((await clara.compressProjectSnapshot({ name: 'Night', projectData: { tracks: [1, 2] } })).originalText).toContain('Night')
  expect(warnings).toEqual([expect.stringContaining('musical_context'), expect.stringContaining('project_snapshot')])
})

test('size and model are those of what is stored, and the text of the metadata is given back', async () => {
  const text = 'a long note about the mix of the second verse, '.repeat(40)
  const embedding = await clara.generateEmbedding(text, { compressionRatio: 4 })
  const id = await storage.storeEmbedding(embedding, { type: 'mixx_recall', originalText: 'said otherwise', mood: 'Dark' })
  const { metadata } = (await storage.getEmbedding(id))!
  expect(metadata).toMatchObject({ type: 'mixx_recall', originalText: 'said otherwise', mood: 'Dark', model: 'all-MiniLM-L6-v2-int8' })
  expect(metadata.compressionRatio).toBeCloseTo((await storage.getStats()).averageCompressionRatio, 9)
  // It is found by the text it is the vector of.
  expect((await storage.findSimilar(embedding.embedding, undefined, 0.95)).map((found) => found.id)).toEqual([id])
})

test('an embedding of no text is not kept', async () => {
  expect(await failure(async () => storage.storeEmbedding(await clara.generateEmbedding(''), { type: 'cache' }))).toMatchObject({ code: 'PM_EMPTY_TEXT' })
})

describe('phases', () => {
  let local: WebStorage
  beforeEach(() => void (local = new WebStorage()))
  const phase = (phase: 'shadow' | 'hybrid' | 'full') => configure({ localStorage: local, phase })
  const kick = () => clara.generateEmbedding('kick and bass fight')

  test('shadow and hybrid keep both, under one id; full keeps the memory alone', async () => {
    const ids: string[] = []
    for (const [count, name] of [[1, 'shadow'], [2, 'hybrid'], [2, 'full']] as const) {
      phase(name)
      ids.push(await storage.storeEmbedding(await kick(), { type: 'cache', name }))
      expect(local.length).toBe(count)
    }
    expect((await storage.getStats()).totalEmbeddings).toBe(3)
    for (const id of ids) expect(await storage.getEmbedding(id)).toMatchObject({ id })
    expect((await storage.findSimilar((await kick()).embedding)).map(({ id }) => id).sort()).toEqual(ids.sort())
    expect((await importLocalStorage(local)).families.embeddings).toMatchObject({ found: 2, alreadyThere: 2 })
  })

  test('shadow answers from localStorage, hybrid from the memory and then from localStorage', async () => {
    phase('full')
    const memoryOnly = await storage.storeEmbedding(await kick(), { type: 'cache' })
    const entry = { id: 'old', embedding: (await kick()).embedding, metadata: { type: 'mixx_recall', originalText: 'kick' }, createdAt: 1 }
    local.setItem('clara:embeddings:old', JSON.stringify(entry))
    const query = (await kick()).embedding
    phase('shadow')
    expect(await storage.getEmbedding(memoryOnly)).toBeNull()
    expect((await storage.findSimilar(query)).map(({ id }) => id)).toEqual(['old'])
    expect(await storage.getStats()).toMatchObject({ totalEmbeddings: 1, byType: { mixx_recall: 1 } })
    phase('hybrid')
    expect(await storage.getEmbedding('old')).toMatchObject({ id: 'old', createdAt: 1 })
    expect((await storage.findSimilar(query)).map(({ id }) => id)).toEqual([memoryOnly])
    expect((await storage.findSimilar(query, 'mixx_recall')).map(({ id }) => id)).toEqual(['old'])
    phase('full')
    expect(await storage.getEmbedding('old')).toBeNull()
  })

  test('what was deleted is gone from both', async () => {
    phase('hybrid')
    const id = await storage.storeEmbedding(await kick(), { type: 'cache' })
    await storage.deleteEmbedding(id)
    expect(local.length).toBe(0)
    for (const name of ['hybrid', 'full', 'shadow'] as const) {
      phase(name)
      expect(await storage.getEmbedding(id)).toBeNull()
    }
  })

  test.each(['full', 'hybrid', 'shadow'] as const)('what is deleted in %s is erased from localStorage, and no phase and no import brings it back', async (name) => {
    phase('hybrid')
    const ids = [await storage.storeEmbedding(await kick(), { type: 'cache' }), 'old']
    local.setItem('clara:embeddings:old', JSON.stringify({ id: 'old', embedding: [1], metadata: { type: 'cache', originalText: 'old kick' }, createdAt: 1 }))
    await importLocalStorage(local)
    phase(name)
    for (const id of ids) await storage.deleteEmbedding(id)
    expect(local.length).toBe(0)
    for (const later of ['hybrid', 'shadow', 'full'] as const) {
      phase(later)
      await importLocalStorage(local)
      for (const id of ids) expect(await storage.getEmbedding(id)).toBeNull()
      expect(await storage.findSimilar((await kick()).embedding, undefined, 0)).toEqual([])
    }
  })
})
