import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import type { MemoryTokens, PrimeMemory } from '@mixxclub/prime-memory'
import { cleanUp, filesHolding, halves, openAt, temporaryFolder, until } from './support/studio'

afterEach(cleanUp)

/** What must not be left of a memory: as bytes, with a name. */
const traces = (id: string, tokens: MemoryTokens): [name: string, bytes: string | Buffer][] => [
  ['id', id],
  ['word', 'zanzibarish'],
  ['word in capitals, as it is looked up', 'quixotica'],
  ['metadata', 'hidden-plugin-77'],
  ['name of a metadata field', 'secretField'],
  ['data', 'Xylograph-9931'],
  ['user', 'user-of-the-forgotten'],
  ['memory tokens', halves(tokens.data).subarray(0, 64)],
  ['the end of its memory tokens', halves(tokens.data).subarray(-64)],
  ['whole-text vector', halves(tokens.whole).subarray(100, 164)],
]

const SECRET = {
  kind: 'note',
  text: 'zanzibarish drums by Quixotica, far too loud in the second verse and out of time',
  data: 'Xylograph-9931',
  metadata: { secretField: 'hidden-plugin-77' },
  scope: { user: 'user-of-the-forgotten' },
  ratio: 4,
}
const MINE = { scope: SECRET.scope }

/** A store with others around the secret, and an index on disk. */
async function filled(): Promise<{ path: string; folder: string; memory: PrimeMemory; id: string; tokens: MemoryTokens }> {
  const path = join(temporaryFolder(), 'studio.db')
  const memory = await openAt(path)
  const others = (from: number) => Array.from({ length: 30 }, (_, i) => ({ kind: 'note', text: `take ${from + i} of the zither`, metadata: { plugin: 'Serum' } }))
  await memory.rememberMany(others(0))
  const id = await memory.remember(SECRET)
  await memory.rememberMany(others(30))
  const tokens = (await memory.tokens(id, MINE))!
  await memory.close()
  return { path, folder: dirname(path), memory: await openAt(path), id, tokens }
}

function left(folder: string, id: string, tokens: MemoryTokens): { [name: string]: string[] } {
  const found = traces(id, tokens).map(([name, bytes]) => [name, filesHolding(folder, bytes)] as const)
  return Object.fromEntries(found.filter(([, files]) => files.length > 0))
}

test('all of it stands in the file before: else nothing below would prove anything', async () => {
  const { folder, path, id, tokens } = await filled()
  expect(existsSync(`${path}.index`)).toBe(true)
  // The words of `words` are stems, the others stand as they are.
  const named = Object.keys(left(folder, id, tokens)).sort()
  expect(named).toEqual(traces(id, tokens).map(([name]) => name).sort())
})

describe('forget', () => {
  test('leaves no byte of it in any file, at once and after closing', async () => {
    const { folder, path, memory, id, tokens } = await filled()
    expect(await memory.forget(id, MINE)).toBe(1)
    expect(memory.stats().store.pendingErase).toBe(false)
    expect(left(folder, id, tokens)).toEqual({})
    await memory.close()
    expect(left(folder, id, tokens)).toEqual({})
    const again = await openAt(path)
    expect(again.stats()).toMatchObject({ memories: 60, index: { rows: 60, origin: 'loaded' } })
    expect(await again.verify()).toEqual({ ok: true, problems: [], mended: [] })
  })

  test('also of what was just written, still in the log', async () => {
    const { folder, memory, id, tokens } = await filled()
    const second = await memory.remember({ ...SECRET, text: `${SECRET.text}, Zorblax` })
    expect(memory.forgetSync([id, second], MINE)).toBe(2)
    expect(left(folder, id, tokens)).toEqual({})
    expect(filesHolding(folder, second)).toEqual([])
    expect(filesHolding(folder, 'zorblax')).toEqual([])
  })

  test('of everything leaves nothing of anybody', async () => {
    const { folder, memory, id, tokens } = await filled()
    const ids = [id, ...(await memory.search('take', { limit: 100 })).map((hit) => hit.id)]
    expect(ids.length).toBe(61)
    expect(await memory.forget(ids, { scope: [{}, SECRET.scope] })).toBe(61)
    expect(left(folder, id, tokens)).toEqual({})
    for (const word of ['zither', 'Serum', ...ids]) expect([word, filesHolding(folder, word)]).toEqual([word, []])
    expect(memory.stats()).toMatchObject({ memories: 0, kinds: {}, index: { rows: 0 } })
  })

  test('while another connection reads: as soon as it lets go', async () => {
    const { folder, path, memory, id, tokens } = await filled()
    const other = await openAt(path)
    const reading = Promise.all(Array.from({ length: 30 }, () => other.verify()))
    await memory.forget(id, MINE)
    await reading
    await until(() => !memory.stats().store.pendingErase, 10_000)
    expect(left(folder, id, tokens)).toEqual({})
    expect(await other.get(id, MINE)).toBeNull()
  })

  test('by one, while the other has the old index in memory and saves it', async () => {
    const { folder, path, memory, id, tokens } = await filled()
    const other = await openAt(path)
    await other.remember({ kind: 'note', text: 'so that it has something to save' })
    await memory.forget(id, MINE)
    await other.close()
    await memory.close()
    expect(left(folder, id, tokens)).toEqual({})
    expect((await openAt(path)).stats()).toMatchObject({ memories: 61, index: { rows: 61 } })
  })
})

describe('update', () => {
  test('leaves no byte of the text, data, metadata and vectors it replaced', async () => {
    const { folder, memory, id, tokens } = await filled()
    await memory.update(id, { text: 'violins in the chorus', data: 1, metadata: { plugin: 'Diva' } }, MINE)
    expect(Object.keys(left(folder, id, tokens)).sort()).toEqual(['id', 'user'])
    await memory.close()
    expect(Object.keys(left(folder, id, tokens)).sort()).toEqual(['id', 'user'])
  })

  test('of metadata alone leaves no byte of the old metadata', async () => {
    const { folder, memory, id } = await filled()
    memory.updateSync(id, { metadata: {} }, MINE)
    expect(filesHolding(folder, 'hidden-plugin-77')).toEqual([])
    expect(filesHolding(folder, 'secretField')).toEqual([])
  })
})
