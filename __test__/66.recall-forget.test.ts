import { join, dirname } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { MetadataValue, Observation, PrimeMemory } from '@mixxclub/prime-memory'
import { cleanUp, failure, filesHolding, halves, openAt, openNew, temporaryFolder } from './support/studio'

afterEach(cleanUp)

const SECRET = 'zanzibarish-comp'
/** The plugin's name as it stands in ids, and as words of a text: stems, so without their ends. */
const TRACES = ['zanzibarish', 'Zanzibarish', 'zanzibar']

/** Sixty observations, a few of which hold the secret plugin, in a store with an index on disk. */
async function filled(): Promise<{ path: string; folder: string; memory: PrimeMemory; withSecret: string[] }> {
  const path = join(temporaryFolder(), 'studio.db')
  const memory = await openAt(path)
  const session = (i: number): Observation => ({ project: `Song ${i}`, bpm: 100 + (i % 7), genre: i % 2 ? 'Trap' : 'House', plugins: ['mixx-eq8', `plugin-${i % 5}`] })
  await memory.recall.learnMany(Array.from({ length: 30 }, (_, i) => session(i)))
  const reports = await memory.recall.learnMany([
    { ...session(30), plugins: ['mixx-eq8', SECRET], presets: [{ name: 'Zanzibarish glue', plugin: SECRET, settings: { ratio: 4 } }] },
    { settings: { [SECRET]: { ratio: 2.5 }, 'mixx-eq8': { gain: 1 } } },
    { favourites: { [SECRET]: true } },
    { plugins: [SECRET] },
  ])
  await memory.recall.learnMany(Array.from({ length: 30 }, (_, i) => session(40 + i)))
  await memory.close()
  return { path, folder: dirname(path), memory: await openAt(path), withSecret: reports.map((report) => report.memory) }
}

const left = (folder: string, traces: (string | Buffer)[]) => traces.flatMap((trace) => filesHolding(folder, trace))

test('all of it stands in the file before: else nothing below would prove anything', async () => {
  const { folder } = await filled()
  for (const trace of [SECRET, 'zanzibarish']) expect([trace, filesHolding(folder, trace)]).toEqual([trace, expect.arrayContaining(['studio.db'])])
})

describe('forgetting a plugin', () => {
  test('leaves no byte of its name in any file, at once and after closing', async () => {
    const { path, folder, memory, withSecret } = await filled()
    const before = memory.recall.facts()
    expect(await memory.recall.forget({ category: 'plugin', value: SECRET })).toBe(4)
    expect(memory.stats().store.pendingErase).toBe(false)
    expect(left(folder, TRACES)).toEqual([])
    expect(JSON.stringify([memory.recall.facts(), memory.recall.context(), memory.recall.history()])).not.toContain('anzibarish')
    // The others are as they were.
    const without = before.filter((fact) => !JSON.stringify(fact).includes('anzibarish'))
    expect(memory.recall.facts().map((fact) => [fact.key, fact.count])).toEqual(without.map((fact) => [fact.key, fact.count]))
    expect(await memory.get(withSecret[2]!)).toBeNull()
    expect(await memory.get(withSecret[3]!)).toBeNull()
    expect(await memory.verify()).toEqual({ ok: true, problems: [], mended: [] })
    await memory.close()
    expect(left(folder, TRACES)).toEqual([])
    const again = await openAt(path)
    expect(again.recall.forgetSync('plugin:mixx-eq8')).toBeGreaterThan(0)
    expect(left(folder, ['mixx-eq8'])).toEqual([])
  })

  test('leaves no vector that its mention made', async () => {
    const { folder, memory, withSecret } = await filled()
    const tokens = await Promise.all(withSecret.map((id) => memory.tokens(id)))
    const vectors = tokens.map((one) => halves(one!.whole).subarray(100, 164))
    for (const vector of vectors) expect(filesHolding(folder, vector)).toEqual(['studio.db'])
    await memory.recall.forget(`plugin:${SECRET}`)
    expect(left(folder, vectors)).toEqual([])
    await memory.close()
    expect(left(folder, vectors)).toEqual([])
  })

  test('keeps what else was seen there, and says it in the memory', async () => {
    const { memory, withSecret } = await filled()
    await memory.recall.forget({ category: 'plugin', value: SECRET })
    expect(memory.recall.history().filter((one) => one.project === 'Song 30')).toHaveLength(1)
    expect((await memory.get(withSecret[0]!))!.text).toBe('Name: Song 30.\nGenre: House.\nTypical tempo: 102 BPM.\nPlugins: mixx eq8.')
    const found = await memory.recall.similar('Song 30', { limit: 1 })
    expect(found[0]!.id).toBe(withSecret[0])
    expect(await memory.search('zanzibarish', { mode: 'keyword' })).toEqual([])
  })
})

