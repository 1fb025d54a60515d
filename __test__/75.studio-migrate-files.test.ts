import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { PrimeMemory } from '@mixxclub/prime-memory'
import { close, importLocalStorage, migrateInstallation } from '@mixxclub/prime-memory/studio'
import { freshStudio } from './support/drop-ins'
import { BEGIN, DAY, downloadName, record, state } from './support/installation'
import { cleanUp, temporaryFolder } from './support/studio'

let folder: string
let path: string

beforeEach(() => {
  folder = temporaryFolder()
  path = freshStudio({ localStorage: null })
})
afterEach(async () => {
  close()
  await cleanUp()
})

const write = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content)

test('the mark that editors on Windows put before a text is no part of it', async () => {
  const lines = [0, 1].map((i) => JSON.stringify(record(BEGIN + i, state('a', i))))
  write('autosave.jsonl', `\ufeff${lines.join('\r\n')}\r\n`)
  write('list.json', `\ufeff[${JSON.stringify(record(BEGIN + 2, state('a', 2)))}]`)
  write('export.json', `\ufeff${JSON.stringify({ 'project-states': [record(BEGIN + 3, state('a', 3)), record(BEGIN + 4, state('a', 4))] })}`)
  write('one.json', `\ufeff${JSON.stringify(record(BEGIN + 5, state('a', 5)))}`)
  write(downloadName(BEGIN + DAY), `\ufeff${JSON.stringify(state('a', 6), null, 2)}`)
  write('dump.json', `\ufeff${JSON.stringify({ 'mixxclub:plugin-favorites': '{"serum":true}' })}`)
  const { families, compared } = await migrateInstallation({ files: [folder], project: 'A' })
  for (const { skipped, refused, problems } of Object.values(families)) expect({ skipped, refused, problems }).toEqual({ skipped: 0, refused: 0, problems: [] })
  expect([families.autosaves.imported, families.downloads.imported, families.pluginFavorites.imported]).toEqual([6, 1, 1])
  expect(compared).toEqual({ equal: 7, different: [] })
  close()
  const memory = await PrimeMemory.open({ path })
  const [newest, ...older] = memory.snapshots.history('A')
  expect(await memory.snapshots.restore(newest!.id, { as: 'text' })).toBe(JSON.stringify(state('a', 6), null, 2))
  expect(await Promise.all(older.reverse().map(({ id }) => memory.snapshots.restore(id)))).toEqual([0, 1, 2, 3, 4, 5].map((i) => state('a', i)))
  await memory.close()
  expect((await importLocalStorage(`\ufeff${JSON.stringify({ 'mixxclub:plugin-favorites': '{"vital":true}' })}`)).families.pluginFavorites.imported).toBe(1)
})

test.each([
  ['empty.json', '', /^empty\.json: PM_BAD_OPTION: it is empty; export or download it again$/],
  ['half.json', '{"tracks":[', /^half\.json: PM_BAD_OPTION: it is no whole JSON \(.*\); export or download it again$/],
  ['latin.json', Buffer.from('{"name":"Caf\xe9","tracks":[],"clips":[]}', 'latin1'), /^latin\.json: PM_BAD_TEXT: it holds bytes that are no UTF-8; save it as UTF-8$/],
])('%s is skipped with a code and what to do', async (name, content, says) => {
  write(name, content)
  const { files } = (await migrateInstallation({ files: [folder] })).families
  expect(files).toMatchObject({ found: 1, skipped: 1, problems: [expect.stringMatching(says)] })
})
