import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { cleanUp, failAlike, halves, openAt, temporaryFolder } from './support/studio'

afterEach(cleanUp)

test('a memory whose damaged vectors were dropped is told as such until reindex() makes them again', async () => {
  const path = join(temporaryFolder(), 'studio.db')
  let memory = await openAt(path)
  const ids = await memory.rememberMany(Array.from({ length: 12 }, (_, i) => ({ kind: 'note', text: `take ${i} of the drums` })))
  const { whole } = (await memory.tokens(ids[7]!))!
  await memory.close()
  const bytes = readFileSync(path)
  const at = bytes.indexOf(halves(whole))
  expect(at).toBeGreaterThan(4096)
  // Its last number becomes one that is none.
  bytes.writeUInt16LE(0xffff, at + 383 * 2)
  writeFileSync(path, bytes)

  memory = await openAt(path)
  const missing = [`memory ${ids[7]}: it has a text and no vectors, so nothing finds it by meaning; reindex() makes them again`]
  expect(await memory.repair()).toMatchObject({ ok: false, problems: missing })
  expect(await memory.verify()).toMatchObject({ ok: false, problems: missing })
  expect(await memory.get(ids[7]!)).toMatchObject({ tier: 'hot', text: 'take 7 of the drums', tokenCount: 0 })
  const query = { id: ids[7]! }
  await failAlike([() => memory.search(query), () => memory.searchSync(query)], 'PM_TEXT_GONE', /memory tokens.*reindex\(\)/)
  expect(await memory.reindex()).toBe(1)
  expect(await memory.verify()).toEqual({ ok: true, problems: [], mended: [] })
  expect((await memory.search(query))[0]).toMatchObject({ kind: 'note' })
})
