import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { PROGRAM, run } from './support/cli'
import { cleanUp, temporaryFolder } from './support/studio'

const NOTE = 'The kick masks the bass, lower it by two dB. The vocal sits well with a long plate reverb, try the other one before the chorus comes.'
const state = (name: string) => JSON.stringify({ name, tracks: [{ id: 't', trackName: 'Lead', group: 'Vocals' }], clips: [], mixerSettings: {}, pianoRollSketches: { t: Array.from({ length: 64 }, (_, i) => ({ pitch: 60 + ((i * i) % 13), start: i, duration: 1, velocity: 0.8 })) }, bpm: 120 })

let folder: string
beforeAll(async () => {
  folder = temporaryFolder()
  for (const name of ['Night', 'A song whose name is as long as names get']) writeFileSync(join(folder, `${name}.json`), state(name))
  const notes = [...Array(12).keys()].map((i) => ({ kind: 'advice of the mixer', text: `Take ${i} is ${i * 3} seconds late. The choir of ${i + 20} voices sings. We cut it at bar ${i * 8}.`, ratio: 1 }))
  writeFileSync(join(folder, 'notes.jsonl'), [{ kind: 'note', text: NOTE }, ...notes].map((note) => JSON.stringify(note)).join('\n'))
  expect(await run(['import', 'studio.db', '.'], folder)).toMatchObject({ code: 0, err: '' })
}, 60_000)
afterAll(cleanUp)

/** As on a terminal of so many columns. */
function lines(columns: number, ...args: string[]): string[] {
  const wide = `data:text/javascript,Object.defineProperty(process.stdout,"columns",{value:${columns}})`
  const { stdout } = spawnSync(process.execPath, ['--import', wide, PROGRAM, ...args], { cwd: folder, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } })
  return stdout.trimEnd().split('\n')
}

describe('tables', () => {
  test.each([80, 120, 200])('at %d columns every hit has its id and its text, every like project its reason', (columns) => {
    const [{ id }] = JSON.parse(lines(columns, 'search', 'studio.db', 'kick', '--kind', 'note', '--json').join('\n'))
    const hits = lines(columns, 'search', 'studio.db', 'kick', '--kind', 'note')
    expect(hits.join('\n')).toContain(id)
    expect(hits[3]).toContain(columns === 200 ? NOTE.slice(0, 100) : 'The kick masks')
    const similar = lines(columns, 'similar', 'studio.db', 'Night.json')
    expect(similar[1]).toMatch(/│ why +│ id +│$/)
    expect(similar[3]).toMatch(/│ The same notes.*│ \d+-[0-9a-f]+ │$/)
    for (const line of [...hits, ...similar]) expect(line.length).toBeLessThanOrEqual(columns)
  })

  test('a report shortens its titles first and keeps index bytes and CPU time; what is left out it names', () => {
    const wide = lines(120, 'report', 'studio.db', '--ratios', '16', '--kind', 'advice of the mixer')
    for (const title of ['index', 'words', 'encode', 'scan']) expect(wide.join('\n')).toMatch(new RegExp(` ${title} +│`))
    expect(wide.join('\n')).toMatch(/│ +text │ memory │[^]*\n│ +│ +│ +│ tokens │ tokens │/)
    expect(wide.join('\n')).not.toContain('not shown')
    const narrow = lines(80, 'report', 'studio.db', '--ratios', '16', '--kind', 'advice of the mixer')
    for (const title of ['index', 'encode']) expect(narrow.join('\n')).toMatch(new RegExp(` ${title} +│`))
    expect(narrow).toContain('not shown, for want of room: text tokens, memory tokens, zstd, words')
    for (const line of narrow.filter((line) => /^[╭│├╰]/.test(line))) expect(line.length).toBeLessThanOrEqual(80)
  })
})

