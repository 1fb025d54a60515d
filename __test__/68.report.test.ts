import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import type { PrimeMemory, StoreReport } from '@mixxclub/prime-memory'
import { cleanUp, failure, openNew } from './support/studio'

afterEach(cleanUp)

const PLACES = ['chorus', 'first verse', 'bridge', 'long intro', 'breakdown', 'last hook']
const SOUNDS = ['kick drum', 'lead vocal', 'analog bass', 'string pad', 'ride cymbal', 'slide guitar', 'grand piano']

/** Texts of three sentences about one sound each, and some of one sentence. */
async function remembered(): Promise<PrimeMemory> {
  const memory = await openNew()
  const notes = SOUNDS.flatMap((sound, i) =>
    PLACES.slice(0, 3).map((place, j) => ({
      kind: 'note',
      text: `The ${sound} is too loud in the ${place}, take ${i * 3 + j}. Somebody said that the ${sound} needs ${i + j + 2} dB less. We listen to the ${sound} of the ${place} again on day ${i * 5 + j}.`,
    })),
  )
  await memory.rememberMany(notes)
  await memory.rememberMany(SOUNDS.map((sound, i) => ({ kind: 'idea', text: `put the ${sound} right before the ${PLACES[i % 6]} and let it ring there`, ratio: 4 })))
  return memory
}

/** The same numbers however long it took. */
function withoutTimes(report: StoreReport): unknown {
  return JSON.parse(JSON.stringify({ ...report, at: 0, seconds: 0 }, (name, value) => (/cpu/i.test(name) ? null : value)))
}

test('sizes are those of stats, and each ratio takes what compressing at it takes', async () => {
  const memory = await remembered()
  const report = await memory.report({ sample: 0 })
  const { kinds } = memory.stats()
  expect(report.kinds.map(({ kind }) => kind)).toEqual(['idea', 'note'])
  for (const { kind, all, tiers, ratios, encode, sample, baselines } of report.kinds) {
    const { tiers: counts, ...sizes } = kinds[kind]!
    expect(all).toMatchObject(sizes)
    expect(tiers.hot!.memories).toBe(counts.hot)
    expect(tiers.warm).toBeUndefined()
    expect([encode, sample, baselines, ratios[0]!.meaning]).toEqual([null, null, null, null])
    expect(all.ratio).toBeCloseTo(sizes.sourceTokens / sizes.memoryTokens)
    expect(all.byteRatio).toBeCloseTo(sizes.sourceBytes / (sizes.textBytes + sizes.tokenBytes + all.indexBytes + all.wordBytes))
  }
  expect(report.all.memories).toBe(28)
  expect(report.growth.points).toMatchObject([{ items: 28 }])
  const at4 = report.kinds[0]!.ratios.find(({ ratio }) => ratio === 4)!
  expect([at4.memoryTokens, at4.hotBytes]).toEqual([kinds.idea!.memoryTokens, kinds.idea!.tokenBytes])
  const texts = await memory.search('the', { kind: 'idea', limit: 100, mode: 'keyword' })
  const counts = await Promise.all(texts.map(async ({ text }) => (await memory.compress(text!, { ratio: 2 })).count))
  expect(counts).toHaveLength(7)
  expect(report.kinds[0]!.ratios[1]!.memoryTokens).toBe(counts.reduce((sum, count) => sum + count))
})

test('the versions of projects are counted, whoever they belong to, and their audio once', async () => {
  const memory = await openNew()
  expect((await memory.report({ sample: 0 })).history).toEqual({ projects: 0, versions: 0, bytes: 0, storedBytes: 0, byteRatio: null })
  const audio = Buffer.alloc(60_000, 'a sound that is no sound').toString('base64')
  const states = [120, 124, 128].map((bpm) => ({ bpm, audioBuffers: { take: { channelData: [audio] } } }))
  for (const state of states) await memory.snapshots.save('Night drive', state)
  await memory.snapshots.save('Slow train', states[0]!, { scope: { user: 'ben' } })
  const { history } = await memory.report({ sample: 0 })
  const bytes = [...states, states[0]!].reduce((sum, state) => sum + JSON.stringify(state).length, 0)
  expect(history).toMatchObject({ projects: 2, versions: 4, bytes })
  const [own] = memory.snapshots.projects()
  expect(history.storedBytes).toBeGreaterThan(own!.storedBytes)
  expect(history.storedBytes).toBeLessThan(own!.storedBytes + 1_000)
  expect(history.byteRatio).toBeCloseTo(bytes / history.storedBytes)
})

