import fs, { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { PrimeMemory } from '@mixxclub/prime-memory'
import { close, Migration } from '@mixxclub/prime-memory/studio'
import { freshStudio } from './support/drop-ins'
import { BEGIN, record, state } from './support/installation'
import { cleanUp, failure, temporaryFolder } from './support/studio'

let folder: string
let path: string

beforeEach(() => {
  folder = temporaryFolder()
  path = freshStudio({ localStorage: null })
  writeFileSync(join(folder, 'autosave.jsonl'), Array.from({ length: 8 }, (_, i) => JSON.stringify(record(BEGIN + i, { ...state('a', i), projectName: 'Night' }))).join('\n'))
})
afterEach(async () => {
  jest.restoreAllMocks()
  close()
  await cleanUp()
})

const run = () => new Migration({ files: [folder] }).run('shadow')
const noRoom = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })

async function versions(): Promise<number> {
  close()
  const memory = await PrimeMemory.open({ path })
  try {
    return memory.snapshots.projects({}).reduce((sum, { snapshots }) => sum + snapshots, 0)
  } finally {
    await memory.close()
  }
}

/** The disk is full in the middle of a write to such a file: half of it is there. */
function fillAt(isFull: (path: string) => boolean): void {
  const { writeFileSync: writeFile, writeSync: write } = fs
  jest.spyOn(fs, 'writeFileSync').mockImplementation((file, text, options) => {
    if (!isFull(String(file))) return writeFile(file, text, options)
    writeFile(file, String(text).slice(0, String(text).length / 2), options)
    throw noRoom()
  })
  // What the system does with a write for which there is room in part. `writeFileSync` comes here too, with bytes.
  const part = (text: unknown) => (typeof text === 'string' && isFull('.migration') ? text.slice(0, text.length / 2) : text)
  jest.spyOn(fs, 'writeSync').mockImplementation(((file: number, text: unknown, ...place: never[]) => write(file, part(text) as never, ...place)) as never)
}

test.each([3, 4, 5, 6])('a disk that is full at line %d of the journal ends the run, and undo knows every version', async (lines) => {
  let written = 0
  fillAt((file) => file.endsWith('.migration') && ++written >= lines)
  expect(await failure(run)).toMatchObject({ code: 'PM_DISK_FULL', message: expect.stringContaining('free some room') })
  jest.restoreAllMocks()
  expect(readFileSync(`${path}.migration`, 'utf8')).toMatch(/^(?:\{.*\}\n)+$/)
  expect((await run()).families.autosaves).toMatchObject({ found: 8, refused: 0, skipped: 0 })
  expect(await versions()).toBe(8)
  expect(new Migration().status()).toMatchObject({ state: 'open', added: { snapshots: 8 } })
  expect(await new Migration().undo()).toMatchObject({ snapshots: 8, gone: 0 })
  expect(await versions()).toBe(0)
})

test.each(['.migration.lock', '.migration.new'])('a full disk leaves no half %s behind', async (ending) => {
  fillAt((file) => file.endsWith(ending))
  expect(await failure(run)).toMatchObject({ code: 'PM_DISK_FULL' })
  jest.restoreAllMocks()
  for (const left of ['.migration', '.migration.lock', '.migration.new']) expect([left, existsSync(path + left)]).toEqual([left, false])
  expect((await run()).families.autosaves).toMatchObject({ imported: 8 })
})

test('a journal whose last line was cut off goes on without it', async () => {
  await run()
  const journal = readFileSync(`${path}.migration`, 'utf8')
  writeFileSync(`${path}.migration`, `${journal}{"will":99,"wh`)
  expect(new Migration().status()).toMatchObject({ state: 'open', added: { snapshots: 8 } })
  await run()
  expect(readFileSync(`${path}.migration`, 'utf8').startsWith(`${journal}{"run"`)).toBe(true)
})

test('one at a time, also when the clock is set meanwhile', async () => {
  const now = Date.now
  const first = run()
  jest.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000)
  expect(await failure(run)).toMatchObject({ code: 'PM_MIGRATION', message: expect.stringContaining('under way') })
  jest.restoreAllMocks()
  expect((await first).families.autosaves.imported).toBe(8)
})

const onLinux = process.platform === 'linux' ? test : test.skip
onLinux('the lock of a process that ended is taken over, though another has its number now; that of a living one is not', async () => {
  writeFileSync(`${path}.migration.lock`, JSON.stringify({ pid: process.ppid, since: 'another boot 5' }))
  expect((await run()).families.autosaves.imported).toBe(8)
  const ticks = readFileSync(`/proc/${process.ppid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')[19]
  const since = `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`
  writeFileSync(`${path}.migration.lock`, JSON.stringify({ pid: process.ppid, since }))
  expect(await failure(run)).toMatchObject({ code: 'PM_MIGRATION' })
})
