/** Similar projects through the package, on the demo's real songs (demo/projects). */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { PrimeMemory } from '@mixxclub/prime-memory'
import { cleanUp, failAlike, failure, filesHolding, openAt, openNew, run, seeded, temporaryFolder } from './support/studio'

afterEach(cleanUp)

const SONGS = join(__dirname, '../demo/projects')
type State = { [key: string]: any; tracks: any[] }
let songs: { name: string; state: State }[]
let variants: Record<string, (state: State, random: () => number) => State>

beforeAll(async () => {
  const { ENDINGS, loadProject } = (await import('../demo/project.mjs')) as any
  const files = readdirSync(SONGS).filter((file) => ENDINGS.some((ending: string) => file.endsWith(ending))).sort()
  songs = await Promise.all(files.map((file) => loadProject(join(SONGS, file))))
  variants = ((await import('../benches/similar/variants.mjs')) as any).VARIANTS
})

async function saveAll({ snapshots }: PrimeMemory, type: 'auto' | 'manual' = 'manual'): Promise<string[]> {
  const saved: string[] = []
  for (const { name, state } of songs) saved.push((await snapshots.save(name, state, { type })).id)
  return saved
}

describe('what is found', () => {
  test('a song renamed, transposed, remixed: its original first, with reasons', async () => {
    const memory = await openNew()
    await saveAll(memory)
    const random = seeded(7)
    for (const { name, state } of songs) {
      for (const variant of ['renamed', 'transposed', 'remix', 'tempo', 'halfTheTracks']) {
        const [first] = await memory.snapshots.similar({ state: variants[variant]!(state, random) })
        expect([variant, first?.project]).toEqual([variant, name])
        expect(first!.score).toBeGreaterThan(0.1)
        expect(first!.score).toBeLessThanOrEqual(1)
        expect(first!.why).toMatch(/^[A-Z0-9].*\.$/)
      }
    }
    const { name, state } = songs[0]!
    const itself = await memory.snapshots.similar({ state: JSON.stringify(state) }, { limit: 3 })
    expect(itself).toHaveLength(3)
    expect(itself[0]).toMatchObject({ project: name, score: expect.closeTo(1, 5), bpm: state.bpm, sharedPlugins: expect.any(Array), parts: { notes: expect.closeTo(1, 5) } })
    expect(itself.map(({ score }) => score)).toEqual([...itself.map(({ score }) => score)].sort((a, b) => b - a))
    expect(memory.snapshots.similarSync({ state: Buffer.from(JSON.stringify(state)) }, { limit: 3 })).toEqual(itself)
    expect(await memory.snapshots.similar({ state: { projectData: state } }, { limit: 3 })).toEqual(itself)
    const without = await memory.snapshots.similar({ state }, { excludeProject: name })
    expect(without).toHaveLength(9)
    expect(without.map(({ project }) => project)).not.toContain(name)
  }, 120_000)

  test('transposed by three semitones is said so', async () => {
    const { snapshots } = await openNew()
    const { state } = songs.find(({ state }) => Object.values(state.pianoRollSketches).flat().length > 100)!
    const drums = new Set(state.tracks.filter(({ group }) => group === 'Drums').map(({ id }) => id))
    const up = Object.entries(state.pianoRollSketches as Record<string, any[]>).map(([id, notes]) => [id, drums.has(id) ? notes : notes.map((note) => ({ ...note, pitch: note.pitch + 3 }))])
    await snapshots.save('higher', { ...state, pianoRollSketches: Object.fromEntries(up) })
    const [found] = await snapshots.similar({ state })
    expect(found).toMatchObject({ project: 'higher', transposed: 3, why: expect.stringContaining('3 semitones higher') })
  })

  test('by id: not its own project; versions of one project are one', async () => {
    const memory = await openNew()
    const { snapshots } = memory
    const ids = await saveAll(memory)
    const { name, state } = songs[3]!
    const copy = await snapshots.save('a copy', variants.renamed!(state, seeded(1)), { type: 'milestone' })
    const better = await snapshots.save('a copy', state)
    const found = await snapshots.similar(ids[3]!)
    expect(found[0]).toMatchObject({ id: better.id, project: 'a copy', score: expect.closeTo(1, 5) })
    expect(found.filter(({ project }) => project === 'a copy')).toHaveLength(1)
    expect(found.map(({ project }) => project)).not.toContain(name)
    expect(await snapshots.similar({ id: ids[3]! })).toEqual(found)
    expect((await snapshots.similar(copy.id))[0]!.project).toBe(name)
    expect((await snapshots.similar(copy.id, { excludeProject: name })).map(({ project }) => project)).not.toContain(name)
  })

  test('autosaves: the last of each branch, and those with tags', async () => {
    const memory = await openNew()
    const { snapshots } = memory
    const [one, two, three] = songs.map(({ state }) => state) as [State, State, State]
    const first = await snapshots.save('p', one, { type: 'auto' })
    const last = await snapshots.save('p', two, { type: 'auto' })
    expect((await snapshots.similar({ state: two }))[0]).toMatchObject({ id: last.id, score: expect.closeTo(1, 5) })
    expect((await snapshots.similar({ state: one }))[0]!.id).toBe(last.id)
    snapshots.tag(first.id, 'keep')
    expect((await snapshots.similar({ state: one }))[0]).toMatchObject({ id: first.id, score: expect.closeTo(1, 5) })
    snapshots.untag(first.id, 'keep')
    expect((await snapshots.similar({ state: one }))[0]!.id).toBe(last.id)
    snapshots.branch('p', 'other', { from: first.id })
    expect((await snapshots.similar({ state: one }))[0]!.id).toBe(first.id)
    const other = await snapshots.save('p', three, { type: 'auto', branch: 'other' })
    expect((await snapshots.similar({ state: three }))[0]!.id).toBe(other.id)
    expect((await snapshots.similar({ state: one }))[0]!.id).not.toBe(first.id)
    expect((await memory.verify()).problems).toEqual([])
  })

  test('nothing for a state that says nothing, or in an empty store', async () => {
    const { snapshots } = await openNew()
    expect(await snapshots.similar({ state: songs[0]!.state })).toEqual([])
    await snapshots.save('p', songs[0]!.state)
    await snapshots.save('empty', { bpm: 120, tracks: [] })
    expect(await snapshots.similar({ state: {} })).toEqual([])
    expect((await snapshots.similar({ state: songs[0]!.state })).map(({ project }) => project)).toEqual(['p'])
  })
})

