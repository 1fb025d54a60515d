import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, test } from '@jest/globals'
import { PrimeMemory, type MemoryTokens } from '@mixxclub/prime-memory'
import { cleanUp, DEFAULT_MODEL, failAlike, failure, openAt, openNew, temporaryFolder } from './support/studio'

afterEach(cleanUp)

const ROOT = join(__dirname, '..')
type Loose = { [method: string]: (...args: unknown[]) => any }
const loose = (memory: PrimeMemory) => memory as unknown as Loose
const note = { kind: 'note', text: 'a bass' }

/** Both forms of a method refuse these arguments alike. */
const refuses = (memory: PrimeMemory, method: string, args: unknown[], code: string, says: string | RegExp = '') =>
  failAlike([() => loose(memory)[method]!(...args), () => loose(memory)[`${method}Sync`]!(...args)], code, says)

describe('filters', () => {
  test('a condition on a key finds every spelling that is stored', async () => {
    const memory = await openNew()
    const ids = await memory.rememberMany([
      { kind: 'musical_context', data: { key: 'Cm', bpm: 130 } },
      { kind: 'note', text: 'a take', metadata: { key: 'Cm' } },
      { kind: 'musical_context', data: { key: 'A#m', bpm: 90 } },
      { kind: 'mixx_recall', data: { category: 'keys', commonKeys: ['A#m', 'F'] } },
      { kind: 'note', text: 'a demo', metadata: { key: 'Demo' } },
    ])
    const found = async (where: object) => (await memory.search('music', { where: where as never })).map((hit) => ids.indexOf(hit.id)).sort()
    expect(await found({ bpm: { gte: 120, lte: 140 }, key: 'Cm' })).toEqual([0])
    expect(await found({ key: 'Cm' })).toEqual([0, 1])
    expect(await found({ key: { in: ['Bbm', 'Demo'] } })).toEqual([2, 3, 4])
    expect(await found({ key: { ne: 'Cm' } })).toEqual([2, 3, 4])
    expect(await found({ key: { nin: ['Cm', 'A# minor'] } })).toEqual([4])
    expect(await found({ keys: { contains: 'A#m' } })).toEqual([3])
    expect(await found({ key: { contains: 'minor' } })).toEqual([0, 2, 3])
  })

  test('an unknown kind beside a known one is named', async () => {
    const memory = await openNew()
    await memory.remember(note)
    await refuses(memory, 'search', ['bass', { kind: ['note', 'notes'] }], 'PM_UNKNOWN_KIND', '"notes", did you mean "note"?')
    expect((await memory.search('bass', { kind: ['note', 'cache'] })).length).toBe(1)
  })

  test('an empty list of kinds or scopes is refused, it would mean everything', async () => {
    const memory = await openNew()
    const id = await memory.remember(note)
    await refuses(memory, 'search', ['bass', { kind: [] }], 'PM_BAD_OPTION', 'options.kind: an empty list; give at least one')
    await refuses(memory, 'search', ['bass', { scope: [] }], 'PM_BAD_OPTION', 'options.scope: an empty list')
    for (const method of ['get', 'tokens', 'forget']) await refuses(memory, method, [id, { scope: [] }], 'PM_BAD_OPTION', 'options.scope')
    await refuses(memory, 'update', [id, { text: 'x' }, { scope: [] }], 'PM_BAD_OPTION', 'options.scope')
    expect(await memory.get(id, { scope: undefined })).toMatchObject({ text: 'a bass' })
  })

  test.each<[object, string]>([
    [{ bpm: undefined }, 'options.where.bpm: found undefined'],
    [{ bpm: { gte: undefined } }, 'options.where.bpm.gte'],
    [{ bpm: { in: [1, undefined] } }, 'options.where.bpm.in.1'],
    [{ bpm: () => 1 }, 'options.where.bpm: found function'],
  ])('a condition without a value is no condition less: %p', async (where, says) => {
    await refuses(await openNew(), 'search', ['bass', { where }], 'PM_BAD_OPTION', says)
  })
})

