import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { cleanUp, openAt, seeded, temporaryFolder } from './support/studio'

afterEach(cleanUp)

/** A state with thirty takes. */
const state = () => {
  const random = seeded(5)
  const take = () => Buffer.from(Array.from({ length: 1_500 }, () => Math.floor(random() * 256))).toString('base64')
  return { bpm: 120, audioBuffers: { b1: { channelData: Array.from({ length: 30 }, take) } } }
}

/** Writes `now` over the one place of the file that holds `was`. */
function overwrite(path: string, was: number[], now: number[]): void {
  const bytes = readFileSync(path)
  const at = bytes.indexOf(Buffer.from(was))
  expect(at).toBeGreaterThan(0)
  expect(bytes.indexOf(Buffer.from(was), at + 1)).toBe(-1)
  Buffer.from(now).copy(bytes, at)
  writeFileSync(path, bytes)
}

/** A row of two small numbers as SQLite writes it into a tree without row ids; a 1 takes no byte. */
const row = (...numbers: number[]) => {
  const body = numbers.filter((number) => number !== 1)
  return [3 + body.length, 3, ...numbers.map((number) => (number === 1 ? 9 : 1)), ...body]
}

test('repair() takes no audio from a version that is whole', async () => {
  const path = join(temporaryFolder(), 'studio.db')
  let memory = await openAt(path)
  const { id } = await memory.snapshots.save('song', state())
  await memory.close()
  // Which audio the project holds: of the thirtieth take the row names another one.
  overwrite(path, [...row(1, 30), ...row(1, 29)], [...row(1, 99), ...row(1, 29)])
  memory = await openAt(path)
  expect(await memory.snapshots.restore(id)).toEqual(state())
  expect((await memory.verify()).problems).toEqual(expect.arrayContaining([expect.stringContaining('its audio is not held for its project')]))
  expect(await memory.repair()).toMatchObject({ ok: true, problems: [], mended: expect.arrayContaining(['1 audio buffers are held for their project again']) })
  expect(await memory.snapshots.restore(id)).toEqual(state())
})

test('verify() tells of audio that the next forget would take from another project, and repair() holds it', async () => {
  const path = join(temporaryFolder(), 'studio.db')
  let memory = await openAt(path)
  await memory.snapshots.save('a', state())
  const { id } = await memory.snapshots.save('b', state())
  await memory.close()
  // The row of the second project and its entry by buffer name a project that is none.
  overwrite(path, row(2, 30), row(99, 30))
  overwrite(path, row(30, 2), row(30, 99))
  memory = await openAt(path)
  expect((await memory.verify()).problems).toEqual([
    '1 uses of audio are of no project or of no buffer',
    expect.stringMatching(/^the snapshot \S+ of "b": its audio is not held for its project; repair\(\) mends it$/),
  ])
  expect(await memory.repair()).toMatchObject({ ok: true, problems: [], mended: expect.arrayContaining(['1 audio buffers are held for their project again']) })
  expect(await memory.snapshots.forget('a')).toBe(1)
  expect(await memory.snapshots.restore(id)).toEqual(state())
})
