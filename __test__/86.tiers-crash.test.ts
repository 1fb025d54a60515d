import { dirname, join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { cleanUp, filesHolding, openAt, start, temporaryFolder, until } from './support/studio'

afterEach(cleanUp)

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Notes whose texts nobody may drop, and ideas whose texts anybody may. */
const items = (count: number) =>
  Array.from({ length: count }, (_, i) => [
    { kind: 'note', text: `keep${i} the kick of take ${i}`, metadata: { take: i } },
    { kind: 'idea', text: `secretive${i} the bass of take ${i}`, metadata: { take: i }, disposable: true },
  ]).flat()

test('killed at random instants of a move: nothing undisposable lost, nothing half moved, no text left, and it goes on', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'studio.db')
  let memory = await openAt(path)
  const ids = await memory.rememberMany(items(400))
  await memory.close()
  const gone = new Set<number>()
  for (let round = 0; round < 8; round++) {
    const mover = start('tiers-mover.cjs', [path, '1'])
    await mover.nextLine()
    await wait(Math.random() * 120)
    mover.process.kill('SIGKILL')
    await mover.ended
    memory = await openAt(path)
    for (const [i, id] of ids.entries()) {
      const { text, tier, metadata, tokenCount } = (await memory.get(id))!
      expect(metadata).toEqual({ take: i >> 1 })
      expect(tokenCount).toBeGreaterThan(0)
      if (i % 2 === 0) expect(text).toMatch(`keep${i >> 1} `)
      else if (tier === 'cold') gone.add(i >> 1)
      expect(text === null).toBe(tier === 'cold')
    }
    expect(memory.stats().index.origin).toMatch(/^(loaded|new)$/)
    expect(await memory.verify()).toEqual({ ok: true, problems: [], mended: [] })
    await until(() => !memory.stats().store.pendingErase, 10_000)
    for (const take of [...gone].slice(-20)) expect([take, filesHolding(folder, `secretive${take} `)]).toEqual([take, []])
    await memory.close()
  }
  memory = await openAt(path)
  await memory.tiers.move({ coldAfterDays: 0 })
  expect(memory.stats().kinds).toMatchObject({ idea: { tiers: { hot: 0, cold: 400 } }, note: { tiers: { cold: 0 } } })
  expect(filesHolding(dirname(path), 'secretive')).toEqual([])
  expect((await memory.search('the bass of take 7', { kind: 'idea', limit: 1 }))[0]).toMatchObject({ tier: 'cold', text: null })
}, 120_000)

test('killed while moves, updates and searches follow each other', async () => {
  const path = join(temporaryFolder(), 'studio.db')
  let memory = await openAt(path)
  await memory.rememberMany(items(60))
  await memory.close()
  for (let round = 0; round < 4; round++) {
    const mover = start('tiers-mover.cjs', [path, '0'])
    await mover.nextLine()
    await wait(200 + Math.random() * 800)
    mover.process.kill('SIGKILL')
    const { stderr } = await mover.ended
    expect(stderr).toBe('')
    memory = await openAt(path)
    expect(await memory.verify()).toEqual({ ok: true, problems: [], mended: [] })
    expect(memory.stats().memories).toBe(120)
    const hits = await memory.search('take', { limit: 200, mode: 'semantic' })
    expect(hits.length).toBe(120)
    await memory.close()
  }
}, 120_000)
