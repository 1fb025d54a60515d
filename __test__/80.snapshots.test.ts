import { createHash } from 'node:crypto'
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { Snapshots, type PrimeMemory, type Snapshot } from '@mixxclub/prime-memory'
import { cleanUp, failAlike, failure, filesHolding, openAt, openNew, seeded, temporaryFolder } from './support/studio'

afterEach(cleanUp)

/** A project of some tracks with notes; `edit` makes the next version of it. */
const project = (notes = 200) => ({
  name: 'Night Drive',
  bpm: 120,
  tracks: ['Lead Vox', 'Bass', 'Drums'].map((trackName, i) => ({ id: `t${i}`, trackName, group: i ? 'Instruments' : 'Vocals' })),
  inserts: { t0: ['mixx-verb', 'mixx-eq8'], t1: [] as string[], t2: [] as string[] },
  mixerSettings: { t0: { volume: 0.8, pan: 0, isMuted: false }, t1: { volume: 0.7, pan: 0, isMuted: false }, t2: { volume: 0.9, pan: 0, isMuted: false } },
  pianoRollSketches: { t1: Array.from({ length: notes }, (_, i) => ({ id: `n${i}`, pitch: 36 + (i % 12), start: i * 0.5, duration: 0.5, velocity: 90 })) },
  clips: [] as object[],
  masterVolume: 1,
})

/** Base64 of `seconds` of mono float samples at 8 kHz. */
const take = (seconds: number, seed: number) => {
  const random = seeded(seed)
  return Buffer.from(Float32Array.from({ length: seconds * 8_000 }, () => Math.round(random() * 2_000 - 1_000) / 32_768).buffer).toString('base64')
}

