import { chmodSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { PrimeMemory } from '@mixxclub/prime-memory'
import { cleanUp, failAlike, failure, openAt, openNew, run, temporaryFolder } from './support/studio'

afterEach(async () => {
  await cleanUp()
  for (const suffix of ['', '.index', '-wal', '-shm']) rmSync(A + suffix, { force: true })
})

const refuses = (options: unknown, code: string, says: string | RegExp = '') =>
  failAlike([() => PrimeMemory.open(options as never), () => PrimeMemory.openSync(options as never)], code, says)

/** An empty SQLite database, as `sqlite3 theirs.db vacuum` writes it. */
function sqliteFile(applicationId = 0): Buffer {
  const bytes = Buffer.alloc(512)
  bytes.write('SQLite format 3\0', 0, 'latin1')
  bytes.writeUInt16BE(512, 16)
  Buffer.from([1, 1, 0, 64, 32, 32]).copy(bytes, 18)
  for (const [offset, value] of [[24, 1], [28, 1], [44, 4], [56, 1], [68, applicationId], [92, 1]]) bytes.writeUInt32BE(value, offset)
  bytes.writeUInt8(13, 100)
  bytes.writeUInt16BE(512, 105)
  return bytes
}

describe('paths that cannot be a store', () => {
  test('a folder', async () => {
    await refuses({ path: temporaryFolder() }, 'PM_BAD_PATH', 'it is a folder')
  })

  test('a file in a folder that is not there', async () => {
    const path = join(temporaryFolder(), 'missing', 'studio.db')
    await refuses({ path }, 'PM_BAD_PATH', 'there is no folder')
    expect(existsSync(join(path, '..'))).toBe(false)
  })

  test('a file below a file', async () => {
    const file = join(temporaryFolder(), 'song.txt')
    writeFileSync(file, 'la la la')
    await refuses({ path: join(file, 'studio.db') }, 'PM_BAD_PATH', 'is no folder')
  })

  test('a name with a NUL in it', async () => {
    await refuses({ path: join(temporaryFolder(), 'a\0b.db') }, 'PM_BAD_PATH')
  })

  test.each<[string, Buffer, string]>([
    ['a text file', Buffer.from('verse, chorus, verse'), 'it is no SQLite database'],
    ['an audio file', Buffer.concat([Buffer.from('RIFF'), Buffer.alloc(5000, 0x7f)]), 'it is no SQLite database'],
    ['somebody else’s SQLite file', sqliteFile(), 'a SQLite database of another program'],
    ['a file that names another program', sqliteFile(0x0f055112), 'a SQLite database of another program'],
    ['the first bytes of a SQLite file', sqliteFile().subarray(0, 30), 'ends within SQLite'],
  ])('%s, which is left untouched', async (_, bytes, says) => {
    const folder = temporaryFolder()
    const path = join(folder, 'theirs.db')
    writeFileSync(path, bytes)
    await refuses({ path }, 'PM_NOT_A_STORE', says)
    expect(readFileSync(path)).toEqual(bytes)
    expect(readdirSync(folder)).toEqual(['theirs.db'])
  })

  test('a store written by a newer version, which is left untouched', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    await (await openAt(path)).close()
    const bytes = readFileSync(path)
    bytes.writeUInt32BE(99, 60)
    writeFileSync(path, bytes)
    await refuses({ path }, 'PM_STORE_TOO_NEW', /format 99.*update @mixxclub\/prime-memory/)
    expect(readFileSync(path)).toEqual(bytes)
  })

  test('a read-only file, and a file in a read-only folder', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'studio.db')
    await (await openAt(path)).close()
    chmodSync(path, 0o444)
    await refuses({ path }, 'PM_READ_ONLY', path)
    chmodSync(path, 0o644)
    chmodSync(folder, 0o555)
    await refuses({ path }, 'PM_READ_ONLY', path)
    await refuses({ path: join(folder, 'new.db') }, 'PM_READ_ONLY', 'new.db')
    chmodSync(folder, 0o755)
    await openAt(path)
  })
})

describe('paths that can', () => {
  test.each(['ordinary.db', 'with space & (odd) #1?.db', 'mémoire ♫.db', '100%.db', ':memory:', 'file:studio.db?mode=ro', 'no-extension'])('%s', async (name) => {
    const folder = temporaryFolder()
    const memory = await openAt(join(folder, name))
    const id = await memory.remember({ kind: 'note', text: 'the bass is too loud' })
    await memory.close()
    expect(readdirSync(folder).sort()).toEqual([name, `${name}.index`].sort())
    expect((await (await openAt(join(folder, name))).get(id))?.text).toBe('the bass is too loud')
  })

  test('an empty file becomes a store', async () => {
    const path = join(temporaryFolder(), 'empty.db')
    writeFileSync(path, '')
    expect((await openAt(path)).stats().memories).toBe(0)
  })

  test('openSync gives the same as open', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    const memory = PrimeMemory.openSync({ path, scope: { user: 'ana' }, durability: 'full', threads: 1 })
    const id = memory.rememberSync({ kind: 'note', text: 'a bright pad' })
    expect(memory.stats()).toMatchObject({ memories: 1, store: { durability: 'full', journalMode: 'wal' }, model: { threads: 1, matchesStore: true } })
    memory.closeSync()
    expect(await (await openAt(path, { scope: { user: 'ana' } })).get(id)).toMatchObject({ text: 'a bright pad' })
  })
})

/** Refused before anything is made there. */
const A = join(tmpdir(), 'prime-memory-never-made.db')

