import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { NewMemory } from '@mixxclub/prime-memory'
import { cleanUp, failAlike, failure, openAt, openNew, seeded, temporaryFolder } from './support/studio'

afterEach(cleanUp)

describe('what is remembered comes back', () => {
  test.each([
    'a warm analog bassline', 'Übung für Bläser ♫ 🎹', 'line one\r\nline two\ttabbed', '  spaces around  ',
    'zero\u200bwidth \u202eturned\u202c', '"quotes" \\ and \'such\' <tags> & %', '日本語のメモ', 'e\u0301 and é', 'x'.repeat(50_000),
  ])('text: %.40s', async (text) => {
    const memory = await openNew()
    const found = await memory.get(await memory.remember({ kind: 'note', text }))
    expect(found).toMatchObject({ text, kind: 'note', scope: {}, tier: 'hot', data: null, metadata: {}, sourceBytes: Buffer.byteLength(text) })
  })

  test.each<[string, unknown]>([
    ['keys out of order', { z: 1, a: { y: [], b: {} }, 'key with "quotes"': null, '': 'empty' }],
    ['numbers', [0, -0.5, 1e21, 1e-7, 0.1 + 0.2, 9007199254740991, Number.MAX_VALUE, Number.MIN_VALUE, 5e-324]],
    ['strings', ['♫', '\u0000\u001f', '\u2028', '🎹', '\\u0041']],
    ['names of prototypes', JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1, "toString": 2}')],
    ['a large list', Array.from({ length: 20_000 }, (_, i) => i / 7)],
    ['false', false], ['zero', 0], ['an empty string', ''], ['an empty list', []],
  ])('data, byte for byte: %s', async (_, data) => {
    const memory = await openNew()
    const found = await memory.get(await memory.remember({ kind: 'note', text: 'with data', data }))
    expect(JSON.stringify(found!.data)).toBe(JSON.stringify(data))
    expect(found!.text).toBe('with data')
  })

  test('metadata, to the last digit', async () => {
    const memory = await openNew()
    const random = seeded(7)
    const numbers = Array.from({ length: 500 }, () => (random() - 0.5) * 10 ** Math.floor(random() * 30 - 15))
    const metadata = { z: 'Ü "x"', a: null, list: [1, 'two', true, null, { deep: 1.5 }], numbers, 'dotted.name': 1, '': 0, big: 1e300, whole: 9007199254740991 }
    const found = await memory.get(await memory.remember({ kind: 'note', text: 'x', metadata }))
    expect(found!.metadata).toEqual(metadata)
    expect(JSON.stringify(found!.metadata)).toBe(JSON.stringify(metadata))
  })

  test('its tokens, as compress gives them', async () => {
    const memory = await openNew()
    const text = 'kick hat drum bass '.repeat(10)
    const id = await memory.remember({ kind: 'note', text, ratio: 8 })
    const [stored, given] = [await memory.tokens(id), await memory.compress(text, { ratio: 8 })]
    expect({ ...stored, data: 0, whole: 0 }).toEqual({ ...given, data: 0, whole: 0 })
    for (const [i, value] of stored!.data.entries()) expect(Math.abs(value - given.data[i]!)).toBeLessThan(1e-3)
    expect(await memory.get(id)).toMatchObject({ ratio: 8, tokenCount: 5, sourceTokens: 40, dims: 384, createdAt: expect.any(Number) })
    expect(await memory.tokens('nobody')).toBeNull()
  })
})

describe('kinds', () => {
  test.each<[string, number]>([['mixx_recall', 64], ['project_snapshot', 128], ['musical_context', 32], ['cache', 16], ['my-own kind ♫', 16]])('%s has the ratio %d', async (kind, ratio) => {
    const memory = await openNew()
    expect(await memory.get(await memory.remember({ kind, text: 'x' }))).toMatchObject({ kind, ratio })
  })

  test.each([[''], ['a\nb'], ['a\0b'], ['k'.repeat(101)], [5], [null], [undefined]])('%p is none', async (kind) => {
    const memory = await openNew()
    const item = { kind, text: 'x' } as never
    await failAlike([() => memory.remember(item), () => memory.rememberSync(item)], 'PM_BAD_OPTION', 'kind')
    expect(memory.stats().memories).toBe(0)
  })
})

describe('data that is described', () => {
  test.each<[string, unknown, object, RegExp]>([
    ['musical_context', { bpm: 93.5, key: 'C', scale: 'minor', mood: 'dark' }, { bpm: 93.5, key: 'C minor', mood: 'dark' }, /dark.*93\.5 BPM.*C minor/i],
    ['mixx_recall', { category: 'mixing', name: 'Loud vocals', bpm: '120', plugins: ['MixxTune'] }, { bpm: 120, category: 'mixing', plugins: ['MixxTune'] }, /Loud vocals/],
    ['project_snapshot', { name: 'Night', bpm: 140, tracks: [{ id: 'a', trackName: 'Kick', group: 'Drums' }] }, { bpm: 140, name: 'Night', trackCount: 1 }, /Night.*140 BPM/],
    ['cache', { prompt: 'make it louder', model: 'm' }, { prompt: 'make it louder', model: 'm' }, /make it louder/],
  ])('%s: its facts can be filtered by', async (kind, data, facts, says) => {
    const memory = await openNew()
    const found = await memory.get(await memory.remember({ kind, data }))
    expect(found!.metadata).toMatchObject(facts)
    expect(found!.text).toMatch(says)
    expect(found!.data).toEqual(data)
  })

  test('facts given by hand win', async () => {
    const memory = await openNew()
    const id = await memory.remember({ kind: 'musical_context', data: { bpm: 90, key: 'Am' }, metadata: { bpm: 180 } })
    expect((await memory.get(id))!.metadata).toMatchObject({ bpm: 180, key: 'A minor' })
  })

  test.each<[string, unknown, string, RegExp]>([
    ['project_snapshot', { tracks: [{}, { trackName: 5 }] }, 'PM_BAD_OPTION', /tracks\[1\]\.trackName/],
    ['musical_context', {}, 'PM_EMPTY_TEXT', /empty/],
    ['musical_context', { chromagram: [1, 2] }, 'PM_BAD_OPTION', /chromagram/],
    ['note', undefined, 'PM_BAD_OPTION', /neither text nor data/],
    ['note', { a: { b: ['fine', '\ud800'] } }, 'PM_BAD_TEXT', /surrogate/],
  ])('%s of %j is refused with its place', async (kind, data, code, says) => {
    const memory = await openNew()
    const item = { kind, data } as NewMemory
    await failAlike([() => memory.remember(item), () => memory.rememberSync(item)], code, says)
    expect(memory.stats().memories).toBe(0)
  })
})