describe('every version comes back as it was', () => {
  test('an object, byte for byte what JSON.stringify says', async () => {
    const { snapshots } = await openNew()
    const state = project()
    const saved = await snapshots.save('night drive', state, { name: 'first', type: 'milestone', tags: ['keep', 'a'] })
    expect(saved).toEqual({
      id: expect.any(String), project: 'night drive', name: 'first', type: 'milestone', branch: 'main', parent: null, tags: ['a', 'keep'],
      createdAt: expect.any(Number), bytes: JSON.stringify(state).length, storedBytes: expect.any(Number), hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      summary: '', changes: 0, scope: { project: 'night drive' },
    })
    expect(await snapshots.restore(saved.id)).toEqual(state)
    expect(await snapshots.restore(saved.id, { as: 'text' })).toBe(JSON.stringify(state))
    expect(Buffer.from(await snapshots.restore(saved.id, { as: 'bytes' })).toString()).toBe(JSON.stringify(state))
    expect(snapshots.restoreSync(saved.id)).toEqual(state)
    expect(snapshots.get(saved.id)).toEqual(saved)
    expect(snapshots.history('night drive')).toEqual([saved])
  })

  test('a text: key order, number spelling, spaces, escapes, keys given twice', async () => {
    const { snapshots } = await openNew()
    const texts = [
      '{ "b": 1.0, "a": 1e2, "b": -0, "__proto__": {"x": 1E+05} }\n',
      '\t{"é":"\\u00e9\\ud800 half \\ud83c\\udfb5 🎵","big":123456789012345678901234567890.10}',
      '{}',
      `{"a":"${'x'.repeat(5_000)}","b":"${take(1, 1)}=","c":"${take(1, 1).slice(0, -1)}"}`,
    ]
    for (const text of texts) {
      const one = await snapshots.save('p', text)
      const two = snapshots.saveSync('q', Buffer.from(text))
      for (const { id } of [one, two]) {
        expect(await snapshots.restore(id, { as: 'text' })).toBe(text)
        expect(Buffer.from(snapshots.restoreSync(id, { as: 'bytes' })).equals(Buffer.from(text))).toBe(true)
      }
      expect(one.hash).toBe(two.hash)
    }
    const lone = { name: 'half \ud800', tracks: [] }
    const { id } = await snapshots.save('lone', lone)
    expect(await snapshots.restore(id, { as: 'text' })).toBe(JSON.stringify(lone))
    expect(await snapshots.restore(id)).toEqual(lone)
  })

  test('three hundred versions with undo, branches and audio, also after opening again', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    let memory = await openAt(path)
    const random = seeded(3)
    const state: any = { ...project(), audioBuffers: { a: { channelData: [take(2, 5), take(2, 6)] } } }
    const texts = new Map<string, string>()
    const earlier: string[] = []
    for (let i = 0; i < 300; i++) {
      const kind = i % 7
      if (kind === 0) state.bpm = 90 + Math.floor(random() * 60)
      else if (kind === 1) state.mixerSettings.t0.volume = random()
      else if (kind === 2) state.pianoRollSketches.t1.splice(Math.floor(random() * 100), 2)
      else if (kind === 3) state.clips.push({ id: `c${i}`, trackId: 't1', start: random() * 60, duration: 4 })
      else if (kind === 4 && i % 50 === 4) state.audioBuffers[`b${i}`] = { channelData: [take(1, i)] }
      else if (kind === 5 && earlier.length) Object.assign(state, JSON.parse(earlier[Math.floor(random() * earlier.length)]!))
      const text = JSON.stringify(state)
      earlier.push(text)
      if (i === 100) memory.snapshots.branch('p', 'chorus', { from: [...texts.keys()][50]! })
      const saved = await memory.snapshots.save('p', i % 2 ? state : text, { type: 'auto', branch: i > 100 && i % 3 ? 'chorus' : 'main' })
      texts.set(saved.id, text)
      if (i === 150) {
        await memory.close()
        memory = await openAt(path)
      }
    }
    const raw = [...texts.values()].reduce((sum, text) => sum + text.length, 0)
    const [summary] = memory.snapshots.projects()
    expect(summary).toMatchObject({ project: 'p', snapshots: 300, branches: 2, bytes: raw })
    expect(summary!.storedBytes).toBeLessThan(raw / 50)
    for (const reopened of [false, true]) {
      if (reopened) {
        await memory.close()
        memory = await openAt(path)
      }
      for (const [id, text] of [...texts].sort(() => random() - 0.5)) expect(await memory.snapshots.restore(id, { as: 'text' })).toBe(text)
    }
    expect(await memory.verify()).toEqual({ ok: true, problems: [], mended: [] })
  }, 180_000)

  test('audio is stored once for all projects, users and versions', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    const memory = await openAt(path)
    const audio = Array.from({ length: 4 }, (_, i) => take(10, i + 1))
    const state = (users: string) => ({ user: users, audioBuffers: Object.fromEntries(audio.map((text, i) => [`b${i}`, { channelData: [text] }])) })
    const bytes = JSON.stringify(state('')).length
    const ids: [string, string | undefined, string][] = []
    for (const user of [undefined, 'ann', 'bob']) {
      for (const name of ['p', 'q']) {
        const scope = { user }
        const { id } = await memory.snapshots.save(name, state(`${user}`), { scope })
        ids.push([id, user, JSON.stringify(state(`${user}`))])
      }
    }
    expect(statSync(path).size + statSync(`${path}-wal`).size).toBeLessThan(bytes * 2)
    for (const [id, user, text] of ids) expect(await memory.snapshots.restore(id, { as: 'text', scope: { user } })).toBe(text)
    expect(await memory.snapshots.forget('p', { scope: { user: 'ann' } })).toBe(1)
    for (const [id, user, text] of ids.filter((_, i) => i !== 2)) expect(await memory.snapshots.restore(id, { as: 'text', scope: { user } })).toBe(text)
    expect((await memory.verify()).problems).toEqual([])
  })

  test('equal states cost a row', async () => {
    const { snapshots } = await openNew()
    const first = await snapshots.save('p', project())
    const other = await snapshots.save('p', { ...project(), bpm: 121 })
    const again = await snapshots.save('p', project())
    const twice = await snapshots.save('p', project())
    expect([again.storedBytes, twice.storedBytes]).toEqual([0, 0])
    expect([again.hash, again.parent, twice.parent]).toEqual([first.hash, other.id, again.id])
    expect([again.changes, twice.changes, twice.summary]).toEqual([1, 0, ''])
    expect(await snapshots.restore(twice.id)).toEqual(project())
  })
})