describe('options', () => {
  test.each<[unknown, string]>([
    [{ pth: 'a.db' }, 'did you mean "path"?'],
    [{ path: A, thread: 2 }, 'did you mean "threads"?'],
    [{ path: A, modelmismatch: 'open' }, 'did you mean "modelMismatch"?'],
    [{ path: A, scope: { usr: 'ana' } }, 'did you mean "user"?'],
    [{ path: A, zzz: 1 }, 'unknown option "zzz"; known here: path, model, scope'],
  ])('%j is told the right name', async (options, says) => {
    await refuses(options, 'PM_UNKNOWN_OPTION', says)
  })

  test.each<[unknown, string]>([
    [undefined, 'options.path'],
    [{}, 'options.path'],
    [{ path: '' }, 'options.path'],
    [{ path: 5 }, 'options.path'],
    [null, 'options'],
    ['studio.db', 'options'],
    [7, 'options'],
    [[], 'options'],
    [{ path: A, threads: 0 }, 'options.threads'],
    [{ path: A, threads: 65 }, 'options.threads'],
    [{ path: A, threads: '4' }, 'options.threads'],
    [{ path: A, threads: 1.5 }, 'options.threads'],
    [{ path: A, threads: NaN }, 'options.threads'],
    [{ path: A, durability: 'fast' }, 'options.durability'],
    [{ path: A, modelMismatch: 'ignore' }, 'options.modelMismatch'],
    [{ path: A, scope: 'ana' }, 'options.scope'],
    [{ path: A, scope: { user: 5 } }, 'options.scope.user'],
    [{ path: A, model: 5 }, 'options.model'],
    [{ path: A, runtime: true }, 'options.runtime'],
  ])('%p is of the wrong type', async (options, says) => {
    await refuses(options, 'PM_BAD_OPTION', says)
    expect(existsSync(A)).toBe(false)
  })

  test('of a call that is asynchronous are refused by a rejection, not by a throw', async () => {
    const memory = await openNew()
    for (const call of [
      () => PrimeMemory.open({} as never),
      () => memory.compress(5 as never),
      () => memory.search('bass', { limt: 3 } as never),
      () => memory.remember({ kind: 'note', text: 'x', data: 10n }),
    ]) {
      let promise: Promise<unknown> | undefined
      expect(() => (promise = call())).not.toThrow()
      await expect(promise).rejects.toBeInstanceOf(Error)
    }
  })
})

describe('closing', () => {
  const calls: { [method: string]: unknown[] } = {
    compress: ['a bass'], compressMany: [['a bass']], remember: [{ kind: 'note', text: 'a bass' }],
    rememberMany: [[{ kind: 'note', text: 'a bass' }]], search: ['a bass'], get: ['x'], tokens: ['x'],
    update: ['x', { text: 'y' }], forget: ['x'], stats: [], verify: [], repair: [], reindex: [], report: [],
  }

  test('every method after it says PM_CLOSED', async () => {
    const memory = await openNew()
    await memory.close()
    const methods = memory as unknown as { [name: string]: (...args: unknown[]) => unknown }
    // What hangs on a memory as a getter is an object of its own, tested where it belongs.
    const isMethod = (name: string) => Object.getOwnPropertyDescriptor(PrimeMemory.prototype, name)!.get === undefined
    const own = Object.getOwnPropertyNames(PrimeMemory.prototype).filter((name) => isMethod(name) && !/^(constructor|close|closeSync|describe|describeSync)$/.test(name))
    for (const name of own) {
      const args = calls[name.replace(/Sync$/, '')]
      expect([name, args]).toEqual([name, expect.any(Array)])
      expect([name, (await failure(() => methods[name]!(...args!))).code]).toEqual([name, 'PM_CLOSED'])
    }
    expect(own.filter((name) => name.endsWith('Sync')).length).toBeGreaterThanOrEqual(11)
    // Describing needs no store.
    expect(memory.describeSync({ kind: 'musical_context', data: { key: 'Am' } }).text).toContain('A minor')
  })

  test('twice is fine, in every order', async () => {
    const memory = await openNew()
    await Promise.all([memory.close(), memory.close()])
    memory.closeSync()
    await memory.close()
  })

  test('waits for calls under way', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    const memory = await openAt(path)
    const remembered = memory.rememberMany(Array.from({ length: 40 }, (_, i) => ({ kind: 'note', text: `take ${i}` })))
    const ids = await Promise.all([remembered, memory.close()]).then(([ids]) => ids, (error) => error.code)
    const stored = (await openAt(path)).stats().memories
    expect(ids === 'PM_CLOSED' ? 0 : ids.length).toBe(stored)
  })

  test('by Symbol.dispose and Symbol.asyncDispose', async () => {
    // Node's own symbols: Jest's realm has none on Node 20.
    const [dispose, asyncDispose] = ['dispose', 'asyncDispose'].map((name) =>
      [...Object.getOwnPropertySymbols(PrimeMemory.prototype)].find((symbol) => symbol.description?.endsWith(name)))
    for (const symbol of [dispose, asyncDispose]) {
      const memory = await openNew()
      await (memory as never as { [symbol: symbol]: () => unknown })[symbol!]!()
      expect(() => memory.stats()).toThrow(expect.objectContaining({ code: 'PM_CLOSED' }))
    }
  })
})

test('import and require give the same class', async () => {
  const { code, lines, stderr } = await run('both-worlds.mjs')
  expect({ code, lines, stderr }).toEqual({ code: 0, lines: ['same'], stderr: '' })
})
