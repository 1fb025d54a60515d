import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { cleanUp, failAlike, openAt, openNew, temporaryFolder } from './support/studio'

afterEach(cleanUp)

const BASS = { kind: 'note', text: 'the bass is too loud', data: { list: [1, 2] }, metadata: { bpm: 90 } }

describe('update', () => {
  test('of the text: the new one is found, the old one is not', async () => {
    const memory = await openNew()
    const id = await memory.remember(BASS)
    const before = memory.getSync(id)!
    await memory.update(id, { text: 'violins should be softer' })
    const after = (await memory.get(id))!
    expect(after).toMatchObject({ id, text: 'violins should be softer', data: { list: [1, 2] }, metadata: { bpm: 90 }, createdAt: before.createdAt })
    expect(after.updatedAt).toBeGreaterThanOrEqual(before.updatedAt)
    expect(await memory.search('bass loud', { mode: 'keyword' })).toEqual([])
    const [hit] = await memory.search('quieter strings', { mode: 'semantic' })
    expect(hit!.similarity).toBeGreaterThan(0.3)
    expect(await memory.verify()).toMatchObject({ ok: true })
  })

  test.each<[string, object, object]>([
    ['metadata, which is replaced', { metadata: { key: 'C minor' } }, { text: BASS.text, data: { list: [1, 2] }, metadata: { key: 'C minor' } }],
    ['data and text', { text: 'new', data: [3] }, { text: 'new', data: [3], metadata: { bpm: 90 } }],
    ['nothing', {}, { text: BASS.text, data: { list: [1, 2] }, metadata: { bpm: 90 } }],
  ])('of %s', async (_, change, expected) => {
    const memory = await openNew()
    const [a, b] = await memory.rememberMany([BASS, BASS])
    await memory.update(a!, change)
    memory.updateSync(b!, change)
    for (const id of [a, b]) {
      const { text, data, metadata } = (await memory.get(id!))!
      expect({ text, data, metadata }).toEqual(expected)
    }
  })

  test('of data describes anew and changes the facts', async () => {
    const memory = await openNew()
    const id = await memory.remember({ kind: 'musical_context', data: { bpm: 90, key: 'Am' }, metadata: { mine: true } })
    await memory.update(id, { data: { bpm: 174, key: 'C#m' } })
    const found = (await memory.get(id))!
    expect(found.metadata).toMatchObject({ bpm: 174, key: 'C# minor', mine: true })
    expect(found.text).toMatch(/174 BPM/)
    expect(found.text).not.toMatch(/90 BPM|A minor/)
  })

  test('of data takes the facts of the old data away', async () => {
    const memory = await openNew()
    const id = await memory.remember({ kind: 'musical_context', data: { bpm: 90, key: 'Am' }, metadata: { mine: true } })
    await memory.update(id, { data: { bpm: 174 } })
    expect((await memory.get(id))!.metadata).toEqual({ bpm: 174, mine: true })
    expect(await memory.search('music', { where: { key: 'A minor' } })).toEqual([])
  })

  test('keeps the ratio', async () => {
    const memory = await openNew()
    const id = await memory.remember({ kind: 'note', text: 'a', ratio: 3 })
    await memory.update(id, { text: 'kick hat drum bass kick hat drum' })
    expect(await memory.get(id)).toMatchObject({ ratio: 3, tokenCount: 3, sourceTokens: 7 })
  })

  test.each<[string, string | undefined, unknown, unknown, string, RegExp]>([
    ['of an id that is not there', 'nobody', { text: 'x' }, undefined, 'PM_NOT_FOUND', /"nobody"/],
    ['from another scope', undefined, { text: 'x' }, { scope: { user: 'eve' } }, 'PM_NOT_FOUND', /scope/],
    ['to nothing', undefined, { text: '' }, undefined, 'PM_EMPTY_TEXT', /./],
    ['to half a character', undefined, { text: '\ud800' }, undefined, 'PM_BAD_TEXT', /./],
    ['with a misspelled field', undefined, { txt: 'x' }, undefined, 'PM_UNKNOWN_OPTION', /"text"/],
    ['of its kind', undefined, { kind: 'x' }, undefined, 'PM_UNKNOWN_OPTION', /"kind"/],
    ['with a misspelled option', undefined, {}, { scop: {} }, 'PM_UNKNOWN_OPTION', /"scope"/],
    ['by a string', undefined, 'x', undefined, 'PM_BAD_OPTION', /change/],
    ['by null', undefined, null, undefined, 'PM_BAD_OPTION', /change/],
  ])('%s is refused and changes nothing', async (_, id, change, options, code, says) => {
    const memory = await openNew()
    const stored = await memory.remember(BASS)
    const args = [id ?? stored, change, options] as [never, never, never]
    await failAlike([() => memory.update(...args), () => memory.updateSync(...args)], code, says)
    expect(await memory.get(stored)).toMatchObject({ text: BASS.text, data: { list: [1, 2] }, metadata: { bpm: 90 } })
  })
})

