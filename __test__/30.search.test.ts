import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Hit, PrimeMemory } from '@mixxclub/prime-memory'
import { cleanUp, failAlike, openAt, openNew, temporaryFolder } from './support/studio'

const NOTES: [text: string, metadata: { [key: string]: any }][] = [
  ['a deep mellow bassline for the intro', { bpm: 90, key: 'C minor', tags: ['dark', 'slow'], done: false }],
  ['turn up the drums in the second verse', { bpm: 120, key: 'A minor', tags: ['loud'], done: true }],
  ['invoice for the mastering job is unpaid', { amount: 450.5, done: null }],
  ['the singer wants more reverb on her voice', { bpm: 120.5, key: 'E major', 'odd.name "x"': 1 }],
  ['Serum preset: glassy pluck', { plugin: 'Serum', tags: [] }],
  ['Serum patch with slow attack, a wide pad', { plugin: 'Serum', bpm: '120' }],
  ['melancholic piano keys after midnight', { bpm: 70, key: 'D minor' }],
  ['four on the floor techno kick at 128 BPM', { bpm: 128, key: null }],
  ['the guitar solo of take 7 is the keeper', { take: 7 }],
  ['take the train to the festival on friday', { take: 70 }],
]

let memory: PrimeMemory
let ids: string[]
beforeAll(async () => {
  memory = await openNew()
  ids = await memory.rememberMany(NOTES.map(([text, metadata]) => ({ kind: 'note', text, metadata })))
  ids.push(await memory.remember({ kind: 'mixx_recall', text: 'likes dark pads and long reverb' }))
})
afterAll(cleanUp)

const places = (hits: Hit[]) => hits.map((hit) => ids.indexOf(hit.id))

describe('finds', () => {
  test.each<[string, number]>([
    ['mellow low end', 0], ['percussion should be louder', 1], ['customer has not payed the bill', 2],
    ['vocals need space and echo', 3], ['sad late night chords', 6], ['dance music pulse', 7],
  ])('by meaning: %s', async (text, place) => {
    for (const mode of ['hybrid', 'semantic'] as const) expect([mode, places(await memory.search(text, { mode }))[0]]).toEqual([mode, place])
    expect(memory.searchSync(text)[0]!.id).toBe(ids[place])
  })

  test.each<[string, number[]]>([['Serum', [4, 5]], ['serum pad', [5]], ['take 7', [8]], ['128 bpm', [7]], ['techno', [7]], ['reverbs', [3, 10]]])('words of a look-up first: %s', async (text, first) => {
    const found = places(await memory.search(text))
    expect(found.slice(0, first.length).sort((a, b) => a - b)).toEqual(first)
    expect(found.length).toBe(ids.length > 10 ? 10 : ids.length)
  })

  test('by id: those like it, itself left out', async () => {
    const found = places(await memory.search({ id: ids[4]! }, { mode: 'semantic' }))
    expect(found[0]).toBe(5)
    expect(found).not.toContain(4)
    expect(found.length).toBe(10)
    await failAlike([() => memory.search({ id: 'nobody' }), () => memory.searchSync({ id: 'nobody' })], 'PM_NOT_FOUND', 'nobody')
  })

  test('by tokens: the same as by the text', async () => {
    const tokens = await memory.compress('mellow low end')
    const [byTokens, byText] = [await memory.search({ tokens }), await memory.search('mellow low end', { mode: 'semantic' })]
    expect(places(byTokens)).toEqual(places(byText))
    expect(byTokens[0]!.similarity).toBeCloseTo(byText[0]!.similarity!, 4)
    expect(places(await memory.search({ tokens, text: undefined, id: undefined }))).toEqual(places(byText))
    expect(places(await memory.search({ tokens: (await memory.tokens(ids[3]!))! }))[0]).toBe(3)
  })

  test('itself at a similarity of one, not more', async () => {
    for (const [text] of NOTES) {
      const [hit] = await memory.search(text, { mode: 'semantic', explain: true, limit: 1 })
      expect(hit!.text).toBe(text)
      for (const cosine of [hit!.similarity, hit!.explain!.bestToken, hit!.explain!.whole]) {
        expect(cosine).toBeGreaterThan(0.999)
        expect(cosine).toBeLessThanOrEqual(1)
      }
    }
  })

  test('everything about a hit', async () => {
    const [hit] = await memory.search('mellow low end', { limit: 1 })
    expect(hit).toEqual({
      id: ids[0], kind: 'note', scope: {}, score: expect.any(Number), similarity: expect.any(Number),
      text: NOTES[0]![0], metadata: NOTES[0]![1], tier: 'hot', textDroppedAt: null, createdAt: expect.any(Number),
    })
  })
})

