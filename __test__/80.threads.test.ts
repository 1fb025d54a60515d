import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { cleanUp, openAt, run, temporaryFolder } from './support/studio'

afterEach(cleanUp)

const newPath = () => join(temporaryFolder(), 'studio.db')

/** The store as the next process finds it: sound, and with these memories. */
async function expectSound(path: string, memories: number, ids: string[] = []): Promise<void> {
  const memory = await openAt(path)
  expect(await memory.verify()).toEqual({ ok: true, problems: [], mended: [] })
  expect(memory.stats()).toMatchObject({ memories, index: { rows: memories } })
  for (const id of ids) expect(await memory.get(id)).not.toBeNull()
}

describe('worker threads', () => {
  const workers = async (mode: string, path: string) => {
    const { code, signal, lines, stderr } = await run('workers.cjs', [mode, path])
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
    return lines
  }

  test('several, and the main thread, on one file at once', async () => {
    const path = newPath()
    expect(await workers('together', path)).toEqual(['codes 0,0,0,0', 'stored 108 of 108', 'found 108', 'verify []'])
    await expectSound(path, 108)
  })

  test('in a process that loads the addon only there', async () => {
    const path = newPath()
    expect(await workers('onlyWorkers', path)).toEqual(['codes 0,0', 'codes 0,0', 'codes 0,0'])
    await expectSound(path, 3 * 2 * 22)
  })

  test('terminated in the middle of a call: soon, and the others go on', async () => {
    const path = newPath()
    const lines = await workers('terminate', path)
    expect(lines.slice(4)).toEqual(['later 22 code 0', 'main true'])
    for (const line of lines.slice(0, 4)) expect(Number(line.split(' ')[1])).toBeLessThan(2000)
    await expectSound(path, 22)
  })

  test('terminated in the middle of a call, in a process without the addon in its main thread', async () => {
    const path = newPath()
    expect(await workers('terminateOnly', path)).toEqual(['done'])
    await expectSound(path, 0)
  })
})

describe('a process that never closes its memory', () => {
  test.each<[string, number, number]>([['end', 0, 1], ['unawaited', 0, 2]])('(%s) exits with code %d and loses nothing', async (mode, code, memories) => {
    const path = newPath()
    const ended = await run('exits.cjs', [mode, path])
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code, stderr: '' })
    await expectSound(path, memories, [ended.lines[0]!.slice(3)])
  })

  test.each<[string, number, RegExp]>([
    ['exit', 7, /^$/], ['throw', 1, /uncaught, as it happens/], ['reject', 1, /unhandled, as it happens/], ['queued', 3, /^$/], ['progress', 4, /^$/], ['opening', 5, /^$/],
  ])('(%s) ends at once with code %d in mid call', async (mode, code, says) => {
    const path = newPath()
    const ended = await run('exits.cjs', [mode, path])
    const at = Date.now()
    expect({ code: ended.code, signal: ended.signal, stderr: ended.stderr }).toEqual({ code, signal: null, stderr: expect.stringMatching(says) })
    expect(at - Number(ended.lines[1]!.slice(4))).toBeLessThan(1500)
    await expectSound(path, 1, [ended.lines[0]!.slice(3)])
  })

  test.each(['.end.db', '.closed.db', '.process.exit.db', '.throw.db'])('in an exit handler of the host, blocking calls work and nothing crashes (%s)', async (how) => {
    const path = newPath() + how
    const { code, signal, lines } = await run('exits.cjs', ['saveAtExit', path])
    expect({ code, signal, lines: lines.slice(1) }).toEqual({ code: how === '.throw.db' ? 1 : 0, signal: null, lines: ['2 2'] })
    await expectSound(path, 2)
  })

  test('may leave open memories to the garbage collector', async () => {
    const path = newPath()
    const { code, lines, stderr } = await run('exits.cjs', ['collected', path], { NODE_OPTIONS: '--expose-gc' })
    expect({ code, lines: lines.slice(1), stderr }).toEqual({ code: 0, lines: ['6'], stderr: '' })
    await expectSound(path, 6)
  })
})

describe('processes', () => {
  test('on one file at once see each other’s memories', async () => {
    const path = newPath()
    const names = ['bass', 'drums', 'choir']
    const ended = await Promise.all(names.map((name) => run('neighbour.cjs', [path, name, ...names.filter((other) => other !== name)])))
    for (const [i, { code, lines, stderr }] of ended.entries()) {
      const others = names.filter((_, j) => j !== i)
      expect({ code, lines, stderr }).toEqual({ code: 0, lines: others.map((other) => `saw ${other} 40`), stderr: '' })
    }
    await expectSound(path, 120)
  })

  test('see what another one forgot', async () => {
    const path = newPath()
    const [one, other] = [await openAt(path), await openAt(path)]
    const ids = await one.rememberMany(['bass', 'drums', 'choir'].map((text) => ({ kind: 'note', text })))
    expect((await other.search('bass')).length).toBe(3)
    await one.forget(ids[0]!)
    await one.update(ids[1]!, { text: 'violins' })
    expect((await other.search('bass')).map((hit) => hit.text).sort()).toEqual(['choir', 'violins'])
    expect((await other.search({ id: ids[1]! })).map((hit) => hit.text)).toEqual(['choir'])
    expect((await other.verify()).problems).toEqual([])
  })
})