test.each<[string, (tokens: MemoryTokens) => object, string, string]>([
  ['another count', () => ({ count: 5 }), 'PM_BAD_VECTOR', 'count 5'],
  ['a count that is no number', () => ({ count: 'two' }), 'PM_BAD_VECTOR', 'NaN'],
  ['other dims', () => ({ dims: 12 }), 'PM_BAD_VECTOR', 'dims 12'],
  ['NaN in the data', ({ data }) => ({ data: data.map((number, i) => (i === 3 ? NaN : number)) }), 'PM_BAD_VECTOR', 'NaN at 3 of data'],
  ['data cut short', ({ data }) => ({ data: data.subarray(1) }), 'PM_BAD_VECTOR', 'numbers in data'],
  ['data that is a plain list', ({ data }) => ({ data: [...data] }), 'PM_BAD_OPTION', 'data'],
  ['a vector of other dims throughout', () => ({ dims: 2, count: 1, data: new Float32Array([1, 0]), whole: new Float32Array([1, 0]) }), 'PM_DIMS_MISMATCH', '2'],
])('tokens with %s are no query', async (_, change, code, says) => {
  const memory = await openNew()
  const tokens = await memory.compress('a long note about the drums and the bass')
  await refuses(memory, 'search', [{ tokens: { ...tokens, ...change(tokens) } }], code, says)
})

describe('what cannot be kept', () => {
  test.each<[string, object]>([
    ['a value of the metadata', { metadata: { a: { b: ['x', 'y\0z'] } } }],
    ['a name of the metadata', { metadata: { 'a\0b': 1 } }],
    ['a scope', { scope: { user: 'ana\0' } }],
  ])('a NUL character in %s', async (_, part) => {
    const memory = await openNew()
    await refuses(memory, 'remember', [{ ...note, ...part }], 'PM_BAD_TEXT', 'NUL')
    expect(memory.stats().memories).toBe(0)
    const { metadata, data } = part as { metadata?: object; data?: object }
    if (metadata || data) await refuses(memory, 'update', [await memory.remember(note), { metadata, data }], 'PM_BAD_TEXT', 'NUL')
  })

  test('a NUL character in the scope of a memory', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    await failAlike([() => openAt(path, { scope: { user: '\0' } }), () => PrimeMemory.openSync({ path, scope: { user: '\0' } })], 'PM_BAD_TEXT', 'options.scope.user')
  })

  test('a number in data that JSON cannot say, as in metadata', async () => {
    const memory = await openNew()
    for (const data of [{ a: { b: NaN } }, [1, Infinity]]) {
      await refuses(memory, 'remember', [{ ...note, data }], 'PM_BAD_OPTION', 'item.data')
      await refuses(memory, 'rememberMany', [[{ ...note, data }]], 'PM_BAD_OPTION', 'items.data')
    }
    const data = { none: null, word: 'null' }
    expect(await memory.get(await memory.remember({ ...note, data }))).toMatchObject({ data })
    expect((await memory.describe({ kind: 'musical_context', data: { key: 'Am', bpm: NaN } })).text).toContain('A minor')
  })

  const cycle: { [name: string]: unknown } = {}
  cycle['itself'] = cycle
  const deep = Array.from({ length: 20_000 }).reduce<object>((inner) => ({ inner }), {})
  test.each<[string, unknown, string]>([['a cycle', cycle, 'circular'], ['a BigInt', { n: 1n }, 'BigInt'], ['20,000 levels', deep, 'call stack']])('%s in data or metadata', async (_, part, says) => {
    const memory = await openNew()
    await refuses(memory, 'remember', [{ ...note, data: part }], 'PM_BAD_OPTION', new RegExp(`item\\.data.*${says}.*give plain JSON`))
    await refuses(memory, 'remember', [{ ...note, metadata: part }], 'PM_BAD_OPTION', says)
    await refuses(memory.cache as never, 'get', [{ prompt: 'x', context: part }], 'PM_BAD_OPTION', says)
  })
})

