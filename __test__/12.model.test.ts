import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { PrimeMemory, type Progress } from '@mixxclub/prime-memory'
import { DEFAULT_MODEL, cleanUp, failAlike, failure, modelCopy, openAt, run, secondModel, temporaryFolder } from './support/studio'

afterEach(cleanUp)

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('a model package', () => {
  const refuses = async (model: string, code: string, says: string | RegExp) => {
    const path = join(temporaryFolder(), 'studio.db')
    await failAlike([() => PrimeMemory.open({ path, model }), () => PrimeMemory.openSync({ path, model })], code, says)
  }
  const flipped = (file: string, at: number) => {
    const bytes = readFileSync(join(DEFAULT_MODEL, file))
    bytes[at] ^= 0x10
    return bytes
  }
  const tokenizer = readFileSync(join(DEFAULT_MODEL, 'tokenizer.json'))

  test('whose folder is missing', async () => {
    await refuses('/nowhere/model', 'PM_MODEL_NOT_FOUND', /no model package in \/nowhere\/model.*install/)
  })

  test('without a model.json', async () => {
    await refuses(temporaryFolder(), 'PM_MODEL_NOT_FOUND', 'holds no model.json')
  })

  test('whose model.json is malformed', async () => {
    const folder = modelCopy(() => {})
    writeFileSync(join(folder, 'model.json'), '{ "format": 1, "name": ')
    await refuses(folder, 'PM_MODEL_CORRUPT', 'model.json is damaged')
  })

  test.each<[string, (manifest: any) => void, string]>([
    ['is of a newer format', (m) => (m.format = 2), 'format is 2'],
    ['lacks its dims', (m) => delete m.dims, 'dims'],
    ['points outside', (m) => (m.encoder.file = '../model.onnx'), 'not inside'],
    ['names a file that is missing', (m) => (m.tokenizer.file = 'tokens.json'), 'no such file'],
    ['lies about the graph’s inputs', (m) => (m.encoder.inputs.ids = 'nonsense'), ''],
    ['lies about the graph’s output', (m) => (m.encoder.output = 'nonsense'), ''],
    ['lies about its dims', (m) => (m.dims = 256), ''],
  ])('whose model.json %s', async (_, change, says) => {
    await refuses(modelCopy(change), 'PM_MODEL_CORRUPT', says)
  })

  test.each<[string, string, () => Buffer]>([
    ['one flipped bit in the graph', 'model.onnx', () => flipped('model.onnx', 11_000_000)],
    ['half a tokenizer', 'tokenizer.json', () => tokenizer.subarray(0, 200_000)],
    ['an empty graph', 'model.onnx', () => Buffer.alloc(0)],
  ])('with %s', async (_, file, bytes) => {
    await refuses(modelCopy(() => {}, { [file]: bytes() }), 'PM_MODEL_CORRUPT', `${file} is damaged`)
  })

  test.each<[string, 'encoder' | 'tokenizer', Buffer]>([
    ['graph', 'encoder', Buffer.from('no graph at all')],
    ['tokenizer', 'tokenizer', tokenizer.subarray(0, 200_000)],
  ])('with a broken %s whose SHA-256 is right', async (_, part, bytes) => {
    const file = part === 'encoder' ? 'model.onnx' : 'tokenizer.json'
    const folder = modelCopy((manifest: any) => (manifest[part].sha256 = sha256(bytes)), { [file]: bytes })
    await refuses(folder, 'PM_MODEL_CORRUPT', `${file} is damaged`)
  })
})

describe('ONNX Runtime', () => {
  test.each<[string, object, NodeJS.ProcessEnv, string, RegExp]>([
    ['given as option, missing', { runtime: '/nowhere/libonnxruntime.so' }, {}, 'PM_RUNTIME_NOT_FOUND', /\/nowhere\/libonnxruntime\.so.*npm install/],
    ['from ORT_DYLIB_PATH, missing', {}, { ORT_DYLIB_PATH: '/nowhere/ort.so' }, 'PM_RUNTIME_NOT_FOUND', /\/nowhere\/ort\.so.*ORT_DYLIB_PATH/],
    ['that is something else', { runtime: join(DEFAULT_MODEL, 'LICENSE') }, {}, 'PM_RUNTIME_INVALID', /cannot be used as ONNX Runtime/],
  ])('%s', async (_, options, env, code, says) => {
    const path = join(temporaryFolder(), 'studio.db')
    const ended = await run('open.cjs', [JSON.stringify({ path, ...options })], env)
    const told = ended.lines.map((line) => JSON.parse(line))
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: '' })
    expect(told).toEqual([{ code, message: expect.stringMatching(says) }, told[0]])
  })

  test('says where it was found', async () => {
    const { runtime } = (await openAt(join(temporaryFolder(), 'studio.db'))).stats()
    expect(runtime).toEqual({ path: expect.stringMatching(/onnxruntime/), version: expect.stringMatching(/^1\.\d+/), executionProvider: 'cpu' })
  })
})