describe('history, branches, tags, going back', () => {
  async function filled() {
    const memory = await openNew()
    const saved: Snapshot[] = []
    const types = ['auto', 'auto', 'manual', 'milestone'] as const
    for (let i = 0; i < 8; i++) {
      saved.push(await memory.snapshots.save('p', { bpm: 100 + i }, { type: types[i % 4]!, at: 1_000 + i * 10, tags: i % 3 ? [] : ['third'] }))
    }
    return { memory, snapshots: memory.snapshots, ids: saved.map(({ id }) => id) }
  }
  const ids = (list: Snapshot[]) => list.map(({ id }) => id)

  test('newest first, by branch, type, tag and time', async () => {
    const { snapshots, ids: all } = await filled()
    const newest = [...all].reverse()
    expect(ids(snapshots.history('p'))).toEqual(newest)
    expect(ids(snapshots.history('p', { limit: 2 }))).toEqual(newest.slice(0, 2))
    expect(ids(snapshots.history('p', { type: 'milestone' }))).toEqual([all[7], all[3]])
    expect(ids(snapshots.history('p', { type: ['manual', 'milestone'] }))).toEqual([all[7], all[6], all[3], all[2]])
    expect(ids(snapshots.history('p', { tag: 'third' }))).toEqual([all[6], all[3], all[0]])
    expect(ids(snapshots.history('p', { since: 1_020, before: 1_040 }))).toEqual([all[3], all[2]])
    expect(ids(snapshots.history('p', { branch: 'main' }))).toEqual(newest)
    expect(() => snapshots.history('p', { branch: 'none' })).toThrow('no branch "none", there is main')
    expect(snapshots.history('q')).toEqual([])
    expect(snapshots.history('p').map(({ parent }) => parent)).toEqual([...newest.slice(1), null])
  })

  test('a branch begins where it is told to, and goes its own way', async () => {
    const { snapshots, ids: all } = await filled()
    expect(snapshots.branch('p', 'chorus', { from: all[2]! })).toEqual({ name: 'chorus', head: all[2], from: all[2], snapshots: 0 })
    const one = await snapshots.save('p', { bpm: 1 }, { branch: 'chorus' })
    const two = await snapshots.save('p', { bpm: 2 }, { branch: 'chorus' })
    const main = await snapshots.save('p', { bpm: 3 })
    expect([one.parent, two.parent, main.parent]).toEqual([all[2], one.id, all[7]])
    const made = await snapshots.save('p', { bpm: 4 }, { branch: 'verse', parent: all[0]! })
    expect(made).toMatchObject({ branch: 'verse', parent: all[0] })
    expect(snapshots.branches('p')).toEqual([
      { name: 'main', head: main.id, from: null, snapshots: 9 },
      { name: 'chorus', head: two.id, from: all[2], snapshots: 2 },
      { name: 'verse', head: made.id, from: all[0], snapshots: 1 },
    ])
    expect(await snapshots.restore(two.id)).toEqual({ bpm: 2 })
    for (const [call, says] of [
      [() => snapshots.save('p', {}, { branch: 'corus' }), 'there is main, chorus, verse'],
      [() => snapshots.branch('p', 'chorus', { from: all[2]! }), 'already'],
      [() => snapshots.branch('q', 'new', { from: all[2]! }), 'another project'],
    ] as const) {
      expect(await failure(call)).toMatchObject({ code: 'PM_BAD_OPTION', message: expect.stringContaining(says) })
    }
  })

  test('going back adds a version and loses none', async () => {
    const { snapshots, ids: all } = await filled()
    const back = await snapshots.revert(all[1]!, { name: 'back' })
    expect(back).toMatchObject({ parent: all[7], name: 'back', branch: 'main', storedBytes: 0, type: 'manual' })
    expect(await snapshots.restore(back.id)).toEqual({ bpm: 101 })
    expect(snapshots.history('p')).toHaveLength(9)
    snapshots.branch('p', 'b', { from: all[0]! })
    expect(await snapshots.revert(all[5]!, { branch: 'b' })).toMatchObject({ branch: 'b', parent: all[0] })
  })

  test('tags come and go', async () => {
    const { snapshots, ids: all } = await filled()
    snapshots.tag(all[1]!, 'sent to Ann')
    snapshots.tag(all[1]!, 'a')
    snapshots.tag(all[1]!, 'a')
    expect(snapshots.get(all[1]!)!.tags).toEqual(['a', 'sent to Ann'])
    expect(ids(snapshots.history('p', { tag: 'sent to Ann' }))).toEqual([all[1]])
    snapshots.untag(all[1]!, 'a')
    snapshots.untag(all[1]!, 'never there')
    expect(snapshots.get(all[1]!)!.tags).toEqual(['sent to Ann'])
  })

  test('a user sees no projects of another, whatever the ids', async () => {
    const memory = await openNew({ scope: { user: 'ann' } })
    const { id } = await memory.snapshots.save('p', { bpm: 1 })
    await memory.snapshots.save('p', { bpm: 2 }, { scope: { user: 'bob' } })
    const scope = { user: 'bob' }
    expect(memory.snapshots.get(id, { scope })).toBeNull()
    expect(memory.snapshots.history('p', { scope })).toHaveLength(1)
    expect(memory.snapshots.history('p', { scope: {} })).toEqual([])
    expect(memory.snapshots.projects({ scope })).toHaveLength(1)
    for (const call of [
      () => memory.snapshots.restore(id, { scope }),
      () => memory.snapshots.tag(id, 't', { scope }),
      () => memory.snapshots.revert(id, { scope }),
      () => memory.snapshots.save('p', {}, { parent: id, scope }),
      () => memory.snapshots.branch('p', 'b', { from: id, scope }),
      () => memory.snapshots.diff(id, id, { scope }),
    ]) expect((await failure(call)).code).toBe('PM_NOT_FOUND')
    expect(memory.snapshots.get(id)!.scope).toEqual({ user: 'ann', project: 'p' })
  })
})

