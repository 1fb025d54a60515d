import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { PROGRAM, run, start } from './support/cli'
import { cleanUp, temporaryFolder } from './support/studio'

const COMMANDS = ['import', 'search', 'similar', 'history', 'restore', 'report', 'verify', 'repair', 'migrate']
const STATE = `{ "name": "Night",  "tracks": [{"id":"t1","trackName":"Lead","group":"Vocals"}], "mixerSettings": {"t1":{"volume":0.80}}, "bpm": 120.0 }`

let folder: string
let store: string

beforeAll(async () => {
  folder = temporaryFolder()
  store = join(folder, 'studio.db')
  mkdirSync(join(folder, 'songs/.hidden'), { recursive: true })
  writeFileSync(join(folder, 'songs/notes.jsonl'), '{"kind":"note","text":"The kick masks the bass. We lower it by two dB.","metadata":{"bpm":124}}\n\n"just a line of text about a warm pad"\n')
  writeFileSync(join(folder, 'songs/list.json'), '[{"kind":"mixx_recall","data":{"category":"bass","bpm":140,"plugins":["mixx-eq8"]}},"a second text"]')
  writeFileSync(join(folder, 'songs/plan.md'), '# Plan\nRecord the choir on Monday.\n')
  writeFileSync(join(folder, 'songs/.hidden/secret.txt'), 'not for import')
  writeFileSync(join(folder, 'songs/cover.png'), 'no text')
  const { code, out, err } = await run(['import', store, 'songs', '--json'], folder)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(JSON.parse(out)).toEqual({ files: 3, memories: 5, snapshots: 0, problems: [] })
}, 60_000)
afterAll(cleanUp)

describe('how it is called', () => {
  test('help for everything, on stdout', async () => {
    const general = await run(['--help'])
    expect([general.code, general.err]).toEqual([0, ''])
    for (const command of COMMANDS) {
      expect(general.out).toContain(`\n  ${command} `)
      const { code, out, err } = await run([command, '--help'])
      expect([code, err]).toEqual([0, ''])
      for (const said of [`prime-memory ${command} STORE`, '--json', '--help']) expect(out).toContain(said)
    }
    expect((await run(['--version'])).out.trim()).toBe(JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8')).version)
  }, 120_000)

  test.each([
    [[], 'prime-memory COMMAND STORE'],
    [['serach'], 'did you mean search?'],
    [['search', 'a.db', 'x', '--limt', '3'], 'there is no --limt; did you mean --limit?'],
    [['search', 'a.db', 'x', '--limit', 'three'], '--limit wants a whole number from 1 to 1000, found "three"'],
    [['search', 'a.db', 'x', '--limit'], '--limit wants a value'],
    [['search', 'a.db', 'x', '--mode', 'hybird'], 'did you mean hybrid?'],
    [['search', 'a.db', 'x', '--where', '{'], '--where is no JSON'],
    [['search', 'a.db'], 'something is missing: STORE QUESTION'],
    [['verify', 'a.db', 'b.db'], '1 argument too many'],
    [['verify', '--json=no', 'a.db'], '--json takes no value'],
    [['report', 'a.db', '--ratios', '1,300'], 'whole numbers from 1 to 256'],
    [['history', 'a.db', 'x', '--since', 'lately'], 'a date such as 2025-03-31'],
  ])('%j is wrong usage', async (args, says) => {
    const { code, out, err } = await run(args, temporaryFolder())
    expect(code).toBe(2)
    expect(out + err).toContain(says)
    if (args.length > 0) expect(out).toBe('')
    expect(err).not.toMatch(/^\s+at /m)
  })

  test('a store that is not there is not made', async () => {
    const missing = join(folder, 'studoi.db')
    for (const args of [['search', missing, 'x'], ['report', missing], ['verify', missing], ['history', missing]]) {
      const { code, out, err } = await run(args)
      expect([code, out]).toEqual([1, ''])
      expect(err).toBe(`prime-memory: ENOENT: there is no store at ${missing}\n`)
    }
    expect(existsSync(missing)).toBe(false)
  })

  test("the library's errors come with their code and without a stack", async () => {
    const { code, out, err } = await run(['search', join(folder, 'songs/plan.md'), 'x'])
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^prime-memory: PM_NOT_A_STORE: .+\n$/)
  })
})

describe('import', () => {
  test('what cannot be imported is named by file and line, the rest is kept', async () => {
    const other = join(folder, 'partly.db')
    writeFileSync(join(folder, 'partly.jsonl'), '{"kind":"note","text":"good one"}\n{ no json\n{"kind":"note"}\n{"kind":"note","text":" "}\n{"kind":"note","text":"good two","raito":4}\n"good three"\n')
    const { code, out, err } = await run(['import', other, 'partly.jsonl', 'songs/cover.png', '--json'], folder)
    expect(code).toBe(1)
    const { memories, problems } = JSON.parse(out)
    expect(memories).toBe(2)
    expect(problems.map(({ file, line, code }: { file: string; line?: number; code: string }) => [file, line, code])).toEqual([
      ['partly.jsonl', 2, 'PM_BAD_OPTION'],
      ['partly.jsonl', 3, 'PM_BAD_OPTION'],
      ['partly.jsonl', 4, 'PM_EMPTY_TEXT'],
      ['partly.jsonl', 5, 'PM_UNKNOWN_OPTION'],
      ['songs/cover.png', undefined, 'PM_BAD_OPTION'],
    ])
    expect(err).toContain('partly.jsonl:5: PM_UNKNOWN_OPTION')
    expect(err).toContain('did you mean "ratio"')
  })

  test('a kind, a ratio and a scope of ones choice', async () => {
    const other = join(folder, 'scoped.db')
    await run(['import', other, 'songs/plan.md', '--kind', 'plan', '--ratio', '2', '--user', 'ana'], folder)
    const nobody = await run(['search', other, 'choir', '--json'])
    expect(JSON.parse(nobody.out)).toEqual([])
    const [hit] = JSON.parse((await run(['search', other, 'choir', '--user', 'ana', '--json'])).out)
    expect(hit).toMatchObject({ kind: 'plan', scope: { user: 'ana' }, metadata: { file: 'plan.md' } })
  })

  test('Ctrl-C keeps what was acknowledged, closes, and says so', async () => {
    const other = join(folder, 'stopped.db')
    writeFileSync(join(folder, 'many.jsonl'), Array.from({ length: 20_000 }, (_, i) => `"take ${i} of a long night with a warm bass and a loud kick"\n`).join(''))
    const { child, ended } = start(['import', other, join(folder, 'many.jsonl')])
    while (!existsSync(`${other}-wal`) || statSync(`${other}-wal`).size < 100_000) await new Promise((resolve) => setTimeout(resolve, 20))
    child.kill('SIGINT')
    const { code, out, err } = await ended
    expect([code, out]).toEqual([130, ''])
    expect(err).toBe('prime-memory: cancelled; what was acknowledged is kept\n')
    expect((await run(['verify', other])).code).toBe(0)
    const { out: json } = await run(['report', other, '--sample', '0', '--json'])
    expect(JSON.parse(json).all.memories).toBeGreaterThan(0)
  }, 120_000)
})

