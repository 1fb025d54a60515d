import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type MemoryTokens, PrimeMemory } from '@mixxclub/prime-memory'
import { cleanUp, failAlike, failure, openNew } from './support/studio'

let memory: PrimeMemory
beforeAll(async () => void (memory = await openNew()))
afterAll(cleanUp)

const vectors = ({ data, dims, count }: MemoryTokens) => Array.from({ length: count }, (_, i) => data.subarray(i * dims, (i + 1) * dims))
const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0)
const sameBits = (a: Float32Array, b: Float32Array) => Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength))

describe('memory tokens', () => {
  test.each([[1], [2], [3], [7], [16], [39], [40], [41], [64], [255], [256]])('at ratio %d there are ceil(40 / ratio), each of length 1', async (ratio) => {
    const text = 'kick hat drum bass '.repeat(10)
    const tokens = await memory.compress(text, { ratio })
    const { count, dims, sourceTokens, sourceBytes, model } = tokens
    expect({ count, dims, ratio: tokens.ratio, sourceTokens, sourceBytes, model }).toEqual({
      count: Math.ceil(40 / ratio), dims: 384, ratio, sourceTokens: 40, sourceBytes: text.length, model: memory.stats().model.fingerprint,
    })
    expect(tokens.data).toBeInstanceOf(Float32Array)
    expect([tokens.data.length, tokens.whole.length]).toEqual([count * dims, dims])
    for (const vector of [...vectors(tokens), tokens.whole]) expect(cosine(vector, vector)).toBeCloseTo(1, 5)
  })

  test('are 16 to 1 unless said otherwise', async () => {
    const { ratio, count } = await memory.compress('kick hat drum bass '.repeat(10))
    expect([ratio, count]).toEqual([16, 3])
    expect((await memory.compress('a', {})).ratio).toBe(16)
    expect(memory.compressSync('a', undefined).ratio).toBe(16)
  })

  test('count bytes, not characters', async () => {
    expect((await memory.compress('Übung für Bläser ♫')).sourceBytes).toBe(Buffer.byteLength('Übung für Bläser ♫'))
  })

  test('of a text that fits one of them equal the whole', async () => {
    const { data, whole } = await memory.compress('a warm bassline')
    expect(sameBits(data, whole)).toBe(true)
  })

  test('are the same alone, among others, and in both forms', async () => {
    const texts = Array.from({ length: 20 }, (_, i) => `take ${i}: ${'loud bass, '.repeat((i * i) / 6)}`)
    const many = await memory.compressMany(texts, { ratio: 5 })
    const sync = memory.compressManySync(texts, { ratio: 5 })
    for (const [i, text] of texts.entries()) {
      const alone = i % 2 ? memory.compressSync(text, { ratio: 5 }) : await memory.compress(text, { ratio: 5 })
      for (const other of [many[i]!, sync[i]!]) {
        expect(sameBits(alone.data, other.data) && sameBits(alone.whole, other.whole)).toBe(true)
        expect({ ...other, data: 0, whole: 0 }).toEqual({ ...alone, data: 0, whole: 0 })
      }
    }
    expect(await memory.compressMany([])).toEqual([])
  })

  test('of one call are not the memory of another', async () => {
    const first = await memory.compress('a warm bassline')
    const before = first.whole[0]!
    ;(await memory.compress('a warm bassline')).whole.fill(7)
    expect(first.whole[0]).toBe(before)
  })

  test.each([
    ['a warm bassline', 'deep mellow bass', 'invoice for the mastering job'],
    ['make the drums louder', 'turn up the percussion', 'the vocals are out of tune'],
    ['sad piano in a minor key', 'melancholic keys', 'an aggressive techno kick'],
  ])('"%s" is nearer to "%s" than to "%s"', async (asked, like, other) => {
    const [a, b, c] = (await memory.compressMany([asked, like, other])).map((tokens) => tokens.whole)
    expect(cosine(a!, b!)).toBeGreaterThan(cosine(a!, c!) + 0.1)
  })

  test('stand for every part of a text of 20,000 tokens', async () => {
    const odd = 'please send the unpaid invoice to the tax office before friday morning at nine'
    const tokens = await memory.compress(`${'bass '.repeat(12_800)}${odd} ${'bass '.repeat(7_200)}`)
    expect(tokens.sourceTokens).toBeGreaterThan(20_000)
    expect(tokens.count).toBe(Math.ceil(tokens.sourceTokens / 16))
    const asked = (await memory.compress(odd)).whole
    const scores = vectors(tokens).map((vector) => cosine(vector, asked))
    expect(scores.indexOf(Math.max(...scores))).toBe(12_800 / 16)
  })
})

