import { afterEach, expect, test } from '@jest/globals'
import type { PrimeMemory, Snapshot, Snapshots } from '@mixxclub/prime-memory'
import { cleanUp, failAlike, openNew, seeded } from './support/studio'

afterEach(cleanUp)

const state = (edits: number) => JSON.stringify({ tracks: [{ id: 't1', trackName: 'Lead' }], clips: Array.from({ length: 50 + edits }, (_, i) => ({ id: `c${i}`, start: i })), bpm: 120 + edits })

test('versions go by their ids, whatever they are; the others are whole', async () => {
  const memory = await openNew()
  const { snapshots } = memory
  const saved = []
  for (let i = 0; i < 12; i++) saved.push(await snapshots.save('Night', state(i), { type: i % 3 === 0 ? 'milestone' : 'auto', tags: i === 5 ? ['keep'] : [] }))
  const [gone, left] = [saved.filter((_, i) => i % 2 === 1), saved.filter((_, i) => i % 2 === 0)]
  expect(await snapshots.remove([...gone.map(({ id }) => id), gone[0]!.id, 'no id'])).toBe(gone.length)
  expect(snapshots.history('Night').map(({ id }) => id)).toEqual(left.map(({ id }) => id).reverse())
  for (const [i, { id }] of saved.entries()) {
    if (i % 2 === 0) expect(await snapshots.restore(id, { as: 'text' })).toBe(state(i))
    else expect(snapshots.get(id)).toBeNull()
  }
  expect(snapshots.branches('Night')).toEqual([{ name: 'main', head: left.at(-1)!.id, from: null, snapshots: left.length }])
  expect(snapshots.get(left.at(-1)!.id)!.parent).toBe(left.at(-2)!.id)
  expect((await snapshots.save('Night', state(20))).parent).toBe(left.at(-1)!.id)
  expect((await memory.verify()).problems).toEqual([])
})

test('a branch that has none left is gone, the first one stays with the project, and goes with its last version', async () => {
  const memory = await openNew()
  const { snapshots } = memory
  const first = await snapshots.save('Night', state(0))
  const other = await snapshots.save('Night', state(1), { branch: 'other', parent: first.id })
  expect(snapshots.removeSync(other.id)).toBe(1)
  expect(snapshots.branches('Night').map(({ name }) => name)).toEqual(['main'])
  const again = await snapshots.save('Night', state(2), { branch: 'other', parent: first.id })
  expect(await snapshots.remove(first.id)).toBe(1)
  expect(snapshots.branches('Night').map(({ name, snapshots }) => [name, snapshots])).toEqual([['main', 0], ['other', 1]])
  expect(await snapshots.restore(again.id, { as: 'text' })).toBe(state(2))
  await snapshots.remove(again.id)
  expect(snapshots.projects()).toEqual([])
  expect(memory.stats().kinds.project_snapshot?.memories ?? 0).toBe(0)
  expect(await snapshots.remove([])).toBe(0)
})

test('of one user, never of another', async () => {
  const { snapshots } = await openNew({ scope: { user: 'ana' } })
  const { id } = await snapshots.save('Night', state(0))
  expect(await snapshots.remove(id, { scope: { user: 'bo' } })).toBe(0)
  expect(snapshots.history('Night')).toHaveLength(1)
  await failAlike([() => snapshots.remove(5 as never), () => snapshots.removeSync(5 as never)], 'PM_BAD_OPTION', 'ids')
  await failAlike([() => snapshots.remove(id, { scop: {} } as never), () => snapshots.removeSync(id, { scop: {} } as never)], 'PM_UNKNOWN_OPTION', 'scope')
})

/** A project that lost its reverb, between changes of its tempo. */
async function mixed(snapshots: Snapshots) {
  const mix = (bpm: number, inserts: string[], masterVolume = 1) => ({ bpm, masterVolume, tracks: [{ id: 't1', trackName: 'Lead Vox' }], clips: [], inserts: { t1: inserts } })
  const states = [mix(120, ['mixx-verb']), mix(121, ['mixx-verb']), mix(121, []), mix(122, []), mix(122, [], 0.5)]
  const saved: Snapshot[] = []
  for (const state of states) saved.push(await snapshots.save('Night', state, { type: 'auto' }))
  return saved.map(({ id }) => id)
}

test('what stays is told against the version that it follows then, and found by it', async () => {
  const memory = await openNew()
  const { snapshots } = memory
  const ids = await mixed(snapshots)
  const question = () => memory.search('when did I take the reverb off the lead?', { kind: 'project_snapshot', scope: { project: 'Night' } }).then((hits) => hits.map(({ text }) => text!))
  await snapshots.remove(ids.slice(1, 4))
  const last = snapshots.get(ids[4]!)!
  const { changes, summary } = await snapshots.diff(ids[0]!, ids[4]!)
  expect(last).toMatchObject({ parent: ids[0], summary, changes: changes.length })
  expect(summary).toContain('reverb')
  expect((await question()).filter((text) => text.includes('Removed the reverb'))).toHaveLength(1)
  expect(memory.stats().kinds.project_snapshot!.memories).toBe(2)
  await snapshots.remove(ids[0]!)
  expect(snapshots.get(ids[4]!)).toMatchObject({ parent: null, summary: '', changes: 0 })
  expect((await question()).some((text) => text.includes('reverb'))).toBe(false)
  expect((await memory.verify()).problems).toEqual([])
})