test('users never see each other', async () => {
  const memory = await openNew({ scope: { user: 'ann' } })
  const { snapshots } = memory
  const { state } = songs[0]!
  const hers = await snapshots.save('hers', state)
  const his = await snapshots.save('his', state, { scope: { user: 'bo' } })
  await snapshots.save("nobody's", state, { scope: {} })
  const projects = async (options?: { scope: { user?: string } }) => (await snapshots.similar({ state }, options)).map(({ project }) => project)
  expect(await projects()).toEqual(['hers'])
  expect(await projects({ scope: { user: 'bo' } })).toEqual(['his'])
  expect(await projects({ scope: {} })).toEqual(["nobody's"])
  expect(await projects({ scope: { user: '' } })).toEqual([])
  await failAlike([() => snapshots.similar(his.id), () => snapshots.similarSync({ id: his.id })], 'PM_NOT_FOUND')
  await failAlike([() => snapshots.similar(hers.id, { scope: {} }), () => snapshots.similarSync(hers.id, { scope: {} })], 'PM_NOT_FOUND')
  expect(await snapshots.similar(hers.id)).toEqual([])
  for (let i = 0; i < 12; i++) await projects({ scope: { user: `user ${i}` } })
  expect(await projects()).toEqual(['hers'])
})

describe('what is gone', () => {
  test('is not found after prune and forget, and leaves the file', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'studio.db')
    const memory = await openAt(path)
    const { snapshots } = memory
    const [one, two] = songs.map(({ state }) => state) as [State, State]
    const withPlugin = { ...one, inserts: { [one.tracks[0].id]: ['zephyrquartz'] } }
    const first = await snapshots.save('p', withPlugin)
    const last = await snapshots.save('p', two)
    await snapshots.save('q', withPlugin)
    expect((await snapshots.similar({ state: withPlugin }, { excludeProject: 'q' }))[0]).toMatchObject({ id: first.id, sharedPlugins: expect.arrayContaining(['zephyrquartz']) })
    await snapshots.prune('p', { keepLast: 1 })
    expect((await snapshots.similar({ state: withPlugin }, { excludeProject: 'q' }))[0]!.id).toBe(last.id)
    await snapshots.forget('q')
    expect((await snapshots.similar({ state: withPlugin })).map(({ project }) => project)).toEqual(['p'])
    expect((await memory.verify()).problems).toEqual([])
    await memory.close()
    expect(filesHolding(folder, 'zephyrquartz')).toEqual([])
  })

  test('by another process, and what another process saves is found', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'studio.db')
    const file = join(folder, 'state.json')
    const memory = await openAt(path)
    await saveAll(memory, 'auto')
    const { name, state } = songs[5]!
    const renamed = variants.renamed!(state, seeded(5))
    const projects = async () => (await memory.snapshots.similar({ state: renamed }, { limit: 2 })).map(({ project }) => project)
    expect((await projects())[0]).toBe(name)
    writeFileSync(file, JSON.stringify(renamed))
    expect(await run('snapshots-similar.cjs', [path, 'save', 'theirs', file])).toMatchObject({ code: 0, stderr: '' })
    expect(await projects()).toEqual(['theirs', name])
    expect(await run('snapshots-similar.cjs', [path, 'forget', name])).toMatchObject({ code: 0, stderr: '' })
    expect(await projects()).not.toContain(name)
    expect((await projects())[0]).toBe('theirs')
  })
})