describe('texts that cannot be compressed', () => {
  const TEN_MEGABYTES = 'a'.repeat(10_000_000)
  const cases: [string, unknown, string][] = [
    ['nothing', '', 'PM_EMPTY_TEXT'],
    ['spaces', '   ', 'PM_EMPTY_TEXT'],
    ['white space of every sort', '\n\t\r\u00a0\u2003\u3000', 'PM_EMPTY_TEXT'],
    ['half a character', '\ud83c', 'PM_BAD_TEXT'],
    ['half a character within', 'drums \udfb5 bass', 'PM_BAD_TEXT'],
    ['halves in the wrong order', '\udfb5\ud83c', 'PM_BAD_TEXT'],
    ['a NUL', 'drums\0bass', 'PM_BAD_TEXT'],
    ['10 MB of one character', TEN_MEGABYTES, 'PM_TOO_LONG'],
    ['a number', 5, 'PM_BAD_OPTION'],
    ['null', null, 'PM_BAD_OPTION'],
    ['undefined', undefined, 'PM_BAD_OPTION'],
    ['an object', { text: 'a' }, 'PM_BAD_OPTION'],
    ['a list', ['a'], 'PM_BAD_OPTION'],
    ['a symbol', Symbol('a'), 'PM_BAD_OPTION'],
    ['a BigInt', 10n, 'PM_BAD_OPTION'],
    ['a function', () => 'a', 'PM_BAD_OPTION'],
  ]

  test.each(cases)('%s', async (_, text, code) => {
    await failAlike([() => memory.compress(text as never), () => memory.compressSync(text as never)], code)
  })

  // What JSON cannot write, or writes as something else, is its own affair: see below.
  const inLists = cases.filter(([, text]) => !['symbol', 'bigint', 'function', 'undefined'].includes(typeof text))
  test.each(inLists)('%s among good ones, which is named', async (_, text, code) => {
    const texts = ['good', 'good', text] as never
    const says = code === 'PM_BAD_OPTION' ? 'texts[2]' : 'item 2'
    await failAlike([() => memory.compressMany(texts), () => memory.compressManySync(texts)], code, code === 'PM_BAD_TEXT' ? '2' : says)
  })

  test.each(cases)('%s is not remembered, and neither are its neighbours', async (_, text, code) => {
    const store = await openNew()
    const item = { kind: 'note', text } as never
    const items = [{ kind: 'note', text: 'good' }, item]
    for (const call of [
      () => store.remember(item), () => store.rememberSync(item), () => store.rememberMany(items), () => store.rememberManySync(items),
    ]) {
      const error = await failure(call)
      if (text === 10n) expect(error).toMatchObject({ code: 'PM_BAD_OPTION' })
      else if (text === undefined || typeof text === 'symbol' || typeof text === 'function') expect(error.message).toContain('neither text nor data')
      else expect(error.code).toBe(text === null ? 'PM_BAD_OPTION' : code)
    }
    expect(store.stats().memories).toBe(0)
  })

  test.each([[undefined], [null], ['a'], [5], [{}], [{ 0: 'a' }]])('%p is no list of texts', async (texts) => {
    await failAlike([() => memory.compressMany(texts as never), () => memory.compressManySync(texts as never)], 'PM_BAD_OPTION', 'texts')
  })

  test('the error says how much would do', async () => {
    expect((await failure(() => memory.compress(TEN_MEGABYTES))).message).toMatch(/10000000 bytes.*at most 4194304; split it/)
    const many = 'a '.repeat(100_000)
    expect((await failure(() => memory.compress(many, { ratio: 1 }))).message).toMatch(/100000 memory tokens.*at most 65536/)
  })
})

describe('ratios', () => {
  test.each<[unknown, string]>([
    [0, 'PM_BAD_RATIO'], [257, 'PM_BAD_RATIO'], [1.5, 'PM_BAD_RATIO'], [-16, 'PM_BAD_RATIO'], [1e9, 'PM_BAD_RATIO'],
    [NaN, 'PM_BAD_RATIO'], [Infinity, 'PM_BAD_RATIO'], ['16', 'PM_BAD_OPTION'], [true, 'PM_BAD_OPTION'], [[16], 'PM_BAD_OPTION'],
  ])('%p is refused everywhere', async (ratio, code) => {
    const options = { ratio } as never
    const item = { kind: 'note', text: 'a', ratio } as never
    await failAlike([() => memory.compress('a', options), () => memory.compressSync('a', options)], code, 'ratio')
    await failAlike([() => memory.compressMany(['a'], options), () => memory.compressManySync(['a'], options)], code, 'ratio')
    await failAlike([() => memory.remember(item), () => memory.rememberSync(item)], code, 'ratio')
    expect(memory.stats().memories).toBe(0)
  })

  test('a misspelling is told the right name', async () => {
    const options = { raito: 4 } as never
    await failAlike([() => memory.compress('a', options), () => memory.compressSync('a', options)], 'PM_UNKNOWN_OPTION', 'did you mean "ratio"?')
  })
})
