import { afterEach, describe, expect, test } from '@jest/globals'
import { cleanUp, failAlike, failure, openNew, seeded } from './support/studio'

afterEach(cleanUp)

describe('what is no state is refused with its place', () => {
  test.each([
    ['a promise', Promise.resolve({ bpm: 1 }), 'state: found Promise'],
    ['a map', new Map([['bpm', 1]]), 'state: found Map'],
    ['a set of lists', { tracks: [{ plugins: [{}, new Set(['mixx-verb'])] }] }, 'state.tracks[0].plugins[1]: found Set'],
    ['raw audio', { audioBuffers: { b1: new ArrayBuffer(8) } }, 'state.audioBuffers.b1: found ArrayBuffer, which JSON writes as {}; give its bytes as base64'],
    ['samples', { takes: [{ samples: new Float32Array([0.5, -1]) }] }, 'state.takes[0].samples: found Float32Array, which JSON writes as an object of numbers; give its bytes as base64'],
    ['samples of another kind', { a: { b: new Int16Array(3) } }, 'state.a.b: found Int16Array'],
    ['samples that are none yet', { a: new Float64Array() }, 'state.a: found Float64Array'],
    ['a look into bytes', { a: new DataView(new ArrayBuffer(2)) }, 'state.a: found DataView'],
  ])('%s', async (_, state, says) => {
    const { snapshots } = await openNew()
    await failAlike([() => snapshots.save('p', state), () => snapshots.saveSync('p', state)], 'PM_BAD_OPTION')
    expect((await failure(() => snapshots.save('p', state))).message).toContain(says)
    expect(snapshots.projects()).toEqual([])
  })

  test('what says itself by toJSON is kept, and so is what is empty', async () => {
    const { snapshots } = await openNew()
    class Track {
      name = 'Lead'
    }
    const state = { pianoRollSketches: { 0: { 0: [] } }, inserts: {}, clips: [], track: new Track(), empty: new (class {})(), at: new Date(0), bytes: Buffer.from('a'), own: { map: new Map([[1, 2]]), toJSON: () => 'mine' } }
    const { id } = await snapshots.save('p', state)
    expect(await snapshots.restore(id)).toEqual(JSON.parse(JSON.stringify(state)))
  })

  test('ten thousand levels of nesting are named as such', async () => {
    const { snapshots } = await openNew()
    const state: any = {}
    for (let i = 0, inner = state; i < 10_000; i++) inner = inner.a = {}
    expect(await failure(() => snapshots.save('p', state))).toMatchObject({ code: 'PM_BAD_OPTION', message: expect.stringContaining('at most 100 levels of nesting') })
  })
})

test('a policy that keeps next to nothing, or lets no type go, is refused', async () => {
  const { snapshots } = await openNew()
  for (let i = 0; i < 4; i++) await snapshots.save('p', { bpm: i })
  for (const policy of [{ olderThanDays: 0 }, { olderThanDays: 0.01, keepLast: 1 }, { keepLast: 1, types: [] }]) {
    await failAlike([() => snapshots.prune('p', policy), () => snapshots.pruneSync('p', policy)], 'PM_BAD_OPTION')
  }
  expect(snapshots.history('p')).toHaveLength(4)
})

test('a project that began on another branch has main when it is asked for', async () => {
  const { snapshots } = await openNew()
  const first = await snapshots.save('p', { bpm: 1 }, { branch: 'x' })
  expect(snapshots.history('p', { branch: 'main' })).toEqual([])
  const second = await snapshots.save('p', { bpm: 2 })
  expect(second).toMatchObject({ branch: 'main', parent: null })
  expect(await snapshots.save('p', { bpm: 3 })).toMatchObject({ branch: 'main', parent: second.id })
  expect(await snapshots.save('p', { bpm: 4 }, { branch: 'x' })).toMatchObject({ parent: first.id })
  expect(await failure(() => snapshots.save('p', { bpm: 5 }, { branch: 'y' }))).toMatchObject({ code: 'PM_BAD_OPTION' })
})

test('a branch that is not there is told with those that are', async () => {
  const { snapshots } = await openNew()
  const { id } = await snapshots.save('p', { bpm: 1 })
  snapshots.branch('p', 'chorus', { from: id })
  expect(await failure(() => snapshots.history('p', { branch: 'mian' }))).toMatchObject({ code: 'PM_BAD_OPTION', message: expect.stringContaining('there is main, chorus') })
  expect(snapshots.history('p', { branch: 'chorus' })).toEqual([])
  expect(snapshots.history('never saved', { branch: 'mian' })).toEqual([])
})