describe('modes', () => {
  test('keyword finds only what holds a word, by its stem, and looks at no meaning', async () => {
    const hits = await memory.search('drum in the verses', { mode: 'keyword', explain: true })
    expect(places(hits)).toEqual([1])
    expect(hits[0]).toMatchObject({ similarity: null, explain: { meaning: null, bestToken: null, whole: null } })
    expect(await memory.search('?!', { mode: 'keyword' })).toEqual([])
  })

  test('keyword has nothing to look for in tokens, and says so', async () => {
    const tokens = await memory.compress('drums')
    await failAlike([() => memory.search({ tokens }, { mode: 'keyword' }), () => memory.searchSync({ tokens }, { mode: 'keyword' })], 'PM_BAD_OPTION', 'mode')
  })

  test('the parts of a score add up', async () => {
    for (const query of ['take 7 of the guitar', 'Serum', 'dark reverb pads', 'unpaid bills at midnight']) {
      const hits = await memory.search(query, { explain: true })
      for (const { score, similarity, explain } of hits) {
        const { meaning, bestToken, whole, keyword, keywordPart, lookUpPart } = explain!
        expect(meaning! + keywordPart + lookUpPart).toBeCloseTo(score, 5)
        expect((bestToken! + whole!) / 2).toBeCloseTo(meaning!, 5)
        expect(similarity).toBeCloseTo(meaning!, 6)
        expect(keyword > 0).toBe(keywordPart > 0)
      }
      expect(hits.map((hit) => hit.score)).toEqual(hits.map((hit) => hit.score).sort((a, b) => b - a))
    }
    const [semantic] = await memory.search('Serum', { mode: 'semantic', explain: true })
    expect(semantic!.score).toBe(semantic!.similarity)
    expect(semantic!.explain).toMatchObject({ keyword: 0, keywordPart: 0, lookUpPart: 0 })
  })

  test.each(['a OR b', '"', "it's", 'NEAR(kick snare)', 'kick*', 'text:kick', '-kick', '^kick', 'AND', 'NOT drums', '(', 'kick"; DROP TABLE memories; --', '\\', '%', '{}', 'a\u200bb'])('%s is only words', async (query) => {
    for (const mode of ['hybrid', 'semantic', 'keyword'] as const) await memory.search(query, { mode })
    expect(memory.stats().memories).toBe(ids.length)
  })
})