test('is the same after opening again, with many calls at once', async () => {
  const path = join(temporaryFolder(), 'studio.db')
  const memory = await openAt(path)
  await saveAll(memory)
  const asked = songs.map(({ state }) => ({ state: variants.remix!(state, seeded(2)) }))
  const found = await Promise.all(asked.map((to) => memory.snapshots.similar(to)))
  await memory.close()
  const again = await openAt(path)
  const later = await Promise.all(asked.map((to) => again.snapshots.similar(to)))
  expect(later).toEqual(found)
  expect(found.map(([first]) => first!.project)).toEqual(songs.map(({ name }) => name))
})

test('damaged features are noticed, mended, and never answered with', async () => {
  const path = join(temporaryFolder(), 'studio.db')
  const memory = await openAt(path)
  const { state } = songs[0]!
  const marked = { ...state, inserts: { [state.tracks[0].id]: ['zephyrquartz'] } }
  const { id } = await memory.snapshots.save('p', marked)
  const found = await memory.snapshots.similar({ state })
  await memory.close()
  const damage = () => {
    const bytes = readFileSync(path)
    // In features a line ends behind the name, in a state a quote.
    const at = bytes.indexOf('zephyrquartz\n')
    expect(at).toBeGreaterThan(0)
    bytes.write('Z', at)
    writeFileSync(path, bytes)
  }
  damage()
  let again = await openAt(path)
  expect((await again.verify()).problems).toEqual([expect.stringContaining(id)])
  const report = await again.repair()
  expect(report).toMatchObject({ ok: true, problems: [] })
  expect(report.mended).toContainEqual(expect.stringContaining('features'))
  expect(await again.snapshots.similar({ state })).toEqual(found)
  await again.close()
  damage()
  again = await openAt(path)
  expect(await again.snapshots.similar({ state })).toEqual(found)
  expect((await again.verify()).problems).toEqual([])
})

test('what makes no sense is refused by name', async () => {
  const memory = await openNew()
  const { snapshots } = memory
  const { id } = await snapshots.save('p', songs[0]!.state)
  const refused = (to: any, options: any, code: string, says: string | RegExp) => failAlike([() => snapshots.similar(to, options), () => snapshots.similarSync(to, options)], code, says)
  await refused('1-0000000000', undefined, 'PM_NOT_FOUND', '1-0000000000')
  await refused({ id: 'none' }, undefined, 'PM_NOT_FOUND', 'none')
  for (const limit of [0, 1001]) await refused(id, { limit }, 'PM_BAD_OPTION', 'options.limit')
  for (const limit of [1.5, -1, '3', Number.NaN]) await refused(id, { limit }, 'PM_BAD_OPTION', 'limit')
  await refused(id, { exludeProject: 'p' }, 'PM_UNKNOWN_OPTION', 'excludeProject')
  await refused(id, { excludeProject: '' }, 'PM_BAD_OPTION', 'excludeProject')
  await refused(id, { scope: { project: 'p' } }, 'PM_UNKNOWN_OPTION', 'project')
  await refused({ state: '{"tracks": [' }, undefined, 'PM_BAD_OPTION', 'state')
  await refused({ state: '[1, 2]' }, undefined, 'PM_BAD_OPTION', 'state')
  await refused({ state: '' }, undefined, 'PM_BAD_OPTION', 'state')
  await refused({ state: Buffer.from([0x7b, 0xff, 0x7d]) }, undefined, 'PM_BAD_TEXT', 'state')
  await refused({ state: 7 }, undefined, 'PM_BAD_OPTION', 'state')
  await refused({ state: null }, undefined, 'PM_BAD_OPTION', 'state')
  await refused({ state: `{"a":${'['.repeat(200)}${']'.repeat(200)}}` }, undefined, 'PM_BAD_OPTION', 'state')
  await refused(songs[0]!.state, undefined, 'PM_UNKNOWN_OPTION', 'state')
  await refused({}, undefined, 'PM_BAD_OPTION', 'neither')
  await refused({ id, state: {} }, undefined, 'PM_BAD_OPTION', 'both')
  for (const to of [undefined, null, 7, [], true]) await refused(to, undefined, 'PM_BAD_OPTION', 'to')
  const stopped = await failure(() => snapshots.similar(id, { signal: AbortSignal.abort() }))
  expect(stopped).toMatchObject({ name: 'AbortError' })
  await memory.close()
  await refused(id, undefined, 'PM_CLOSED', '')
})
