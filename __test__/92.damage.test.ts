import { copyFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { cleanUp, halves, openAt, run, seeded, temporaryFolder } from './support/studio'

afterEach(cleanUp)

/** A closed store of `count` memories at `path`; their ids. */
async function filled(path: string, word = 'take', count = 60): Promise<string[]> {
  const memory = await openAt(path)
  const ids = await memory.rememberMany(Array.from({ length: count }, (_, i) => ({ kind: 'note', text: `${word} ${i} of the drums` })))
  await memory.close()
  return ids
}

describe('a damaged index', () => {
  const flip = (bytes: Buffer, at: number, bit: number) => void (bytes[at]! ^= 1 << bit)
  const random = seeded(5)
  const flips = Array.from({ length: 12 }, () => [random(), Math.floor(random() * 8)] as const)
  const DAMAGES: [name: string, damage: (bytes: Buffer) => Buffer][] = [
    ['cut in half', (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['without its last byte', (bytes) => bytes.subarray(0, -1)],
    ['with a byte more', (bytes) => Buffer.concat([bytes, Buffer.from([0])])],
    ['empty', () => Buffer.alloc(0)],
    ['full of zeros', (bytes) => Buffer.alloc(bytes.length)],
    ...flips.map(([share, bit]) => [
      `with bit ${bit} flipped at ${(share * 100).toFixed(1)} %`,
      (bytes: Buffer) => (flip(bytes, Math.floor(share * bytes.length), bit), bytes),
    ] as [string, (bytes: Buffer) => Buffer]),
  ]

  test('is built again, whatever the damage, and answers as before', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    const ids = await filled(path)
    const file = `${path}.index`
    const whole = readFileSync(file)
    for (const [name, damage] of DAMAGES) {
      writeFileSync(file, damage(Buffer.from(whole)))
      const memory = await openAt(path)
      expect([name, memory.stats().index.origin]).toEqual([name, expect.stringMatching(/^rebuilt: ./)])
      expect([name, (await memory.search('take 7 of the drums'))[0]!.id]).toEqual([name, ids[7]])
      expect([name, (await memory.verify()).problems]).toEqual([name, []])
      await memory.close()
      expect([name, readFileSync(file).length]).toEqual([name, whole.length])
    }
  })

  test('of another store, or of a later state of this one, is built again', async () => {
    const folder = temporaryFolder()
    const [path, other] = [join(folder, 'studio.db'), join(folder, 'other.db')]
    const [ids] = [await filled(path), await filled(other, 'violin')]
    const backup = readFileSync(path)
    copyFileSync(`${other}.index`, `${path}.index`)
    let memory = await openAt(path)
    expect(memory.stats().index).toMatchObject({ rows: 60, origin: expect.stringMatching(/^rebuilt: .*another store/) })
    expect(await memory.search('violin', { mode: 'keyword' })).toEqual([])
    await memory.remember({ kind: 'note', text: 'later than the backup' })
    await memory.close()

    writeFileSync(path, backup)
    memory = await openAt(path)
    expect(memory.stats().index).toMatchObject({ rows: 60, origin: expect.stringMatching(/^rebuilt: .*generation/) })
    expect((await memory.search('take 7 of the drums'))[0]!.id).toBe(ids[7])
    expect((await memory.verify()).problems).toEqual([])
  })

  test('that is older than the store catches up', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    const ids = await filled(path)
    const old = readFileSync(`${path}.index`)
    const memory = await openAt(path)
    const id = await memory.remember({ kind: 'note', text: 'a golden violin' })
    await memory.update(ids[3]!, { text: 'a silver flute' })
    await memory.forget(ids[4]!)
    await memory.close()
    writeFileSync(`${path}.index`, old)
    const again = await openAt(path)
    expect(again.stats().index.rows).toBe(60)
    expect((await again.search('golden violin'))[0]!.id).toBe(id)
    expect((await again.search('flute'))[0]!.id).toBe(ids[3])
    expect((await again.search('take', { limit: 100 })).some((hit) => hit.id === ids[4])).toBe(false)
    expect((await again.verify()).problems).toEqual([])
  })

  test('that is gone is made anew', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    const ids = await filled(path)
    rmSync(`${path}.index`)
    const memory = await openAt(path)
    expect((await memory.search('take 7 of the drums'))[0]!.id).toBe(ids[7])
    await memory.close()
    expect(existsSync(`${path}.index`)).toBe(true)
  })
})