test('a missing or wrong argument is told with what to give', async () => {
  const { snapshots } = await openNew()
  const { id } = await snapshots.save('p', { bpm: 1 })
  const calls: [call: () => unknown, says: string][] = [
    [() => snapshots.branch('p', 'b', undefined as never), 'options.from: is missing; give the id of the version it begins at'],
    [() => snapshots.history('p', { since: new Date() as never }), 'give milliseconds since 1970'],
    [() => snapshots.history('p', { before: '2026-01-01' as never }), 'give milliseconds since 1970'],
    [() => snapshots.save('p', {}, { at: new Date() as never }), 'give milliseconds since 1970'],
    [() => snapshots.history('p', { type: [] }), 'options.type: an empty list; give at least one, or leave it out'],
    [() => snapshots.remove(undefined as never), 'ids: found nothing; give the id of a snapshot, or a list of ids'],
  ]
  for (const [call, says] of calls) expect(await failure(call)).toMatchObject({ code: 'PM_BAD_OPTION', message: expect.stringContaining(says) })
  expect(snapshots.get(id)).not.toBeNull()
})

test('half a character costs no save, and its versions are compared', async () => {
  const { snapshots } = await openNew()
  const state = (bpm: number) => ({ bpm, tracks: [{ id: 't1', trackName: 'half \ud83c' }] })
  const [one, two] = [await snapshots.save('p', state(120)), await snapshots.save('p', state(124))]
  expect(two).toMatchObject({ summary: 'Tempo 120 → 124 BPM.', changes: 1 })
  expect((await snapshots.diff(one.id, two.id)).summary).toBe(two.summary)
  expect(await snapshots.restore(one.id)).toEqual(state(120))
  expect((await snapshots.similar({ state: state(120) }))[0]).toMatchObject({ project: 'p' })
  expect((await failure(() => snapshots.save('p', '{"a":"\ud83c"}'))).code).toBe('PM_BAD_TEXT')
})

test('a number that only moved into a string is no change', async () => {
  const { snapshots } = await openNew()
  await snapshots.save('p', { bpm: 120, masterVolume: 0.8 })
  expect(await snapshots.save('p', { bpm: '120', masterVolume: '0.8' })).toMatchObject({ summary: '', changes: 0 })
})

test('a comparison that is cancelled while it runs ends with PM_ABORTED', async () => {
  const { snapshots } = await openNew()
  const random = seeded(3)
  const note = (_: unknown, i: number) => ({ id: `n${i}`, pitch: Math.floor(random() * 127), start: Math.floor(random() * 1e6) / 1_000, duration: 0.25 })
  const state = () => JSON.stringify({ bpm: 120, tracks: [{ id: 't1' }], pianoRollSketches: { t1: Array.from({ length: 100_000 }, note) } })
  const [a, b] = [(await snapshots.save('p', state())).id, (await snapshots.save('p', state())).id]
  const control = new AbortController()
  setTimeout(() => control.abort(), 5)
  expect(await failure(() => snapshots.diff(a, b, { signal: control.signal }))).toMatchObject({ name: 'AbortError', code: 'PM_ABORTED' })
})

test('a version with a number that no double can hold is compared by its spelling', async () => {
  const { snapshots } = await openNew()
  const digits = '9'.repeat(400)
  const padding = 'lyrics '.repeat(20_000)
  for (const lyrics of ['', padding]) {
    const project = `p${lyrics.length}`
    const text = (bpm: number, huge: string) => `{"bpm":${bpm},"lyrics":"${lyrics}","tracks":[{"id":"t1","trackName":"Lead"}],"inserts":{"t1":["mixx-verb"]},"odd":{"gain":${huge}}}`
    const save = (bpm: number, huge: string) => snapshots.save(project, text(bpm, huge))
    const [one, two, three] = [await save(120, '1e999'), await save(124, '1e999'), await save(124, digits)]
    expect(two).toMatchObject({ summary: 'Tempo 120 → 124 BPM.', changes: 1 })
    expect(three.changes).toBe(1)
    const [change] = (await snapshots.diff(two.id, three.id)).changes
    expect(change).toMatchObject({ kind: 'field', path: 'odd.gain', before: '1e999' })
    expect(snapshots.diffSync(one.id, two.id).summary).toBe(two.summary)
    expect(await snapshots.restore(three.id, { as: 'text' })).toBe(text(124, digits))
    expect((await snapshots.similar({ state: text(1, '-1e999') }))[0]).toMatchObject({ project: expect.any(String) })
  }
})