describe('forgetting', () => {
  test('a value of a state: what was valid before is valid again', async () => {
    const { memory } = await filled()
    const { recall } = memory
    const at = (month: number) => Date.UTC(2025, month, 1)
    for (const [month, lufs] of [[0, -9], [1, -7.25], [2, -9], [3, -14]] as const) await recall.learn({ lufs, at: at(month) })
    expect(await recall.forget({ category: 'lufs', value: -7.25 })).toBe(1)
    expect(recall.explain('lufs').formerly).toEqual([{ value: -9, validFrom: at(0), validTo: at(3) }])
    expect(await recall.forget({ category: 'lufs', value: -14 })).toBe(1)
    expect(recall.explain('lufs')).toMatchObject({ value: -9, formerly: [], validFrom: at(0) })
    expect(await recall.forget('lufs')).toBe(1)
    expect(recall.context().preferredMixLevel).toBeUndefined()
  })

  test('a project takes all that was learned there; other counts go down', async () => {
    const { folder, memory } = await filled()
    const before = memory.recall.facts().find((fact) => fact.key === 'plugin:mixx-eq8')!
    await memory.recall.learn({ project: 'Qwlarp sessions', plugins: ['mixx-eq8', 'only-there'], bpm: 301.5 })
    expect(await memory.recall.forget({ category: 'project', value: 'Qwlarp sessions' })).toBe(3)
    expect(left(folder, ['Qwlarp', 'qwlarp', 'only-there', '301.5'])).toEqual([])
    const after = memory.recall.facts().find((fact) => fact.key === 'plugin:mixx-eq8')!
    expect(after).toMatchObject({ count: before.count, firstAt: before.firstAt, lastAt: before.lastAt })
    expect(after.weight).toBeCloseTo(before.weight, 4)
  })

  test('everything of a user leaves not even the name', async () => {
    const { folder, memory } = await filled()
    const scope = { user: 'user-of-the-forgotten' }
    await memory.recall.learn({ genre: 'Gqom', bpm: 112, facts: { mic: 'Xylograph' }, scope })
    expect(filesHolding(folder, 'user-of-the-forgotten')).not.toEqual([])
    for (const category of ['genre', 'bpm', 'mic']) expect(await memory.recall.forget({ category }, { scope })).toBe(1)
    expect(left(folder, ['user-of-the-forgotten', 'Gqom', 'gqom', 'Xylograph', 'xylograph'])).toEqual([])
  })

  test.each<[Observation, string, MetadataValue]>([
    [{ bpm: 128 }, 'bpm', '128.0'],
    [{ bpm: 128 }, 'bpm', ' 128 '],
    [{ lufs: -9 }, 'lufs', '-9'],
    [{ states: { room: 5 } }, 'room', '5'],
    [{ states: { room: 'Caf\u00e9' } }, 'room', 'Cafe\u0301'],
    [{ genre: 'Caf\u00e9' }, 'genre', 'CAFE\u0301'],
    [{ genre: 'Drum  & Bass' }, 'genre', 'Drum  & Bass'],
    [{ project: 'Night\ndrive' }, 'project', 'Night\ndrive'],
    [{ plugins: ['U\u0308ni'] }, 'plugin', ' \u00dcni '],
    [{ favourites: ['\u00dcni'] }, 'favourite', 'U\u0308ni'],
    [{ presets: [{ name: 'Air', plugin: 'eq' }] }, 'preset', ' Air '],
    [{ presets: [{ name: 'Air', plugin: 'eq' }] }, 'preset', { label: 'Air', pluginId: 'eq' }],
    [{ settings: { comp: { ratio: 4 } } }, 'setting', { parameter: 'ratio', value: '4' }],
    [{ facts: { mic: ' U 87' } }, 'mic', 'U  87 '],
    [{ key: 'Am' }, 'key', { key: 'A', scale: 'minor' }],
  ])('%j by %s %j, as explaining knows it', async (observation, category, value) => {
    const { recall } = await openNew()
    await recall.learn(observation)
    expect(recall.explain({ category, value })).toMatchObject({ category })
    expect(await recall.forget({ category, value })).toBe(1)
    expect(recall.facts()).toEqual([])
  })

  test('by a part that no value of the kind has is refused by its name', async () => {
    const { recall } = await openNew()
    await recall.learn({ presets: [{ name: 'Air', plugin: 'eq' }] })
    const which = { category: 'preset', value: { plugn: 'eq' } }
    for (const call of [() => recall.forget(which), () => recall.explain(which)]) {
      expect(await failure(call)).toMatchObject({ code: 'PM_UNKNOWN_OPTION', message: expect.stringContaining('plugin') })
    }
  })

  test('by another spelling, and in part of a value', async () => {
    const { memory } = await filled()
    const { recall } = memory
    await recall.learn({ key: 'A#m', genre: 'Gqom', presets: [{ name: 'Air', plugin: 'mixx-verb' }], settings: { 'mixx-comp': { ratio: 4, attack: 10 } } })
    expect(await recall.forget({ category: 'key', value: 'Bb minor' })).toBe(1)
    expect(await recall.forget({ category: 'genre', value: 'GQOM' })).toBe(1)
    expect(await recall.forget({ category: 'setting', value: { plugin: 'mixx-comp', parameter: 'ratio' } })).toBe(1)
    expect(await recall.forget({ category: 'preset', value: 'Air' })).toBe(1)
    expect(await recall.forget({ category: 'preset', value: 'Air' })).toBe(0)
    const known = recall.facts().length
    expect(await recall.forget({ category: 'genre', value: null })).toBe(0)
    expect(await recall.forget({ category: 'setting', value: {} })).toBe(0)
    for (const which of ['', { category: '' }, 7, null, undefined]) expect((await failure(() => recall.forget(which as never))).code).toBe('PM_BAD_OPTION')
    expect(recall.facts()).toHaveLength(known)
    expect(recall.context().commonSettings).toMatchObject({ 'mixx-comp': { attack: 10 } })
  })

  test('while others learn the same: nothing of it is left', async () => {
    const { folder, path, memory } = await filled()
    const other = await openAt(path)
    const learning = Promise.all(Array.from({ length: 20 }, (_, i) => other.recall.learn({ plugins: ['mixx-eq8', 'qwlarp-verb'], bpm: 80 + i })))
    let forgotten = await memory.recall.forget('plugin:qwlarp-verb')
    await learning
    forgotten += await memory.recall.forget('plugin:qwlarp-verb')
    expect(forgotten).toBeGreaterThan(0)
    expect(left(folder, ['qwlarp'])).toEqual([])
    expect(memory.recall.history().filter((one) => one.bpm! < 100)).toHaveLength(20)
    expect(await memory.verify()).toEqual({ ok: true, problems: [], mended: [] })
  })

  test('cancelled, it has forgotten nothing, unless it was done', async () => {
    const { memory } = await filled()
    const facts = memory.recall.facts().length
    const stop = new AbortController()
    const forgetting = memory.recall.forget('plugin:mixx-eq8', { signal: stop.signal })
    stop.abort()
    const ended = await forgetting.then(() => 'done', ({ name }: Error) => name)
    expect(memory.recall.facts().length < facts ? 'done' : 'AbortError').toBe(ended)
  })

  test('an answer that was given knowing it goes too, however it was told', async () => {
    const { folder, memory: { recall, cache } } = await filled()
    await recall.learn({ bpm: 128.25 })
    const told = [{ commonSettings: { [SECRET]: { ratio: 2.5 } } }, { favourites: { [SECRET]: true } }, { told: 'Typical tempo: 128.25 BPM' }, { typicalBPM: '128,250' }]
    for (const [i, known] of told.entries()) await cache.set({ prompt: `how loud is take ${i}?`, recall: known }, 'as before')
    await cache.set({ prompt: 'how loud is it?', recall: { typicalBPM: 128, favourites: { 'mixx-eq8': true } } }, 'as before')
    await recall.forget({ category: 'plugin', value: SECRET })
    expect(cache.stats().entries).toBe(3)
    await recall.forget({ category: 'bpm', value: 128.25 })
    expect(cache.stats().entries).toBe(1)
    expect(left(folder, ['128.25', '128,25'])).toEqual([])
  })

  test('a memory by its id leaves the habit', async () => {
    const { memory, withSecret } = await filled()
    expect(await memory.forget(withSecret[0]!)).toBe(1)
    expect(memory.recall.history().find((one) => one.project === 'Song 30')!.memory).toBeNull()
    expect(memory.recall.explain('project:Song 30').observations).toEqual([{ at: expect.any(Number), project: 'Song 30', memory: null }])
    expect(await memory.recall.forget('project:Song 30')).toBeGreaterThan(0)
  })
})