describe('history', () => {
  test('without a project, a limit is obeyed and what chooses among versions is wrong usage', async () => {
    expect(JSON.parse((await run(['history', 'studio.db', '--limit', '1', '--json'], folder)).out)).toHaveLength(1)
    for (const [option, value] of [['branch', 'main'], ['type', 'auto'], ['tag', 'x'], ['since', '2025-01-01'], ['before', '2025-01-01']]) {
      expect(await run(['history', 'studio.db', `--${option}`, value], folder)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(`--${option} chooses among the versions of a project`) })
    }
  })

  test.each([
    [['Nihgt'], 'there is no project "Nihgt"; did you mean "Night"?'],
    [['Quite another'], 'there is no project "Quite another"; there are "'],
    [['Night', '--user', 'ana'], 'there is no project "Night"; none is kept here; --user gives those of a user'],
    [['Night', '--branch', 'mian'], 'there is no branch "mian"; did you mean "main"?'],
  ])('%j is not found, and the nearest is named', async (args, says) => {
    const { code, out, err } = await run(['history', 'studio.db', ...args], folder)
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain(`prime-memory: PM_NOT_FOUND: ${says}`)
  })

  test('a table of many versions says how many it leaves out, JSON has all', async () => {
    const names = [...Array(53).keys()].map((i) => `many-${i}.json`)
    names.forEach((name, i) => writeFileSync(join(folder, name), JSON.stringify({ name: 'Many', tracks: [], clips: [], bpm: 60 + i })))
    await run(['import', 'many.db', ...names], folder)
    const table = lines(120, 'history', 'many.db', 'Many')
    expect(table.filter((line) => line.includes('│ manual'))).toHaveLength(50)
    expect(table.at(-1)).toBe('3 older versions not shown; --limit 53 or --json shows all')
    expect(JSON.parse((await run(['history', 'many.db', 'Many', '--json'], folder)).out)).toHaveLength(53)
    expect(lines(120, 'history', 'many.db', 'Many', '--limit', '53').filter((line) => line.includes('│ manual'))).toHaveLength(53)
  })

  test.each(['2026-02-30', '2026-13-01', '2025-02-29', '2026-3-1', '20260301', 'March 1', 'yesterday', '1', '12', '2026-03-01T24:01', '2026-03-01T10', '1969-12-31', '999999999999999'])('%s is no date', async (date) => {
    for (const option of ['--since', '--before']) {
      expect(await run(['history', 'studio.db', 'Night', option, date], folder)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(`${option} wants a date such as 2025-03-31`) })
    }
  })

  test('a date is in UTC, as the table shows it, unless it says its zone', async () => {
    const [{ createdAt }] = JSON.parse((await run(['history', 'studio.db', 'Night', '--json'], folder)).out)
    const [next, here] = [60_000, 0].map((later) => new Date(createdAt + later).toISOString())
    const east = `${new Date(createdAt + 60_000 + 7_200_000).toISOString().slice(0, 16)}+02:00`
    for (const [date, found] of [[next!.slice(0, 16), 0], [next!.slice(0, 19).replace('T', ' '), 0], [next!, 0], [east, 0], [here!, 1], [here!.slice(0, 10), 1], ['2024-02-29', 1], [String(createdAt), 1], [String(createdAt + 1), 0]] as const) {
      const { out } = await run(['history', 'studio.db', 'Night', '--since', date, '--json'], folder)
      expect([date, JSON.parse(out).length]).toEqual([date, found])
    }
  })

  test('of a project and a branch that are there, nothing found is an answer', async () => {
    expect(await run(['history', 'studio.db', 'Night', '--branch', 'main', '--type', 'milestone'], folder)).toMatchObject({ code: 0, out: 'Nothing found.\n' })
  })

  test('a name is shown whole where the sizes leave no room for it', () => {
    const table = lines(80, 'history', 'studio.db')
    expect(table.join('\n')).toContain('A song whose name is as long as names')
    expect(table.at(-1)).toMatch(/^not shown, for want of room: .*byte ratio$/)
  })
})