describe('forget', () => {
  test('counts what there was, once each', async () => {
    const memory = await openNew()
    const ids = await memory.rememberMany([BASS, BASS, BASS, BASS])
    expect(await memory.forget(ids[0]!)).toBe(1)
    expect(await memory.forget(ids[0]!)).toBe(0)
    expect(await memory.forget([ids[0]!, ids[1]!, ids[1]!, 'nobody'])).toBe(1)
    expect(memory.forgetSync([ids[2]!])).toBe(1)
    expect(await memory.forget([])).toBe(0)
    expect(await memory.get(ids[1]!)).toBeNull()
    expect((await memory.search('bass')).map((hit) => hit.id)).toEqual([ids[3]])
    expect(memory.stats()).toMatchObject({ memories: 1, index: { rows: 1 } })
    expect(await memory.verify()).toMatchObject({ ok: true })
  })

  test('leaves other scopes alone', async () => {
    const memory = await openNew({ scope: { user: 'ana' } })
    const [ana, bob] = await memory.rememberMany([BASS, { ...BASS, scope: { user: 'bob' } }])
    expect(await memory.forget([ana!, bob!])).toBe(1)
    expect(await memory.get(bob!, { scope: { user: 'bob' } })).toMatchObject({ scope: { user: 'bob' } })
    expect(await memory.forget(bob!, { scope: [{ user: 'eve' }, { user: 'bob' }] })).toBe(1)
  })

  test.each([[undefined], [5], [{}], [[5]], [['a', null]], [['\ud800']]])('%p are no ids', async (ids) => {
    const memory = await openNew()
    const kept = await memory.remember(BASS)
    const code = String(ids).includes('\ud800') ? 'PM_BAD_TEXT' : 'PM_BAD_OPTION'
    await failAlike([() => memory.forget(ids as never), () => memory.forgetSync(ids as never)], code, 'ids')
    expect(await memory.get(kept)).not.toBeNull()
  })
})

describe('get', () => {
  test.each<[string, object | undefined, boolean]>([
    ['its own scope', { user: 'ana', project: 'p' }, true],
    ['one of several', [{ user: 'eve' }, { user: 'ana', project: 'p' }], true],
    ['all projects of the user', { user: 'ana', allProjects: true }, true],
    ['another user', { user: 'eve', project: 'p' }, false],
    ['another project', { user: 'ana', project: 'q' }, false],
    ['the user without a project', { user: 'ana' }, false],
    ['nobody', {}, false],
    ['all projects of nobody', { allProjects: true }, false],
    ['the scope it was opened with', undefined, false],
  ].map(([name, scope, found]) => [name, scope, found] as [string, object | undefined, boolean]))('from %s', async (_, scope, found) => {
    const memory = await openNew({ scope: { user: 'zoe' } })
    const id = await memory.remember({ ...BASS, scope: { user: 'ana', project: 'p' } })
    const options = (scope && { scope }) as never
    expect((await memory.get(id, options)) !== null).toBe(found)
    expect(memory.getSync(id, options) !== null).toBe(found)
    expect((await memory.tokens(id, options)) !== null).toBe(found)
  })

  test('and search count accesses, which survive', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    const memory = await openAt(path)
    const [id, unread] = await memory.rememberMany([BASS, { kind: 'note', text: 'violins' }])
    expect(await memory.get(id!)).toMatchObject({ accessCount: 0, accessedAt: null })
    for (let i = 0; i < 3; i++) await memory.get(id!)
    await memory.search('bass', { limit: 1 })
    await memory.close()
    const begun = Date.now()
    const again = await openAt(path)
    const found = (await again.get(id!))!
    expect(found.accessCount).toBe(5)
    expect(found.accessedAt).toBeGreaterThan(found.createdAt - 1)
    expect(found.accessedAt).toBeLessThanOrEqual(begun)
    expect(await again.get(unread!)).toMatchObject({ accessCount: 0, accessedAt: null })
  })

  test.each<[unknown, unknown, string, RegExp]>([
    [5, undefined, 'PM_BAD_OPTION', /id/],
    [undefined, undefined, 'PM_BAD_OPTION', /id/],
    ['\ud800', undefined, 'PM_BAD_TEXT', /id/],
    ['x', { scope: 'ana' }, 'PM_BAD_OPTION', /scope/],
    ['x', { scope: { usr: 'a' } }, 'PM_UNKNOWN_OPTION', /"user"/],
    ['x', 5, 'PM_BAD_OPTION', /options/],
  ])('(%p, %j) is refused', async (id, options, code, says) => {
    const memory = await openNew()
    await failAlike([() => memory.get(id as never, options as never), () => memory.getSync(id as never, options as never)], code, says)
  })
})