describe('what changed', () => {
  test('is told in words, and search finds the version by it', async () => {
    const memory = await openNew({ scope: { user: 'ann' } })
    const state = project()
    await memory.snapshots.save('night drive', state)
    state.bpm = 124
    await memory.snapshots.save('night drive', state, { type: 'auto' })
    state.inserts.t0 = ['mixx-eq8']
    const dry = await memory.snapshots.save('night drive', state, { type: 'auto' })
    expect(dry.summary).toMatch(/reverb.*Lead Vox/)
    state.mixerSettings.t2.volume = 0.5
    const last = await memory.snapshots.save('night drive', state, { type: 'auto' })
    const scope = { user: 'ann', project: 'night drive' }
    const hits = await memory.search('when did I take the reverb off the lead?', { kind: 'project_snapshot', scope, limit: 4 })
    expect(hits[0]!.metadata).toMatchObject({ snapshot: dry.id, project: 'night drive', branch: 'main', type: 'auto', bpm: 124 })
    const { changes, summary } = await memory.snapshots.diff(dry.id, last.id)
    expect(changes).toHaveLength(1)
    expect(summary).toBe(last.summary)
    expect(memory.snapshots.diffSync(last.id, last.id)).toEqual({ changes: [], summary: 'No changes.' })
    await memory.forget(hits.map(({ id }) => id), { scope })
    expect(await memory.snapshots.restore(dry.id)).toMatchObject({ inserts: { t0: ['mixx-eq8'] } })
    expect(memory.snapshots.get(dry.id)!.summary).toBe(dry.summary)
    expect((await memory.verify()).problems).toEqual([])
  })

  test('a state that says nothing is kept all the same', async () => {
    const { snapshots } = await openNew()
    for (const state of [{}, { tracks: 7, bpm: [] }, { clips: null, tracks: [{ id: 1 }, { id: 1 }] }]) {
      const { id } = await snapshots.save('odd', state)
      expect(await snapshots.restore(id)).toEqual(state)
    }
  })
})

