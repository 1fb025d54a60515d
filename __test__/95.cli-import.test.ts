import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { run } from './support/cli'
import { cleanUp, temporaryFolder } from './support/studio'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(cleanUp)

const write = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content)
const latin = (text: string) => Buffer.from(text, 'latin1')
const STATE = '{"name":"Night","tracks":[],"clips":[],"bpm":120}'

test('what is no UTF-8, empty, or no whole JSON is refused by file and line, with a code and what to do', async () => {
  write('a.jsonl', latin('"one"\r\n"caf\xe9"\r\n\r\n{ no\r\n"four"'))
  write('b.txt', latin('caf\xe9'))
  write('c.json', '')
  write('d.json', '{"kind":"note",')
  write('e.json', latin('{"kind":"note","text":"caf\xe9"}'))
  const { code, out, err } = await run(['import', 'studio.db', '.', '--json'], folder)
  const { memories, problems } = JSON.parse(out)
  expect([code, memories]).toEqual([1, 2])
  expect(problems.map(({ file, line, code }: { file: string; line?: number; code: string }) => [file, line, code])).toEqual([
    ['a.jsonl', 2, 'PM_BAD_TEXT'], ['a.jsonl', 4, 'PM_BAD_OPTION'], ['b.txt', undefined, 'PM_BAD_TEXT'],
    ['c.json', undefined, 'PM_BAD_OPTION'], ['d.json', undefined, 'PM_BAD_OPTION'], ['e.json', undefined, 'PM_BAD_TEXT'],
  ])
  expect(err).toContain('a.jsonl:2: PM_BAD_TEXT: it holds bytes that are no UTF-8; save it as UTF-8\n')
  expect(err).toContain('c.json: PM_BAD_OPTION: it is empty; give a memory')
  expect(err).toMatch(/d\.json: PM_BAD_OPTION: it is no whole JSON \(.*\); export it again\n/)
})

test('the mark that editors on Windows put before a text is no part of it', async () => {
  write('a.jsonl', '\ufeff{"kind":"note","text":"a warm bass"}\r\n')
  write('b.txt', '\ufeffa loud kick')
  write('c.json', '\ufeff{"kind":"note","text":"a long plate reverb"}')
  write('d.json', `\ufeff${STATE}`)
  expect(await run(['import', 'studio.db', '.'], folder)).toMatchObject({ code: 0, err: '' })
  const texts = JSON.parse((await run(['search', 'studio.db', 'kick', '--json'], folder)).out).map(({ text }: { text: string }) => text)
  expect(texts.sort()).toEqual(['a long plate reverb', 'a loud kick', 'a warm bass'])
  const [{ id }] = JSON.parse((await run(['history', 'studio.db', 'Night', '--json'], folder)).out)
  expect((await run(['restore', 'studio.db', id], folder)).out).toBe(STATE)
  expect((await run(['similar', 'studio.db', 'd.json'], folder)).code).toBe(0)
})

test('a line ends where JSON says so, however long it is and whatever is in it', async () => {
  const text = `a\u2028b\u2029c ${'word '.repeat(40_000)}é`
  write('a.jsonl', `${JSON.stringify({ kind: 'note', text, ratio: 256 })}\n"two"\n`)
  expect(await run(['import', 'studio.db', 'a.jsonl'], folder)).toMatchObject({ code: 0, err: '', out: expect.stringContaining('2 memories') })
})

test('a project state in a list is called what it is', async () => {
  write('list.json', `[${STATE},"a text"]`)
  const { code, err } = await run(['import', 'studio.db', 'list.json'], folder)
  expect([code, err]).toEqual([1, 'list.json: PM_BAD_OPTION: item 0: a project state, which is taken from a .json file of its own only\n'])
})
