import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { cleanUp, openAt, run, secondModel, start, temporaryFolder } from './support/studio'

afterEach(cleanUp)

test('an answer that was acknowledged is there after SIGKILL, whole, and under its own request', async () => {
  const path = join(temporaryFolder(), 'studio.db')
  const acknowledged = new Map<string, { id: string; content: string }>()
  for (let round = 0; round < 4; round++) {
    const child = start('cache.cjs', ['endless', path])
    await child.nextLine()
    await new Promise((resolve) => setTimeout(resolve, 40 + 150 * round))
    child.process.kill('SIGKILL')
    const { lines, signal } = await child.ended
    expect(signal).toBe('SIGKILL')
    for (const line of lines) {
      const { id, prompt, content } = JSON.parse(line)
      acknowledged.set(prompt, { id, content })
    }
    const memory = await openAt(path)
    for (const [prompt, { id, content }] of acknowledged) {
      const hit = await memory.cache.get({ prompt }, { mode: 'exact' })
      // The write that was under way may be there as well, unacknowledged.
      if (hit?.id !== id) expect(hit?.content).toMatch(/^answer \d+ \d+$/)
      else expect(hit).toMatchObject({ match: 'exact', content })
    }
    expect((await memory.verify()).problems).toEqual([])
    await memory.close()
  }
  expect(acknowledged.size).toBeGreaterThan(4)
})

test('worker threads share one cache, and count together', async () => {
  const path = join(temporaryFolder(), 'studio.db')
  const { code, lines, stderr } = await run('cache.cjs', ['workers', path])
  expect([code, stderr]).toEqual([0, ''])
  // 20 misses a worker, and one look-up for the fifty that ask the same at once.
  expect(lines.map((line) => JSON.parse(line))).toEqual([{ calls: 4, entries: 84, exactHits: 80, misses: 84, problems: [] }])
})

test('entries of another model are found by an equal request only, until reindex', async () => {
  const path = join(temporaryFolder(), 'studio.db')
  const long = { prompt: `Mix notes: ${'kick and bass share the low end, '.repeat(40)} what now?` }
  const again = { prompt: long.prompt.toUpperCase() }
  const first = await openAt(path)
  const id = await first.cache.set(long, 'Cut one of them.')
  expect(await first.cache.get(again)).toMatchObject({ id, match: 'meaning' })
  await first.close()
  const second = await openAt(path, { model: secondModel(), modelMismatch: 'open' })
  expect(await second.cache.get(long)).toMatchObject({ id, match: 'exact' })
  expect(await second.cache.get(again)).toBeNull()
  expect((await second.cache.explain(again)).candidates).toEqual([])
  await second.reindex()
  expect(await second.cache.get(again)).toMatchObject({ id, match: 'meaning' })
  expect((await second.verify()).problems).toEqual([])
})