/** The memory made for a version. */
const memoryOf = (memory: PrimeMemory, id: string) =>
  memory.search('Night', { kind: 'project_snapshot', scope: { project: 'Night' }, where: { snapshot: id } }).then(([found]) => found && memory.get(found.id, { scope: { project: 'Night' } })!)

test('the memory of a version keeps its id, and what update gave it, when the version before goes', async () => {
  const memory = await openNew()
  const { snapshots } = memory
  const scope = { project: 'Night' }
  const ids = await mixed(snapshots)
  const [plain, heavy, noted, rewritten] = await Promise.all(ids.slice(1).map((id) => memoryOf(memory, id)))
  await memory.update(heavy!.id, { importance: 1, disposable: true }, { scope })
  await memory.update(noted!.id, { metadata: { ...noted!.metadata, bpm: 99, rating: 5 } }, { scope })
  await memory.update(rewritten!.id, { text: 'The quiet ending that Ana liked.' }, { scope })

  await snapshots.remove(ids[0]!)
  expect(await memoryOf(memory, ids[1]!)).toMatchObject({ id: plain!.id, importance: 0.5, metadata: plain!.metadata })
  await snapshots.remove(ids[1]!)
  expect(await memoryOf(memory, ids[2]!)).toMatchObject({ id: heavy!.id, importance: 1, disposable: true, metadata: { bpm: 121, snapshot: ids[2] } })
  expect((await memoryOf(memory, ids[2]!))!.text).not.toContain('Removed')
  await snapshots.remove(ids[2]!)
  const whole = await memoryOf(memory, ids[3]!)
  expect(whole).toMatchObject({ id: noted!.id, metadata: { rating: 5, bpm: 99 } })
  expect(whole!.text).toContain('Lead Vox')
  await snapshots.prune('Night', { keepLast: 1 })
  expect(await memoryOf(memory, ids[4]!)).toMatchObject({ id: rewritten!.id, text: 'The quiet ending that Ana liked.', metadata: { bpm: 122 } })
  expect(memory.stats().kinds.project_snapshot!.memories).toBe(1)
  expect((await memory.verify()).problems).toEqual([])
})

test('what the caller wrote of a version stays, though nothing changed in it since the one that it follows then', async () => {
  const memory = await openNew()
  const { snapshots } = memory
  const scope = { project: 'Night' }
  const saved = []
  for (const bpm of [120, 125, 120, 125]) saved.push(await snapshots.save('Night', { bpm, tracks: [] }, { type: 'auto' }))
  const [back, again] = [await memoryOf(memory, saved[2]!.id), await memoryOf(memory, saved[3]!.id)]
  await memory.update(back!.id, { importance: 0.9 }, { scope })
  await snapshots.remove(saved[1]!.id)
  expect(await memoryOf(memory, saved[2]!.id)).toMatchObject({ id: back!.id, importance: 0.9 })
  expect(snapshots.get(saved[2]!.id)).toMatchObject({ changes: 0, summary: '' })
  expect((await memoryOf(memory, saved[3]!.id))!.text).toBe(again!.text)
  expect((await memory.verify()).problems).toEqual([])
})

test('a memory of a version that was forgotten is not made again by removing others', async () => {
  const memory = await openNew()
  const { snapshots } = memory
  const ids = await mixed(snapshots)
  const found = await memory.search('master volume', { kind: 'project_snapshot', scope: { project: 'Night' } })
  expect(await memory.forget(found.find(({ metadata }) => metadata.snapshot === ids[4])!.id, { scope: { project: 'Night' } })).toBe(1)
  await snapshots.prune('Night', { keepLast: 1 })
  expect(snapshots.get(ids[4]!)).toMatchObject({ parent: null })
  expect(await memory.search('master volume', { kind: 'project_snapshot', scope: { project: 'Night' } })).toEqual([])
})

test('a dry run counts the audio and the rows that go', async () => {
  const { snapshots } = await openNew()
  const random = seeded(9)
  const take = () => Buffer.from(Array.from({ length: 30_000 }, () => Math.floor(random() * 256))).toString('base64')
  for (let bpm = 0; bpm < 6; bpm++) await snapshots.save('Night', { bpm, audioBuffers: { a: { channelData: [take()] } } }, { type: 'auto', name: `take ${bpm}` })
  const told = await snapshots.prune('Night', { keepLast: 1, dryRun: true })
  const { freedBytes } = await snapshots.prune('Night', { keepLast: 1 })
  expect(told.freedBytes).toBeGreaterThan(5 * 30_000)
  expect(Math.abs(told.freedBytes - freedBytes)).toBeLessThan(1_000)
})

test('a version that differs in spelling alone has no summary', async () => {
  const { snapshots } = await openNew()
  const first = await snapshots.save('Night', '{"bpm":120,"tracks":[]}')
  for (const text of ['{ "bpm": 120.0, "tracks": [] }', '{"tracks":[],"bpm":120}']) {
    const { id, summary, changes } = await snapshots.save('Night', text)
    expect([summary, changes]).toEqual(['', 0])
    expect((await snapshots.diff(first.id, id)).changes).toEqual([])
  }
})

test('a name of a thousand letters is not called audio', async () => {
  const { snapshots } = await openNew()
  const named = (trackName: string) => ({ tracks: [{ id: 't1', trackName }] })
  await snapshots.save('Night', named('Lead Vox'))
  const { summary } = await snapshots.save('Night', named('Lead'.repeat(300)))
  expect(summary).toMatch(/^Renamed the track Lead Vox/)
  expect(summary).not.toContain('audio')
})
