import { afterEach, describe, expect, test } from '@jest/globals'
import type { Snapshots } from '@mixxclub/prime-memory'
import { cleanUp, failure, openNew } from './support/studio'

afterEach(cleanUp)

/** A state that takes long to pack. */
const large = (bpm: number) => ({ bpm, lyrics: 'q w e '.repeat(800_000) })
const bpmsOf = (snapshots: Snapshots) => Promise.all(snapshots.history('Night').map(async ({ id }) => (await snapshots.restore(id)).bpm))

describe('calls on one project that are not awaited take effect in the order in which they were made', () => {
  test('a large save before a small one', async () => {
    const { snapshots } = await openNew()
    await snapshots.save('Night', { bpm: 0 })
    const saved = await Promise.all([snapshots.save('Night', large(1)), snapshots.save('Night', { bpm: 2 }), snapshots.save('Night', { bpm: 3 })])
    expect(await bpmsOf(snapshots)).toEqual([3, 2, 1, 0])
    expect(snapshots.branches('Night')[0]!.head).toBe(saved[2].id)
    expect(saved[1].parent).toBe(saved[0].id)
    expect(saved[0].createdAt).toBeLessThanOrEqual(saved[1].createdAt)
  })

  test('more saves than there are threads, of several projects', async () => {
    const { snapshots } = await openNew()
    const names = Array.from({ length: 60 }, (_, i) => `p${i % 3}`)
    const saved = await Promise.all(names.map((name, i) => snapshots.save(name, { take: i, lyrics: 'a b '.repeat((60 - i) * 500) })))
    for (const name of ['p0', 'p1', 'p2']) {
      expect(snapshots.history(name).map(({ id }) => id)).toEqual(saved.filter(({ project }) => project === name).map(({ id }) => id).reverse())
    }
  })

  test('a blocking save after one that is under way', async () => {
    const { snapshots } = await openNew()
    const first = snapshots.save('Night', large(1))
    const second = snapshots.saveSync('Night', { bpm: 2 })
    expect(second.parent).toBe((await first).id)
    expect(await bpmsOf(snapshots)).toEqual([2, 1])
  })

  test('forget covers what is still being saved, and nothing saved after it', async () => {
    const memory = await openNew()
    const { snapshots } = memory
    await snapshots.save('Night', { bpm: 0 })
    const before = snapshots.save('Night', large(1))
    const forgotten = snapshots.forget('Night')
    const after = snapshots.save('Night', { bpm: 2 })
    await before
    expect(await forgotten).toBe(2)
    expect(await after).toMatchObject({ parent: null })
    expect(await bpmsOf(snapshots)).toEqual([2])
    const again = snapshots.save('Night', large(3))
    expect(snapshots.forgetSync('Night')).toBe(2)
    await again
    expect(snapshots.projects()).toEqual([])
    expect(memory.stats().kinds.project_snapshot?.memories ?? 0).toBe(0)
  })

  test('prune keeps the last versions as of its call', async () => {
    const { snapshots } = await openNew()
    for (let bpm = 0; bpm < 3; bpm++) await snapshots.save('Night', { bpm }, { type: 'auto' })
    const large1 = snapshots.save('Night', large(3), { type: 'auto' })
    const pruned = snapshots.prune('Night', { keepLast: 1 })
    const after = snapshots.save('Night', { bpm: 4 }, { type: 'auto' })
    expect((await pruned).removed).toHaveLength(3)
    await Promise.all([large1, after])
    expect(await bpmsOf(snapshots)).toEqual([4, 3])
  })

  test('one that is cancelled or refused gives its turn up', async () => {
    const { snapshots } = await openNew()
    const { id } = await snapshots.save('Night', { bpm: 0 })
    const cancel = new AbortController()
    // Aborted while its state is read: sooner, nothing would begin; later, it might be over.
    const state = { get bpm() { cancel.abort(); return 1 } }
    const cancelled = failure(() => snapshots.save('Night', state, { signal: cancel.signal }))
    const refused = failure(() => snapshots.save('Night', '{"bpm":'))
    const missing = failure(() => snapshots.save('Night', { bpm: 1 }, { parent: 'nobody' }))
    const saved = snapshots.save('Night', { bpm: 2 })
    expect((await cancelled as { code?: string }).code).toMatch(/PM_ABORTED|ABORT_ERR/)
    expect((await refused).code).toBe('PM_BAD_OPTION')
    expect((await missing).code).toBe('PM_NOT_FOUND')
    expect(await saved).toMatchObject({ parent: id })
  })

  test('progress of a prune and a blocking save do not wait for each other', async () => {
    const { snapshots } = await openNew()
    for (let bpm = 0; bpm < 20; bpm++) await snapshots.save('Night', { bpm }, { type: 'auto' })
    let seen = 0
    const pruned = snapshots.prune('Night', { keepLast: 2, onProgress: () => void seen++ })
    const { id } = snapshots.saveSync('Night', { bpm: 99 })
    expect((await pruned).removed).toHaveLength(18)
    expect(seen).toBeGreaterThan(0)
    expect(snapshots.branches('Night')[0]!.head).toBe(id)
  })
})

describe('the newest is what came last, whatever the clock said', () => {
  test('of a branch, in history and when pruning', async () => {
    const { snapshots } = await openNew()
    const ahead = Date.now() + 3 * 86_400_000
    for (let bpm = 0; bpm < 5; bpm++) await snapshots.save('Night', { bpm }, { type: 'auto', at: ahead + bpm })
    for (let bpm = 5; bpm < 12; bpm++) await snapshots.save('Night', { bpm }, { type: 'auto' })
    const [last] = snapshots.history('Night', { limit: 1 })
    expect(last!.id).toBe(snapshots.branches('Night')[0]!.head)
    await snapshots.prune('Night', { keepLast: 5 })
    expect(await bpmsOf(snapshots)).toEqual([11, 10, 9, 8, 7])
  })

  test('and an older branch is listed by its time', async () => {
    const { snapshots } = await openNew()
    const first = await snapshots.save('Night', { bpm: 1 }, { at: 1_000 })
    const second = await snapshots.save('Night', { bpm: 2 }, { at: 9_000 })
    const imported = await snapshots.save('Night', { bpm: 3 }, { at: 5_000, branch: 'imported', parent: first.id })
    expect(snapshots.history('Night').map(({ id }) => id)).toEqual([second.id, imported.id, first.id])
    expect(snapshots.branches('Night')[1]).toEqual({ name: 'imported', head: imported.id, from: first.id, snapshots: 1 })
    // A branch whose newest is removed goes on from the one that came before it there, not from where it was made.
    const next = await snapshots.save('Night', { bpm: 4 }, { at: 6_000, branch: 'imported', parent: second.id })
    await snapshots.remove(next.id)
    expect(snapshots.branches('Night')[1]!.head).toBe(imported.id)
  })
})