describe('removing', () => {
  test('what a policy does not keep is gone for good, everything else is whole', async () => {
    const folder = temporaryFolder()
    const memory = await openAt(join(folder, 'studio.db'))
    const texts = new Map<string, string>()
    for (let i = 0; i < 60; i++) {
      const state = { ...project(100), secret: `secret-${createHash('sha1').update(`${i}`).digest('hex')}`, bpm: 100 + (i % 9), audio: i === 20 ? take(1, 77) : '' }
      const { id } = await memory.snapshots.save('p', state, { type: i % 20 === 10 ? 'milestone' : 'auto', tags: i === 15 ? ['mix'] : [] })
      texts.set(id, JSON.stringify(state))
    }
    const all = [...texts.keys()]
    memory.snapshots.branch('p', 'b', { from: all[30]! })
    const kept = [10, 15, 30, 50, 55, 56, 57, 58, 59]
    const expected = { removed: all.filter((_, i) => !kept.includes(i)), kept: kept.length, freedBytes: expect.any(Number) }
    expect(await memory.snapshots.prune('p', { keepLast: 5, dryRun: true })).toEqual(expected)
    expect(memory.snapshots.history('p')).toHaveLength(60)
    expect(await memory.snapshots.prune('p', { keepLast: 5 })).toEqual(expected)
    expect(memory.snapshots.history('p').map(({ id }) => id)).toEqual(kept.map((i) => all[i]).reverse())
    expect(memory.snapshots.history('p').map(({ parent }) => parent)).toEqual([...kept.map((i) => all[i]).reverse().slice(1), null])
    for (const i of kept) expect(await memory.snapshots.restore(all[i]!, { as: 'text' })).toBe(texts.get(all[i]!))
    expect((await failure(() => memory.snapshots.restore(all[0]!))).code).toBe('PM_NOT_FOUND')
    expect((await memory.verify()).problems).toEqual([])
    await memory.close()
    for (const secret of ['0', '3', '54'].map((i) => createHash('sha1').update(i).digest('hex'))) expect(filesHolding(folder, secret)).toEqual([])
    expect(filesHolding(folder, Buffer.from(take(1, 77), 'base64').subarray(1_000, 1_016))).toEqual([])
  })

  test('the last version is never pruned, and a policy that keeps nothing is refused', async () => {
    const { snapshots } = await openNew()
    const { id } = await snapshots.save('p', { bpm: 1 }, { type: 'auto' })
    expect(await snapshots.prune('p', { olderThanDays: 0.04, types: ['auto'] })).toEqual({ removed: [], kept: 1, freedBytes: 0 })
    expect(await snapshots.restore(id)).toEqual({ bpm: 1 })
    expect(snapshots.pruneSync('never saved', { keepLast: 1 })).toEqual({ removed: [], kept: 0, freedBytes: 0 })
    for (const [policy, code] of [
      [{}, 'PM_BAD_OPTION'], [{ keepLast: 0 }, 'PM_BAD_OPTION'], [{ types: ['auto'] }, 'PM_BAD_OPTION'], [{ keepLst: 1 }, 'PM_UNKNOWN_OPTION'],
      [{ keepLast: 1, types: ['autosave'] }, 'PM_BAD_OPTION'], [{ olderThanDays: -1 }, 'PM_BAD_OPTION'], [{ keepLast: 1.5 }, 'PM_BAD_OPTION'],
    ] as const) await failAlike([() => snapshots.prune('p', policy as never), () => snapshots.pruneSync('p', policy as never)], code)
  })

  test('forgetting a project erases every trace of it', async () => {
    const folder = temporaryFolder()
    const memory = await openAt(join(folder, 'studio.db'))
    const secret = 'Quetzalcoatl'
    const audio = take(3, 9)
    for (let i = 0; i < 10; i++) {
      await memory.snapshots.save(`${secret}-song`, { ...project(50), name: `${secret} ${i}`, audio }, { name: `${secret} name`, tags: [`${secret}-tag`] })
    }
    memory.snapshots.branch(`${secret}-song`, `${secret}-branch`, { from: memory.snapshots.history(`${secret}-song`)[0]!.id })
    const other = await memory.snapshots.save('other', project())
    expect(await memory.snapshots.forget('nothing')).toBe(0)
    expect(await memory.snapshots.forget(`${secret}-song`)).toBe(10)
    expect(memory.snapshots.projects().map(({ project }) => project)).toEqual(['other'])
    expect(await memory.search('night drive', { kind: 'project_snapshot', scope: { project: 'other' } })).toHaveLength(1)
    // A search waits for what is made behind the saves.
    await memory.search('other', { kind: 'project_snapshot' })
    expect(memory.stats().kinds.project_snapshot!.memories).toBe(1)
    expect(await memory.snapshots.restore(other.id)).toEqual(project())
    expect((await memory.verify()).problems).toEqual([])
    await memory.close()
    expect(filesHolding(folder, secret)).toEqual([])
    expect(filesHolding(folder, secret.toLowerCase())).toEqual([])
    expect(filesHolding(folder, Buffer.from(audio, 'base64').subarray(5_000, 5_016))).toEqual([])
  })
})

