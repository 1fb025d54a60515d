import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { ClaraEmbedding, getClaraEmbedding } from '@mixxclub/prime-memory/clara-embedding'
import { ClaraVectorStorage, getClaraVectorStorage } from '@mixxclub/prime-memory/clara-vector-storage'
import { close } from '@mixxclub/prime-memory/studio'
import { BROKEN, freshStudio, warnings, WebStorage } from './support/drop-ins'
import { cleanUp, failure } from './support/studio'

const clara = getClaraEmbedding()
const storage = getClaraVectorStorage()

beforeEach(() => void freshStudio({ localStorage: null }))
afterEach(async () => {
  close()
  await cleanUp()
})

test('one object each', () => {
  expect(getClaraEmbedding()).toBe(clara)
  expect(getClaraVectorStorage({ embeddingDimensions: 2_000 })).toBe(storage)
  expect(clara).toBeInstanceOf(ClaraEmbedding)
  expect(storage).toBeInstanceOf(ClaraVectorStorage)
})

test('known fault: the vectors have no meaning in them', async () => {
  const [asked, near, far] = await Promise.all(
    ['the kick masks the bass', 'low end is muddy, bass and kick fight', 'export the stems as wav'].map((text) => clara.generateEmbedding(text)),
  )
  const similarity = (other: typeof near) => clara.cosineSimilarity(asked!.embedding, other!.embedding)
  expect(similarity(near)).toBeGreaterThan(similarity(far) + 0.2)
  expect(clara.cosineDistance(asked!.embedding, near!.embedding)).toBeCloseTo(1 - similarity(near), 12)
})

test('known fault: sizes and ratio are made up, and the ratio asked for is ignored', async () => {
  const text = 'a long note about the mix of the second verse, '.repeat(40)
  const fine = await clara.generateEmbedding(text, { compressionRatio: 16 })
  const coarse = await clara.generateEmbedding(text, { compressionRatio: 128 })
  expect(fine.originalSizeBytes).toBe(Buffer.byteLength(text))
  for (const { originalSizeBytes, compressedSizeBytes, compressionRatio } of [fine, coarse]) {
    expect(compressedSizeBytes % (384 * 2)).toBe(0)
    expect(compressionRatio).toBeCloseTo(originalSizeBytes / compressedSizeBytes, 12)
  }
  expect(coarse.compressionRatio).toBeGreaterThan(fine.compressionRatio * 6)
  expect(fine).toMatchObject({ originalText: text, dimensions: 1536, model: 'all-MiniLM-L6-v2-int8' })
})

test('the reported size is what the store keeps', async () => {
  const result = await clara.generateEmbedding('sidechain the pad')
  await storage.storeEmbedding(result, { type: 'mixx_recall' })
  expect(await storage.getStats()).toEqual({
    totalEmbeddings: 1,
    totalSizeBytes: result.compressedSizeBytes,
    averageCompressionRatio: result.compressionRatio,
    byType: { mixx_recall: 1 },
  })
})

test('1536 numbers of length 1, or as many as asked for, but never fewer than the encoder has', async () => {
  const { embedding } = await clara.generateEmbedding('warm pad')
  expect(embedding).toHaveLength(1536)
  expect(clara.cosineSimilarity(embedding, embedding)).toBeCloseTo(1, 6)
  expect((await clara.generateEmbedding('warm pad', { dimensions: 384 })).embedding).toEqual(embedding.slice(0, 384))
  for (const dimensions of [0, 383, 400.5]) expect(await failure(() => clara.generateEmbedding('x', { dimensions }))).toMatchObject({ code: 'PM_BAD_OPTION' })
  expect(await failure(() => clara.generateEmbedding('x', { compressionRatio: 0 }))).toMatchObject({ code: 'PM_BAD_RATIO' })
})

test('known fault: an empty text is similar to something', async () => {
  const [empty, other] = [await clara.generateEmbedding('  '), await clara.generateEmbedding('kick')]
  expect(clara.cosineSimilarity(empty.embedding, other.embedding)).toBe(0)
  expect(empty.compressionRatio).toBe(0)
})

test('known fault: one foreign vector breaks every search', async () => {
  const query = (await clara.generateEmbedding('kick')).embedding
  const found = clara.findSimilar(query, [{ embedding: [1, 2], data: 'foreign' }, { embedding: query, data: 'same' }])
  expect(found).toEqual([{ item: 'same', similarity: expect.closeTo(1, 6), distance: expect.closeTo(0, 6) }])
  expect(() => clara.cosineSimilarity([1], [1, 2])).toThrow('same dimensions')
  await storage.storeEmbedding(await clara.generateEmbedding('kick'), { type: 'cache' })
  expect(await storage.findSimilar([1, 2, 3])).toEqual([])
  expect(await storage.findSimilar(new Array(1536).fill(0.1))).toEqual([])
})

