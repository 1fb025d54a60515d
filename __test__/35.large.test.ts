import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import type { Hit, PrimeMemory } from '@mixxclub/prime-memory'
import { cleanUp, openAt, seeded, temporaryFolder, until } from './support/studio'

afterEach(cleanUp)

const SOUNDS = ['kick', 'snare', 'violin', 'cello', 'flute', 'organ', 'choir', 'guitar', 'harp', 'synth', 'clap', 'tuba']
const WAYS = ['warm', 'dark', 'bright', 'broken', 'soft', 'huge', 'thin', 'dusty', 'golden', 'angry', 'sleepy', 'cold']
const PLACES = ['berlin', 'garage', 'church', 'basement', 'forest', 'harbour', 'station', 'kitchen', 'desert', 'moon', 'tunnel', 'stadium']

/** Distinct texts of six words; at ratio 1 each gives seven vectors. */
function texts(count: number): string[] {
  const random = seeded(3)
  const pick = (list: string[]) => list[Math.floor(random() * list.length)]
  const all = new Set<string>()
  while (all.size < count) all.add(`${pick(WAYS)} ${pick(SOUNDS)} ${pick(PLACES)} ${pick(WAYS)} ${pick(SOUNDS)} ${pick(PLACES)}`)
  return [...all]
}

const found = (hits: Hit[]) => hits.map((hit) => hit.id)

test('a store of many vectors is searched by their signs, and what a scan finds is found', async () => {
  const path = join(temporaryFolder(), 'studio.db')
  const memory = await openAt(path)
  const all = texts(2_700)
  await memory.rememberMany(all.map((text, i) => ({ kind: 'note', text, ratio: 1, metadata: { i } })))
  // Right away, before the probe.
  expect((await memory.search(all[1234]!, { mode: 'semantic' }))[0]!.text).toBe(all[1234])

  const index = () => memory.stats().index
  await until(() => index().mode === 'binary' && index().recall !== null, 45_000)
  expect(index()).toMatchObject({ rows: 2_700, vectors: expect.any(Number), dead: 0 })
  expect(index().vectors).toBeGreaterThan(16_000)
  expect(index().recall).toBeGreaterThanOrEqual(0.99)

  // With a condition four times as many candidates are looked at.
  const questions = ['a warm violin in the church', 'drums from the harbour', 'sad strings', ...all.slice(0, 37)]
  const ask = (store: PrimeMemory, where?: object) => questions.map((text) => found(store.searchSync(text, { mode: 'semantic', where } as never)))
  const [listed, wide] = [ask(memory), ask(memory, { i: { gte: 0 } })]
  const shared = listed.flatMap((ids, q) => ids.filter((id) => wide[q]!.includes(id))).length
  expect(shared / wide.flat().length).toBeGreaterThanOrEqual(0.99)

  const before = index()
  await memory.close()
  const again = await openAt(path)
  expect(again.stats().index).toMatchObject({ origin: 'loaded', rows: 2_700 })
  // What the probe found is in the file.
  expect(again.stats().index).toMatchObject({ mode: 'binary', recall: before.recall, expansion: before.expansion })
  expect(ask(again)).toEqual(listed)

  const gone = again.searchSync('a warm violin in the church', { limit: 500 }).map((hit) => hit.id)
  expect(await again.forget(gone)).toBe(500)
  const left = new Set(found(again.searchSync('a warm violin in the church', { limit: 500 })))
  expect(left.size).toBe(500)
  for (const id of gone) expect(left.has(id)).toBe(false)
  expect(await again.verify()).toEqual({ ok: true, problems: [], mended: [] })
}, 120_000)