describe('a damaged store', () => {
  test('gets a clear code for what cannot be read, and never ends the process', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'studio.db')
    const ids = await filled(path, 'take', 300)
    const size = statSync(path).size
    const random = seeded(9)
    const paths: string[] = []
    const damaged = (name: string, damage: (copy: string) => void) => {
      const copy = join(folder, `${name}.db`)
      copyFileSync(path, copy)
      damage(copy)
      paths.push(copy)
    }
    const scribble = (copy: string, from: number, length: number) => {
      const bytes = readFileSync(copy)
      for (let i = from; i < Math.min(from + length, bytes.length); i++) bytes[i] = Math.floor(random() * 256)
      writeFileSync(copy, bytes)
    }
    damaged('half', (copy) => truncateSync(copy, Math.floor(size / 2 / 4096) * 4096))
    damaged('odd', (copy) => truncateSync(copy, Math.floor(size / 3) + 77))
    damaged('one-page', (copy) => truncateSync(copy, 4096))
    damaged('schema', (copy) => scribble(copy, 100, 3000))
    damaged('header', (copy) => scribble(copy, 16, 40))
    damaged('log', (copy) => writeFileSync(`${copy}-wal`, Buffer.from(Array.from({ length: 9000 }, () => Math.floor(random() * 256)))))
    for (let i = 0; i < 10; i++) damaged(`spot-${i}`, (copy) => scribble(copy, 4096 + Math.floor(random() * (size - 8192)), 2000))

    const { code, signal, lines, stderr } = await run('damaged.cjs', paths, { IDS: ids.join() })
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
    expect(lines.length).toBe(paths.length)
    for (const [i, line] of lines.entries()) {
      const { codes, ok, intact } = JSON.parse(line)
      for (const [call, found] of Object.entries(codes)) {
        // verify() tells what is wrong, it does not stumble over it.
        const fine = call === 'verify' ? /^never$/ : /^PM_(STORE_CORRUPT|NOT_A_STORE|NOT_FOUND)$/
        expect([paths[i], call, found]).toEqual([paths[i], call, expect.stringMatching(fine)])
      }
      // A log that fits no database, or a spot that nothing uses, is no damage.
      if (ok) expect([paths[i], intact]).toEqual([paths[i], 300])
      if (/half|odd|page|schema|header/.test(paths[i]!)) expect([paths[i], ok]).not.toEqual([paths[i], true])
    }
  })

  test('in a single vector can still be opened, looked through and repaired', async () => {
    const path = join(temporaryFolder(), 'studio.db')
    const ids = await filled(path)
    const bytes = readFileSync(path)
    const memory = await openAt(path)
    const vector = (await memory.tokens(ids[7]!))!.whole
    await memory.close()
    // The last number of it becomes one that is none: 0xffff.
    const at = bytes.indexOf(halves(vector))
    expect(at).toBeGreaterThan(4096)
    bytes.writeUInt16LE(0xffff, at + 383 * 2)
    writeFileSync(path, bytes)
    rmSync(`${path}.index`)

    const damaged = await openAt(path)
    expect(await damaged.verify()).toMatchObject({ ok: false, problems: expect.arrayContaining([expect.stringContaining(ids[7]!)]) })
    expect((await damaged.search('take 8 of the drums'))[0]!.id).toBe(ids[8])
    expect((await damaged.get(ids[7]!))?.text).toBe('take 7 of the drums')
    await damaged.repair()
    await damaged.reindex()
    expect((await damaged.search('take 7 of the drums'))[0]!.id).toBe(ids[7])
    expect(await damaged.verify()).toEqual({ ok: true, problems: [], mended: [] })
  })
})