test('records of the Studio are described in words', async () => {
  const recall = await clara.compressMixxRecall({ category: 'plugins', genre: 'Trap', bpm: 140, plugins: ['mixx-eq8'] })
  const music = await clara.compressMusicalContext({ key: 'C', scale: 'minor', bpm: 120, chord: 'Cm7', harmonicTension: 0.4 })
  expect(recall.originalText).toMatch(/Trap[^]*140 BPM/)
  expect(music.originalText).toMatch(/120 BPM, C minor/)
})

test('known fault: a project is "N tracks" whatever is in it', async () => {
  const project = {
    tracks: [{ id: 't1', trackName: 'Lead', group: 'Vocals' }],
    clips: [{ id: 'c1', trackId: 't1' }],
    inserts: { t1: ['mixx-tune'] },
  }
  const { originalText } = await clara.compressProjectSnapshot({ name: 'Night', bpm: 120, key: 'Am', projectData: project })
  for (const part of ['Night', '120 BPM', 'Lead', 'mixx tune', '1 clip']) expect(originalText).toContain(part)
})

test('what was stored is found by meaning, with all that was said about it', async () => {
  const ids: string[] = []
  for (const [text, type] of [['kick and bass fight below 100 Hz', 'mixx_recall'], ['the vocal is too dry', 'mixx_recall'], ['kick and bass clash', 'project_snapshot']] as const) {
    ids.push(await storage.storeEmbedding(await clara.generateEmbedding(text), { type, mood: 'Dark', tags: ['a', 'b'] }))
  }
  const query = (await clara.generateEmbedding('kick and bass fight under 100 Hz')).embedding
  const all = await storage.findSimilar(query, undefined, 0.5)
  expect(all.map(({ id }) => id)).toEqual([ids[0], ids[2]])
  expect(all[0]).toMatchObject({ metadata: { type: 'mixx_recall', originalText: 'kick and bass fight below 100 Hz', mood: 'Dark', tags: ['a', 'b'] }, createdAt: expect.any(Number) })
  expect(clara.cosineSimilarity(query, all[0]!.embedding)).toBeGreaterThan(clara.cosineSimilarity(query, all[1]!.embedding))
  expect((await storage.findSimilar(query, 'project_snapshot', 0.5)).map(({ id }) => id)).toEqual([ids[2]])
  expect(await storage.findSimilar(query, undefined, 0.5, 1)).toHaveLength(1)
  expect(await storage.findSimilar(query, undefined, 0.999)).toEqual([])
  close() // Times of access are written in the background, and when the memory closes.
  expect((await storage.getEmbedding(ids[0]!))!.lastAccessedAt).toBeGreaterThanOrEqual(all[0]!.createdAt)
})

test('what was deleted is gone', async () => {
  const id = await storage.storeEmbedding(await clara.generateEmbedding('gone'), { type: 'cache' })
  expect(await storage.getEmbedding(id)).toMatchObject({ id })
  expect(await storage.deleteEmbedding(id)).toBeUndefined()
  expect(await storage.getEmbedding(id)).toBeNull()
  await storage.deleteEmbedding(id)
})

test('another model\'s name is not echoed', async () => {
  expect((await clara.generateEmbedding('x', { model: 'text-embedding-3' })).model).toBe('all-MiniLM-L6-v2-int8')
  expect(warnings).toEqual([expect.stringContaining('text-embedding-3')])
})

test('without the addon equal texts are found and nothing else, and it says so', async () => {
  freshStudio({ ...BROKEN, localStorage: new WebStorage() })
  const [one, same, other] = await Promise.all(['the kick', 'the kick', 'the kicks'].map((text) => clara.generateEmbedding(text)))
  expect(one!.model).toBe('exact-match-only')
  expect(clara.cosineSimilarity(one!.embedding, same!.embedding)).toBeCloseTo(1, 9)
  expect(Math.abs(clara.cosineSimilarity(one!.embedding, other!.embedding))).toBeLessThan(0.3)
  const id = await storage.storeEmbedding(one!, { type: 'cache' })
  await storage.storeEmbedding(other!, { type: 'cache' })
  expect((await storage.findSimilar(same!.embedding)).map((found) => found.id)).toEqual([id])
  expect(await storage.getStats()).toMatchObject({ totalEmbeddings: 2, byType: { cache: 2 } })
  await storage.deleteEmbedding(id)
  expect(await storage.getEmbedding(id)).toBeNull()
  expect(warnings).toEqual([expect.stringContaining('exact matches only')])
})