describe('items that cannot be stored', () => {
  const cyclic: { self?: unknown } = {}
  cyclic.self = cyclic
  test.each<[string, object, string]>([
    ['half a character in data beside a text', { text: 'x', data: { a: ['\udc00'] } }, 'PM_BAD_TEXT'],
    ['half a character in the name of a field of data', { text: 'x', data: { '\ud800': 1 } }, 'PM_BAD_TEXT'],
    ['half a character in metadata', { text: 'x', metadata: { a: { b: '\ud800' } } }, 'PM_BAD_TEXT'],
    ['half a character in a user', { text: 'x', scope: { user: '\ud800' } }, 'PM_BAD_TEXT'],
    ['half a character in a kind', { kind: '\ud800', text: 'x' }, 'PM_BAD_TEXT'],
    ['metadata that is a list', { text: 'x', metadata: [1] }, 'PM_BAD_OPTION'],
    ['a scope that is a string', { text: 'x', scope: 'ana' }, 'PM_BAD_OPTION'],
    ['a misspelled field', { txt: 'x' }, 'PM_UNKNOWN_OPTION'],
    ['a misspelled field of a scope', { text: 'x', scope: { projet: 'p' } }, 'PM_UNKNOWN_OPTION'],
    ['a BigInt', { text: 'x', data: { a: 1n } }, 'PM_BAD_OPTION'],
    ['data that holds itself', { text: 'x', data: cyclic }, 'PM_BAD_OPTION'],
    ['data whose toJSON throws', { text: 'x', data: { toJSON: () => { throw new RangeError('no') } } }, 'PM_BAD_OPTION'],
  ])('%s; nothing of the list is stored', async (_, item, code) => {
    const memory = await openNew()
    const bad = { kind: 'note', ...item } as never
    const list = [{ kind: 'note', text: 'good' }, bad, { kind: 'note', text: 'good too' }]
    for (const call of [() => memory.remember(bad), () => memory.rememberSync(bad), () => memory.rememberMany(list), () => memory.rememberManySync(list)]) {
      const error = await failure(call)
      expect(error.code ?? error.name).toBe(code)
    }
    expect(memory.stats().memories).toBe(0)
    expect(await memory.search('good', { mode: 'keyword' })).toEqual([])
  })

  test.each([[undefined], [null], ['a'], [5], [[]], [['note', 'a text']], [() => 1], [Symbol('x')]])('%p is no item', async (item) => {
    const memory = await openNew()
    await failAlike([() => memory.remember(item as never), () => memory.rememberSync(item as never)], 'PM_BAD_OPTION', 'item')
  })

  test('the bad one of one is not counted', async () => {
    const memory = await openNew()
    const item = { kind: 'note', text: ' ' }
    await failAlike([() => memory.remember(item), () => memory.rememberSync(item)], 'PM_EMPTY_TEXT', /^(?!item 0)/)
  })

  test('the bad one of a list is named', async () => {
    const memory = await openNew()
    const items = [{ kind: 'note', text: 'a' }, { kind: 'note', text: ' ' }]
    await failAlike([() => memory.rememberMany(items), () => memory.rememberManySync(items)], 'PM_EMPTY_TEXT', /item 1/)
    const none = [{ kind: 'note', text: 'a' }, { kind: 'note' }]
    await failAlike([() => memory.rememberMany(none), () => memory.rememberManySync(none)], 'PM_BAD_OPTION', /item(s\[|\s)1/)
  })
})

describe('many at once', () => {
  test('ids come in the order given, whatever the lengths', async () => {
    const memory = await openNew()
    const texts = Array.from({ length: 60 }, (_, i) => `take ${i} ${'long '.repeat((i * 37) % 60)}`)
    const ids = await memory.rememberMany(texts.map((text) => ({ kind: 'note', text })))
    expect(new Set(ids).size).toBe(60)
    for (const [i, id] of ids.entries()) expect(memory.getSync(id)!.text).toBe(texts[i])
    expect(await memory.rememberMany([])).toEqual([])
  })

  test('a thousand calls side by side, and they are there after reopening', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    const memory = await openAt(path)
    const ids = await Promise.all(Array.from({ length: 1000 }, (_, i) => memory.remember({ kind: 'note', text: `take ${i}`, metadata: { i } })))
    expect(new Set(ids).size).toBe(1000)
    expect(memory.stats().memories).toBe(1000)
    await memory.close()
    const again = await openAt(path)
    expect(again.stats().index).toMatchObject({ origin: 'loaded', rows: 1000 })
    for (const [i, id] of ids.entries()) expect(again.getSync(id)).toMatchObject({ text: `take ${i}`, metadata: { i } })
    expect(await again.verify()).toEqual({ ok: true, problems: [], mended: [] })
  })
})