describe('options that a call does not have', () => {
  const nothing = () => {}
  const signal = new AbortController().signal
  test.each<[string, unknown[], string, string]>([
    ['rememberMany', [[note], { onProgres: nothing }], 'PM_UNKNOWN_OPTION', 'did you mean "onProgress"?'],
    ['rememberMany', [[note], { signl: signal }], 'PM_UNKNOWN_OPTION', 'did you mean "signal"?'],
    ['rememberMany', [[note], { nonsense: 1 }], 'PM_UNKNOWN_OPTION', 'known here: signal, onProgress'],
    ['reindex', [{ onProgess: nothing }], 'PM_UNKNOWN_OPTION', 'did you mean "onProgress"?'],
    ['search', ['bass', { limit: nothing }], 'PM_BAD_OPTION', 'options.limit'],
    ['search', ['bass', { onProgress: nothing }], 'PM_UNKNOWN_OPTION', 'onProgress'],
    ['compress', ['bass', { onProgress: nothing }], 'PM_UNKNOWN_OPTION', 'onProgress'],
    ['remember', [note, { onProgress: nothing }], 'PM_UNKNOWN_OPTION', 'onProgress'],
    ['update', ['x', { text: 'x' }, { onProgress: nothing }], 'PM_UNKNOWN_OPTION', 'onProgress'],
    ['verify', [{ foo: 1 }], 'PM_UNKNOWN_OPTION', '"foo"'],
    ['repair', [{ foo: 1 }], 'PM_UNKNOWN_OPTION', '"foo"'],
    ['compressSync', ['bass', { signal }], 'PM_UNKNOWN_OPTION', 'signal'],
    ['compressManySync', [['bass'], { signal }], 'PM_UNKNOWN_OPTION', 'signal'],
    ['searchSync', ['bass', { onProgres: nothing }], 'PM_BAD_OPTION', 'options.onProgres'],
    ['rememberSync', [note, { nonsense: 1 }], 'PM_UNKNOWN_OPTION', '"nonsense"'],
    ['rememberManySync', [[note], { nonsense: 1 }], 'PM_UNKNOWN_OPTION', '"nonsense"'],
    ['describeSync', [{ kind: 'note', data: 'x' }, { nonsense: 1 }], 'PM_UNKNOWN_OPTION', '"nonsense"'],
    ['stats', [{ scope: {} }], 'PM_UNKNOWN_OPTION', '"scope"'],
  ])('%s(%j)', async (method, args, code, says) => {
    const memory = await openNew()
    const error = await failure(() => loose(memory)[method]!(...args))
    expect({ code: error.code, message: error.message }).toEqual({ code, message: expect.stringContaining(says) })
    expect(memory.stats().memories).toBe(0)
  })
})

describe('opening', () => {
  test('with new says how it is done', async () => {
    const error = await failure(() => new (PrimeMemory as any)({ path: 'a.db' }))
    expect({ code: error.code, message: error.message }).toEqual({ code: 'PM_BAD_OPTION', message: expect.stringContaining('PrimeMemory.open()') })
    expect(await openNew()).toBeInstanceOf(PrimeMemory)
  })

  test('a store without a file does not make a file of that name', async () => {
    await failAlike([() => PrimeMemory.open({ path: ':memory:' }), () => PrimeMemory.openSync({ path: ':memory:' })], 'PM_BAD_OPTION', 'a store is always a file')
  })

  test('a guard that is not there names its own package', async () => {
    const error = await failure(() => openNew({ guard: '/nope' }))
    expect({ code: error.code, message: error.message }).toEqual({
      code: 'PM_MODEL_NOT_FOUND', message: expect.stringMatching(/\/nope: there is no such folder; .*@mixxclub\/prime-memory-guard-minilm-l6/),
    })
  })

  test('another ONNX Runtime than the one at work is refused', async () => {
    const { path } = (await openNew()).stats().runtime
    const other = join(DEFAULT_MODEL, 'LICENSE')
    expect(await failure(() => openNew({ runtime: other }))).toMatchObject({ code: 'PM_BAD_OPTION', message: expect.stringContaining(other) })
    expect((await openNew({ runtime: path })).stats().runtime.path).toBe(path)
  })

  test('a store too damaged for it gives advice that can be followed', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'studio.db')
    const memory = await openAt(path)
    await memory.rememberMany(Array.from({ length: 60 }, (_, i) => ({ kind: 'note', text: `take ${i}` })))
    await memory.close()
    const half = join(folder, 'half.db')
    copyFileSync(path, half)
    truncateSync(half, Math.floor(statSync(path).size / 2 / 4096) * 4096)
    const before = readFileSync(half)
    const error = await failure(() => openAt(half))
    expect({ code: error.code, message: error.message }).toEqual({ code: 'PM_STORE_CORRUPT', message: expect.stringMatching(/half\.db is damaged.*restore a backup/) })
    expect(error.message).not.toContain('verify()')
    expect(readFileSync(half).equals(before)).toBe(true)
  })
})

test('closing succeeds where the index cannot be written, which is built again', async () => {
  const path = join(temporaryFolder(), 'studio.db')
  mkdirSync(`${path}.index`)
  const memory = await openAt(path)
  await memory.remember(note)
  await memory.close()
  expect((await (await openAt(path)).search('bass')).length).toBe(1)
})

test('repairing a sound store mends nothing', async () => {
  const memory = await openNew()
  await memory.rememberMany([note, note])
  expect(await memory.repair()).toEqual({ ok: true, problems: [], mended: [] })
})

test('import gives the same classes as require', () => {
  const script = `import * as all from '${pathToFileURL(join(ROOT, 'index.mjs'))}'; console.log(Object.keys(all).sort().join())`
  const told = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
  const classes = Object.keys(require(join(ROOT, 'index.js'))).filter((name) => /^[A-Z]/.test(name))
  expect(told.trim().split(',').sort()).toEqual([...classes, 'default'].sort())
})
