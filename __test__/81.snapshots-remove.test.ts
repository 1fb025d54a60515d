import { afterEach, expect, test } from '@jest/globals'
import { cleanUp, failAlike, openNew } from './support/studio'

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