describe('search, report, verify, repair', () => {
  test('a table without colours or bars in a pipe', async () => {
    const { code, out, err } = await run(['search', store, 'low end is masked', '--limit', '2'])
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('The kick masks the bass.')
    expect(out).not.toContain('\x1b')
  })

  test('JSON is what the library gives', async () => {
    const hits = JSON.parse((await run(['search', store, 'kick', '--where', '{"bpm":{"gte":124}}', '--kind', 'note', '--mode', 'keyword', '--json'])).out)
    expect(hits).toMatchObject([{ kind: 'note', metadata: { bpm: 124 } }])
    expect((await run(['search', store, 'nothing like it', '--where', '{"bpm":1}'])).out).toBe('Nothing found.\n')
  })

  test('a report as a table, as JSON and as a page, without bars in a pipe', async () => {
    const page = join(folder, 'out.html')
    const { code, out, err } = await run(['report', store, '--ratios', '1,16', '--html', page])
    expect([code, err]).toEqual([0, ''])
    for (const said of ['mixx_recall', 'byte ratio', 'at ratio', 'keywords', page]) expect(out).toContain(said)
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/)
    const report = JSON.parse((await run(['report', store, '--sample', '0', '--kind', 'note', '--json'])).out)
    expect(report.kinds.map(({ kind }: { kind: string }) => kind)).toEqual(['note'])
  })

  test('a sound store is sound; a damaged one is told by the exit code', async () => {
    expect(await run(['verify', store])).toMatchObject({ code: 0, out: `✓ ${store} is sound\n`, err: '' })
    expect(JSON.parse((await run(['repair', store, '--json'])).out)).toMatchObject({ ok: true, problems: [] })
    const damaged = join(folder, 'damaged.db')
    const bytes = readFileSync(store)
    for (let at = 4096 * 8; at < bytes.length; at += 97) bytes[at] ^= 0x55
    writeFileSync(damaged, bytes)
    const { code, out, err } = await run(['verify', damaged])
    expect(code).toBe(1)
    expect(out + err).toMatch(/problem|PM_STORE_CORRUPT/)
  })

  test('a reader that goes away ends it quietly', async () => {
    const shell = spawn('sh', ['-c', `"$1" "$2" report "$3" --json --ratios 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20 | head -c 1`, 'sh', process.execPath, PROGRAM, store], { env: { ...process.env, NODE_OPTIONS: '' } })
    let [out, err] = ['', '']
    shell.stdout.on('data', (text) => (out += text))
    shell.stderr.on('data', (text) => (err += text))
    await new Promise((resolve) => shell.on('close', resolve))
    expect([out, err]).toEqual(['{', ''])
  })
})

describe('projects', () => {
  const projects = () => join(folder, 'projects.db')
  const imported = async () => {
    writeFileSync(join(folder, 'night.json'), STATE)
    return run(['import', projects(), 'night.json', '--json'], folder)
  }

  test('a state is kept, listed, and restored byte for byte', async () => {
    expect(JSON.parse((await imported()).out)).toMatchObject({ memories: 0, snapshots: 1, problems: [] })
    expect(JSON.parse((await run(['history', projects(), '--json'])).out)).toMatchObject([{ project: 'Night', snapshots: 1 }])
    expect((await run(['history', projects()])).out).toContain('Night')
    const [snapshot] = JSON.parse((await run(['history', projects(), 'Night', '--type', 'manual', '--json'])).out)
    expect((await run(['history', projects(), 'Night'])).out).toContain(snapshot.id)
    expect((await run(['restore', projects(), snapshot.id])).out).toBe(STATE)
    const file = join(folder, 'again.json')
    expect((await run(['restore', projects(), snapshot.id, '--out', file])).code).toBe(0)
    expect(readFileSync(file, 'utf8')).toBe(STATE)
    const again = await run(['restore', projects(), snapshot.id, '--out', file])
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('EEXIST')])
    expect(await run(['restore', projects(), 'none'])).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^prime-memory: PM_[A-Z_]+: /) })
  })

  test('the most like a state comes first', async () => {
    await imported()
    const found = JSON.parse((await run(['similar', projects(), join(folder, 'night.json'), '--json'])).out)
    expect(found[0]).toMatchObject({ project: 'Night' })
    expect((await run(['similar', projects(), found[0].id])).code).toBe(0)
  })
})