describe('bad input', () => {
  test('is refused alike in both forms, and nothing is kept', async () => {
    const { snapshots } = await openNew()
    const cyclic: any = { tracks: [] }
    cyclic.tracks.push(cyclic)
    const deep = `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`
    let nested: any = {}
    for (let i = 0; i < 9_999; i++) nested = { a: nested }
    const BAD: [state: unknown, code: string, says: string][] = [
      ['', 'PM_BAD_OPTION', 'byte 0'], ['{"a":1,}', 'PM_BAD_OPTION', 'byte 7'], ['[]', 'PM_BAD_OPTION', 'an object'], ['{"a":NaN}', 'PM_BAD_OPTION', 'byte 5'],
      [Buffer.from('{"a":'), 'PM_BAD_OPTION', 'byte 5'], [Buffer.from([0x7b, 0xff, 0x7d]), 'PM_BAD_TEXT', 'byte 1'], ['{"a":"\ud800"}', 'PM_BAD_TEXT', 'lone surrogate'],
      [cyclic, 'PM_BAD_OPTION', 'circular'], [{ a: 1n }, 'PM_BAD_OPTION', 'BigInt'], [deep, 'PM_BAD_OPTION', '100 levels'], [nested, 'PM_BAD_OPTION', ''],
      [undefined, 'PM_BAD_OPTION', 'undefined'], [null, 'PM_BAD_OPTION', 'null'], [7, 'PM_BAD_OPTION', 'number'], [[], 'PM_BAD_OPTION', 'list'], [() => 1, 'PM_BAD_OPTION', 'function'],
      [new Float32Array(4), 'PM_BAD_OPTION', 'typed array'], [{ toJSON: () => undefined }, 'PM_BAD_OPTION', 'toJSON'], [{ toJSON: () => 7 }, 'PM_BAD_OPTION', 'an object'],
    ]
    for (const [state, code, says] of BAD) {
      await failAlike([() => snapshots.save('p', state as object), () => snapshots.saveSync('p', state as object)], code, new RegExp(says, 'i'))
    }
    for (const [name, options, code] of [
      ['', {}, 'PM_BAD_OPTION'], [' ', {}, 'PM_BAD_OPTION'], ['p\0', {}, 'PM_BAD_TEXT'], ['p'.repeat(1_001), {}, 'PM_BAD_OPTION'], [7, {}, 'PM_BAD_OPTION'], ['\ud800', {}, 'PM_BAD_TEXT'],
      ['p', { tpye: 'auto' }, 'PM_UNKNOWN_OPTION'], ['p', { type: 'autosave' }, 'PM_BAD_OPTION'], ['p', { name: '' }, 'PM_BAD_OPTION'], ['p', { branch: '' }, 'PM_BAD_OPTION'],
      ['p', { tags: [''] }, 'PM_BAD_OPTION'], ['p', { at: -1 }, 'PM_BAD_OPTION'], ['p', { at: 1.5 }, 'PM_BAD_OPTION'], ['p', { parent: 'nobody' }, 'PM_NOT_FOUND'], ['p', { scope: { project: 'x' } }, 'PM_UNKNOWN_OPTION'],
    ] as const) await failAlike([() => snapshots.save(name as string, {}, options as never), () => snapshots.saveSync(name as string, {}, options as never)], code)
    expect(snapshots.projects()).toEqual([])
  })

  test('a text of 200 megabytes is refused, by its size', async () => {
    const { snapshots } = await openNew()
    const long = `{"lyrics":"${'la '.repeat(70_000_000)}"}`
    expect(await failure(() => snapshots.save('p', long))).toMatchObject({ code: 'PM_TOO_LONG', message: expect.stringContaining('besides its audio') })
    expect(await failure(() => snapshots.save('p', { a: long, b: long.slice(0, 100_000_000) }))).toMatchObject({ code: 'PM_TOO_LONG' })
    expect(snapshots.projects()).toEqual([])
  }, 60_000)

  test('ids that are not there', async () => {
    const { snapshots } = await openNew()
    const { id } = await snapshots.save('p', {})
    for (const wrong of ['', 'x', '1', '1-', '-1', '99-0000000000', `${id}0`, id.toUpperCase() === id ? 'x' : id.replace(/^\d+/, '2'), '\ud800'.slice(1)]) {
      expect([wrong, snapshots.get(wrong)]).toEqual([wrong, null])
      await failAlike([() => snapshots.restore(wrong), () => snapshots.restoreSync(wrong)], 'PM_NOT_FOUND', 'history()')
      await failAlike([() => snapshots.diff(id, wrong), () => snapshots.diffSync(wrong, id)], 'PM_NOT_FOUND')
      expect((await failure(() => snapshots.tag(wrong, 't'))).code).toBe('PM_NOT_FOUND')
      expect((await failure(() => snapshots.revert(wrong))).code).toBe('PM_NOT_FOUND')
    }
    expect((await failure(() => snapshots.restore(7 as never))).code).toBe('PM_BAD_OPTION')
    expect((await failure(() => snapshots.restore(id, { as: 'json' as never }))).code).toBe('PM_BAD_OPTION')
  })

  test('what a version of another store was called means nothing here', async () => {
    const [one, two] = [await openNew(), await openNew()]
    const { id } = await one.snapshots.save('p', {})
    await two.snapshots.save('p', {})
    expect(two.snapshots.get(id)).toBeNull()
  })
})