describe('where', () => {
  test.each<[object, number[]]>([
    [{ bpm: 120 }, [1]],
    [{ bpm: '120' }, [5]],
    [{ bpm: { eq: 120 } }, [1]],
    [{ bpm: { ne: 120 } }, [0, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    [{ bpm: { gte: 120, lte: 128 } }, [1, 3, 7]],
    [{ bpm: { gt: 120, lt: 128 } }, [3]],
    [{ bpm: { in: [90, 70, '120'] } }, [0, 5, 6]],
    [{ bpm: { nin: [90, 70, 120, 120.5, 128] }, plugin: { exists: true } }, [4, 5]],
    [{ key: null }, [7]],
    [{ key: { exists: false } }, [2, 4, 5, 8, 9, 10]],
    [{ key: { exists: true }, bpm: { lt: 100 } }, [0, 6]],
    [{ key: { contains: 'minor' } }, [0, 1, 6]],
    [{ key: { gte: 'D', lt: 'F' } }, [3, 6]],
    [{ tags: { contains: 'dark' } }, [0]],
    [{ done: true }, [1]],
    [{ done: { in: [false, null] } }, [0, 2]],
    [{ amount: 450.5 }, [2]],
    [{ 'odd.name "x"': 1 }, [3]],
    [{ take: { contains: 7 } }, []],
    [{ nothing: 'like this' }, []],
    [{}, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
  ])('%j', async (where, expected) => {
    for (const mode of ['hybrid', 'semantic'] as const) {
      const found = places(await memory.search('music', { where, mode, limit: 100 } as never))
      expect(found.sort((a, b) => a - b)).toEqual(expected)
    }
    const byWord = places(await memory.search('the a serum', { where, mode: 'keyword', limit: 100 } as never))
    for (const place of byWord) expect(expected).toContain(place)
  })

  test.each<[unknown, string, string]>([
    [{ bpm: { $gte: 1 } }, 'PM_UNKNOWN_OPTION', 'did you mean "gte"?'],
    [{ bpm: { '>=': 1 } }, 'PM_UNKNOWN_OPTION', 'did you mean "gte"?'],
    [{ bpm: { gt: null } }, 'PM_BAD_OPTION', 'where.bpm.gt'],
    [{ bpm: { in: 3 } }, 'PM_BAD_OPTION', 'where.bpm.in'],
    [{ bpm: {} }, 'PM_BAD_OPTION', 'where.bpm'],
    [{ bpm: [1] }, 'PM_BAD_OPTION', 'where.bpm'],
    ['bpm', 'PM_BAD_OPTION', 'where'],
    [[], 'PM_BAD_OPTION', 'where'],
  ])('%j is refused', async (where, code, says) => {
    const options = { where } as never
    await failAlike([() => memory.search('x', options), () => memory.searchSync('x', options)], code, says)
  })
})

describe('options', () => {
  test('limit and threshold', async () => {
    for (const limit of [1, 3, 10, 1000]) expect((await memory.search('music', { limit })).length).toBe(Math.min(limit, ids.length))
    const all = await memory.search('music', { mode: 'semantic', limit: 100 })
    const threshold = all[4]!.similarity! - 1e-6
    for (const mode of ['hybrid', 'semantic'] as const) {
      const near = await memory.search('music', { mode, threshold, limit: 100 })
      expect(places(near).sort()).toEqual(places(all.slice(0, 5)).sort())
    }
    expect(await memory.search('music', { threshold: 1 })).toEqual([])
  })

  test('kinds', async () => {
    expect(places(await memory.search('reverb', { kind: 'mixx_recall' }))).toEqual([10])
    expect((await memory.search('reverb', { kind: ['mixx_recall', 'note'], limit: 100 })).length).toBe(11)
    expect(await memory.search('reverb', { kind: 'project_snapshot' })).toEqual([])
    const unknown = { kind: 'notes' }
    await failAlike([() => memory.search('x', unknown), () => memory.searchSync('x', unknown)], 'PM_UNKNOWN_KIND', /"notes", did you mean "note"\?; kinds here: mixx_recall, note/)
  })

  test.each<[unknown, string, string]>([
    [{ limt: 3 }, 'PM_UNKNOWN_OPTION', 'did you mean "limit"?'],
    [{ scope: { usr: 'a' } }, 'PM_UNKNOWN_OPTION', 'did you mean "user"?'],
    ...[0, 1001, 1.5, -1, '10', NaN].map((limit) => [{ limit }, 'PM_BAD_OPTION', 'limit'] as [unknown, string, string]),
    ...[2, -1.1, '0.5', NaN].map((threshold) => [{ threshold }, 'PM_BAD_OPTION', 'threshold'] as [unknown, string, string]),
    [{ mode: 'keyword', threshold: 0.1 }, 'PM_BAD_OPTION', 'threshold'],
    [{ mode: 'fuzzy' }, 'PM_BAD_OPTION', 'mode'],
    [{ kind: 5 }, 'PM_BAD_OPTION', 'kind'],
    [{ explain: 'yes' }, 'PM_BAD_OPTION', 'explain'],
    ['x', 'PM_BAD_OPTION', 'options'],
    [[], 'PM_BAD_OPTION', 'options'],
    [['note'], 'PM_BAD_OPTION', 'options'],
  ])('%p is refused', async (options, code, says) => {
    await failAlike([() => memory.search('x', options as never), () => memory.searchSync('x', options as never)], code, says)
  })
})

describe('queries that are none', () => {
  const tokens = (whole: unknown) => ({ tokens: { whole } })
  const one = (at: number, value: number) => new Float32Array(384).fill(0.05).fill(value, at, at + 1)
  test.each<[string, unknown, string, string]>([
    ['nothing', '', 'PM_EMPTY_TEXT', ''],
    ['spaces', '  ', 'PM_EMPTY_TEXT', ''],
    ['half a character', '\ud800', 'PM_BAD_TEXT', 'surrogate'],
    ['half a character in an object', { text: '\ud800' }, 'PM_BAD_TEXT', 'surrogate'],
    ['10 MB', 'a'.repeat(10_000_000), 'PM_TOO_LONG', ''],
    ['undefined', undefined, 'PM_BAD_OPTION', 'query'],
    ['null', null, 'PM_BAD_OPTION', 'query'],
    ['a number', 5, 'PM_BAD_OPTION', 'query'],
    ['an empty object', {}, 'PM_BAD_OPTION', 'exactly one'],
    ['two at once', { text: 'a', id: 'b' }, 'PM_BAD_OPTION', 'exactly one'],
    ['a misspelling', { txt: 'a' }, 'PM_UNKNOWN_OPTION', 'did you mean "text"?'],
    ['a vector with NaN', tokens(one(7, NaN)), 'PM_BAD_VECTOR', 'NaN at 7'],
    ['a vector with infinity', tokens(one(383, Infinity)), 'PM_BAD_VECTOR', '383'],
    ['a vector of zeros', tokens(new Float32Array(384)), 'PM_BAD_VECTOR', 'zeros'],
    ['a vector that is too short', tokens(new Float32Array(383).fill(1)), 'PM_DIMS_MISMATCH', '383'],
    ['a vector of another model', tokens(new Float32Array(768).fill(1)), 'PM_DIMS_MISMATCH', '768'],
    ['a plain list', tokens([1, 2, 3]), 'PM_BAD_OPTION', 'compress()'],
    ['the wrong sort of numbers', tokens(new Float64Array(384).fill(1)), 'PM_BAD_OPTION', 'compress()'],
    ['no whole', { tokens: {} }, 'PM_BAD_OPTION', 'compress()'],
  ])('%s', async (_, given, code, says) => {
    const query: any = given
    if (query?.tokens?.whole) query.tokens.model ??= memory.stats().model.fingerprint
    await failAlike([() => memory.search(query), () => memory.searchSync(query)], code, says)
  })
})

describe('in a store of its own', () => {
  test('the answer is the same after reopening, and after the index was lost', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    const first = await openAt(path)
    await first.rememberMany(NOTES.map(([text, metadata]) => ({ kind: 'note', text, metadata })))
    const ask = (store: PrimeMemory) => store.search('a slow dark song', { explain: true })
    const before = await ask(first)
    await first.close()
    const again = await openAt(path)
    expect(again.stats().index).toMatchObject({ origin: 'loaded', rows: 10, mode: 'exact', recall: null })
    expect(await ask(again)).toEqual(before)
  })

  test('an empty store finds nothing', async () => {
    const empty = await openNew()
    expect(await empty.search('bass')).toEqual([])
    expect(await empty.search('bass', { kind: 'cache' })).toEqual([])
    await failAlike([() => empty.search('a', { kind: 'x' }), () => empty.searchSync('a', { kind: 'x' })], 'PM_UNKNOWN_KIND', 'none yet')
  })
})
