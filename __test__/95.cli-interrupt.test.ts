import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { run, start } from './support/cli'
import { cleanUp, temporaryFolder, until } from './support/studio'

let folder: string
let store: string

/** Enough that looking through it takes far longer than opening it. */
beforeAll(async () => {
  folder = temporaryFolder()
  store = join(folder, 'studio.db')
  mkdirSync(join(folder, 'versions'))
  const notes = Array.from({ length: 20_000 }, (_, i) => ({ pitch: 40 + (i % 50), start: i / 4, duration: 0.25, velocity: ((i * 7919) % 1000) / 1000 }))
  for (let i = 0; i < 30; i++) writeFileSync(join(folder, `versions/${i}.json`), JSON.stringify({ name: 'Night', tracks: [], clips: [], pianoRollSketches: { a: notes.slice(i) } }))
  expect(await run(['import', store, 'versions'], folder)).toMatchObject({ code: 0, err: '' })
}, 120_000)
afterAll(cleanUp)

test.each([
  ['verify', 'SIGINT', 130],
  ['verify', 'SIGTERM', 143],
  ['repair', 'SIGINT', 130],
] as const)('%s ends at once on %s and leaves a sound store', async (command, signal, expected) => {
  const { child, ended } = start([command, store])
  await until(() => existsSync(`${store}-shm`)) // it is open
  child.kill(signal)
  expect(await ended).toEqual({ code: expected, signal: null, out: '', err: 'prime-memory: cancelled; what was acknowledged is kept\n' })
  expect((await run(['verify', store])).code).toBe(0)
}, 60_000)