test('items are found by their own sentences, and ratios, baselines and costs are told', async () => {
  const memory = await remembered()
  const progress: number[][] = []
  const report = await memory.report({ onProgress: ({ done, total }) => void progress.push([done, total]) })
  expect(progress.at(-1)).toEqual([28, 28])
  const [idea, note] = report.kinds
  expect(note!.ratios.map(({ ratio }) => ratio)).toEqual([1, 2, 4, 8, 16, 32, 64, 128])
  expect(note!.sample).toEqual({ items: 21, singleSentence: 0, withoutQuestion: 0, shortened: 0, ratiosInUse: { 16: 21 } })
  for (const { meaning, hybrid, hotBytes, encodeCpuSeconds, scanCpuMs } of note!.ratios) {
    // Three items speak of each sound: a sentence left out tells the sound, a sentence kept tells which.
    expect(meaning!.heldOut!.questions).toBe(21)
    expect(meaning!.heldOut!.mrr10).toBeGreaterThan(0.3)
    expect(meaning!.kept!.mrr10).toBeGreaterThan(0.7)
    expect(hybrid!.kept!.r1).toBeGreaterThan(0.9)
    expect(meaning!.half).toBeNull()
    expect(Math.min(hotBytes, encodeCpuSeconds!, scanCpuMs!)).toBeGreaterThan(0)
  }
  expect(note!.ratios[0]!.scanCpuMs).toBeGreaterThan(note!.ratios.at(-1)!.scanCpuMs!)
  expect(note!.baselines!.keyword.kept!.r1).toBe(1)
  // One memory token is the mean vector.
  expect(note!.baselines!.meanVector).toEqual(note!.ratios.at(-1)!.meaning)
  expect(idea!.sample).toMatchObject({ items: 7, singleSentence: 7, ratiosInUse: { 4: 7 } })
  expect(idea!.ratios[0]!.meaning).toMatchObject({ heldOut: null, kept: null, half: { questions: 7 } })
  expect(note!.encode!.cpuSeconds!).toBeGreaterThan(note!.encode!.sampleCpuSeconds!)
  expect(withoutTimes(await memory.report())).toEqual(withoutTimes(report))
})

test('nothing is written, no access counted, and a writer next door goes on', async () => {
  const memory = await remembered()
  const { path } = await memory.report({ sample: 0 })
  const fingerprint = () => [path, `${path}-wal`].map((file) => (existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : ''))
  await memory.cache.set({ prompt: 'how loud?' }, { content: '-14 LUFS', cost: 0.25 })
  const before = fingerprint()
  await memory.cache.get({ prompt: 'how loud?' })
  const report = await memory.report()
  expect(fingerprint()).toEqual(before)
  // A hit that waits to be written is told all the same.
  expect(report.cache).toMatchObject({ entries: 1, hits: 1, saved: 0.25, savings: { points: [{ saved: 0.25 }], undated: 0 } })
  expect(report.cache.savings.points[0]!.at % 86_400_000).toBe(0)

  const neighbour = spawn(process.execPath, [join(__dirname, 'fixtures/neighbour.cjs'), path, 'other'], { env: { ...process.env, NODE_OPTIONS: '' } })
  const ended = new Promise((resolve) => neighbour.on('exit', resolve))
  const reports = []
  while (neighbour.exitCode === null && reports.length < 50) reports.push(await memory.report({ sample: 5, ratios: [16] }))
  expect(await ended).toBe(0)
  expect((await memory.report({ sample: 0 })).all.memories).toBe(68)
})

test('only the kinds and ratios asked for', async () => {
  const memory = await remembered()
  const report = await memory.report({ kinds: 'idea', ratios: [64, 3, 64], sample: 3 })
  expect(report.kinds.map(({ kind, ratios, sample }) => [kind, ratios.map(({ ratio }) => ratio), sample!.items])).toEqual([['idea', [3, 64], 3]])
  expect(report.all.memories).toBe(7)
})

test('an empty store is reported too', async () => {
  const report = await (await openNew()).report()
  expect(report).toMatchObject({ kinds: [], all: { memories: 0, ratio: null, byteRatio: null }, growth: { points: [] }, cache: { saved: 0 } })
})

test('an item without others is found by nothing: it would always come first', async () => {
  const memory = await openNew()
  await memory.remember({ kind: 'note', text: 'The kick is too loud in the chorus. We lower it by two dB tomorrow.' })
  const [{ sample, ratios, encode }] = (await memory.report()).kinds as [StoreReport['kinds'][number]]
  expect(sample).toMatchObject({ items: 1, withoutQuestion: 1 })
  expect(ratios[0]!.meaning).toEqual({ heldOut: null, kept: null, half: null })
  expect(encode!.questionCpuMs).toBeNull()
  expect(ratios[0]!.scanCpuMs).toBeNull()
  expect(ratios[0]!.encodeCpuSeconds).toBeGreaterThan(0)
})

test('sentences that stand in several items ask for none of them', async () => {
  const memory = await openNew()
  await memory.rememberMany(Array.from({ length: 4 }, () => ({ kind: 'note', text: 'The same words in each of them. And the same once more in each.' })))
  const [{ sample, ratios }] = (await memory.report()).kinds as [StoreReport['kinds'][number]]
  expect(sample).toMatchObject({ items: 4, withoutQuestion: 4 })
  expect(ratios[0]!.meaning).toEqual({ heldOut: null, kept: null, half: null })
})

test('bad options are named, and a report can be cancelled', async () => {
  const memory = await remembered()
  for (const [options, code, says] of [
    [{ ratio: [1] }, 'PM_UNKNOWN_OPTION', 'did you mean "ratios"?'],
    [{ ratios: [0] }, 'PM_BAD_RATIO', '0'],
    [{ ratios: [] }, 'PM_BAD_OPTION', 'options.ratios'],
    [{ sample: 1001 }, 'PM_BAD_OPTION', 'options.sample'],
    [{ sample: -1 }, 'PM_BAD_OPTION', 'options.sample'],
    [{ kinds: ['nte'] }, 'PM_UNKNOWN_KIND', 'note'],
    [{ kinds: [] }, 'PM_BAD_OPTION', 'options.kinds: an empty list; give at least one, or leave it out'],
  ] as const) {
    const error = await failure(() => memory.report(options as never))
    expect(error.code).toBe(code)
    expect(error.message).toContain(says)
  }
  const stop = new AbortController()
  const error = await failure(() => memory.report({ signal: stop.signal, onProgress: () => stop.abort() }))
  expect([error.name, error.code]).toEqual(['AbortError', 'PM_ABORTED'])
})