describe('a store of another model', () => {
  const items = Array.from({ length: 150 }, (_, i) => ({ kind: 'note', text: `take ${i} of the ${i % 2 ? 'drums' : 'strings'}`, ratio: 2 }))

  async function filled(count = items.length) {
    const path = join(temporaryFolder(), 'studio.db')
    const memory = await openAt(path)
    const ids = await memory.rememberMany(items.slice(0, count))
    const tokens = await memory.compress('take 7 of the drums')
    await memory.close()
    return { path, ids, tokens }
  }

  test('is refused with both names', async () => {
    const { path } = await filled(1)
    const options = { path, model: secondModel() }
    const says = /"all-MiniLM-L6-v2-int8[^"]*".*"second-model[^"]*".*reindex\(\)/
    await failAlike([() => PrimeMemory.open(options), () => PrimeMemory.openSync(options)], 'PM_MODEL_MISMATCH', says)
    expect((await openAt(path)).stats().memories).toBe(1)
  })

  test('can be opened to be re-encoded, and then is of the new one', async () => {
    const { path, ids, tokens } = await filled()
    const model = secondModel()
    const memory = await openAt(path, { model, modelMismatch: 'open' })
    expect(memory.stats().model).toMatchObject({ name: 'second-model', matchesStore: false })
    for (const call of [
      () => memory.search('drums'),
      () => memory.search({ id: ids[0]! }, { mode: 'semantic' }),
      () => memory.remember({ kind: 'note', text: 'new' }),
      () => memory.update(ids[0]!, { text: 'changed' }),
    ]) expect((await failure(call)).code).toBe('PM_MODEL_MISMATCH')
    expect((await memory.search('drums', { mode: 'keyword', limit: 100 })).length).toBe(75)
    expect((await memory.get(ids[7]!))?.text).toBe('take 7 of the drums')

    const told: Progress[] = []
    expect(await memory.reindex({ onProgress: (progress) => told.push(progress) })).toBe(150)
    expect(told.at(-1)).toEqual({ done: 150, total: 150 })
    expect(told.map((p) => p.done)).toEqual(told.map((p) => p.done).sort((a, b) => a - b))
    expect(memory.stats()).toMatchObject({ memories: 150, model: { matchesStore: true } })
    expect((await memory.search('take 7 of the drums'))[0]?.id).toBe(ids[7])
    expect((await memory.tokens(ids[7]!))?.model).not.toBe(tokens.model)
    expect(await memory.verify()).toEqual({ ok: true, problems: [], mended: [] })
    await memory.close()
    expect((await (await openAt(path, { model })).search('take 8 of the strings'))[0]?.id).toBe(ids[8])
    expect((await failure(() => PrimeMemory.open({ path }))).code).toBe('PM_MODEL_MISMATCH')
  })

  test('whose re-encoding was cancelled stays whole and goes on later', async () => {
    const { path, ids } = await filled()
    const model = secondModel()
    const memory = await openAt(path, { model, modelMismatch: 'open' })
    const controller = new AbortController()
    const error = await failure(() => memory.reindex({ signal: controller.signal, onProgress: () => controller.abort() }))
    expect([error.name, error.code]).toEqual(['AbortError', 'PM_ABORTED'])
    expect(memory.stats()).toMatchObject({ memories: 150, model: { matchesStore: false } })
    await memory.close()

    const again = await openAt(path, { model, modelMismatch: 'open' })
    const rest = again.reindexSync()
    expect(rest).toBeGreaterThan(0)
    expect(rest).toBeLessThan(150)
    expect((await again.search('take 149 of the drums'))[0]?.id).toBe(ids[149])
    expect((await again.verify()).problems).toEqual([])
  })

  test('never mixes spaces: its tokens are no query here', async () => {
    const { tokens } = await filled(1)
    const memory = await openAt(join(temporaryFolder(), 'other.db'), { model: secondModel() })
    await memory.remember({ kind: 'note', text: 'take 7 of the drums' })
    await failAlike([() => memory.search({ tokens }), () => memory.searchSync({ tokens })], 'PM_MODEL_MISMATCH')
  })

  test('is opened without a word when the folder merely moved', async () => {
    const { path } = await filled(1)
    const moved = modelCopy(() => {})
    const memory = await openAt(path, { model: moved })
    rmSync(moved, { recursive: true })
    expect((await memory.search('drums')).length).toBe(1)
  })
})