test('it is the same object every time, and dies with its memory', async () => {
  const memory = await openNew()
  const { snapshots } = memory
  expect(memory.snapshots).toBe(snapshots)
  expect(snapshots).toBeInstanceOf(Snapshots)
  await memory.close()
  await failAlike([() => snapshots.save('p', {}), () => snapshots.saveSync('p', {})], 'PM_CLOSED')
})

test('a save can be cancelled before it is kept', async () => {
  const { snapshots } = await openNew()
  const cancelled = new AbortController()
  cancelled.abort()
  expect(await failure(() => snapshots.save('p', {}, { signal: cancelled.signal }))).toMatchObject({ name: 'AbortError' })
  expect(snapshots.history('p')).toEqual([])
})

describe('damage', () => {
  test('a bit flipped anywhere is told, never given back', async () => {
    const folder = temporaryFolder()
    const [path, damaged] = [join(folder, 'studio.db'), join(folder, 'damaged.db')]
    let memory = await openAt(path)
    const texts = new Map<string, string>()
    const hashes: Buffer[] = []
    const random = seeded(11)
    const state: any = { ...project(300), audio: take(2, 4) }
    for (let i = 0; i < 40; i++) {
      state.pianoRollSketches.t1[Math.floor(random() * 300)].pitch = Math.floor(random() * 127)
      state[`unique${i}`] = createHash('sha256').update(`${i}`).digest('hex')
      const { id, hash } = await memory.snapshots.save('p', state)
      texts.set(id, JSON.stringify(state))
      hashes.push(Buffer.from(hash, 'hex'))
    }
    await memory.close()
    const whole = readFileSync(path)
    let [told, unchanged] = [0, 0]
    for (let round = 0; round < 50; round++) {
      const bytes = Buffer.from(whole)
      // Anywhere, and in every other round in the row of a state: its hash, then what differs.
      const row = whole.indexOf(hashes[Math.floor(random() * hashes.length)]!) + Math.floor(random() * 72)
      const at = round % 2 ? row : 4_096 + Math.floor(random() * (bytes.length - 4_096))
      bytes[at]! ^= 1 << Math.floor(random() * 8)
      writeFileSync(damaged, bytes)
      let problems: string[] = []
      let wrong = 0
      try {
        memory = await openAt(damaged)
        problems = (await memory.verify()).problems
        for (const [id, text] of texts) {
          try {
            expect(await memory.snapshots.restore(id, { as: 'text' })).toBe(text)
          } catch (error) {
            if ((error as Error).name === 'JestAssertionError' || !(error as any).code) throw error
            expect((error as any).code).toMatch(/^PM_(SNAPSHOT_DAMAGED|STORE_CORRUPT|NOT_FOUND)$/)
            wrong++
          }
        }
        await memory.close()
      } catch (error) {
        if (!(error as any).code) throw error
        expect((error as any).code).toMatch(/^PM_(STORE_CORRUPT|NOT_A_STORE|STORE_TOO_NEW|SQLITE)$/)
        told++
        continue
      }
      if (wrong) expect(problems).not.toEqual([])
      if (problems.length) told++
      else unchanged++
    }
    expect(told).toBeGreaterThanOrEqual(25)
    expect(unchanged).toBeGreaterThan(0)
  }, 180_000)
})
