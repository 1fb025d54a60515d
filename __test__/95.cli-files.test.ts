import { existsSync, linkSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { run } from './support/cli'
import { installation } from './support/installation'
import { cleanUp, temporaryFolder } from './support/studio'

const STATE = '{"name":"Night","tracks":[{"id":"t1","trackName":"Lead","group":"Vocals"}],"mixerSettings":{},"bpm":120}'

let folder: string
let version: string

beforeAll(async () => {
  folder = temporaryFolder()
  writeFileSync(join(folder, 'night.json'), STATE)
  await run(['import', 'studio.db', 'night.json'], folder)
  version = JSON.parse((await run(['history', 'studio.db', 'Night', '--json'], folder)).out)[0].id
}, 60_000)
afterAll(cleanUp)

describe('files that a command writes', () => {
  const commands = (file: string): string[][] => [
    ['report', 'studio.db', '--sample', '0', '--html', file],
    ['restore', 'studio.db', version, '--out', file],
  ]

  test('the store and what belongs to it are never overwritten, by whatever name', async () => {
    writeFileSync(join(folder, 'studio.db.migration'), 'a journal')
    // On Windows only an administrator may make one.
    if (process.platform !== 'win32') symlinkSync('studio.db', join(folder, 'link.html'))
    linkSync(join(folder, 'studio.db'), join(folder, 'same.html'))
    const kept = ['studio.db', 'studio.db.index', 'studio.db.migration']
    const before = kept.map((name) => readFileSync(join(folder, name)))
    for (const file of [...kept, './studio.db', join(folder, 'studio.db'), 'studio.db-wal', 'studio.db.migration-0123456789ab', 'studio.db.migration.lock', 'studio.db.migration-0123456789ab.lock', 'studio.db.migration.new', ...(process.platform === 'win32' ? [] : ['link.html']), 'same.html']) {
      for (const args of commands(file)) {
        const { code, out, err } = await run([...args, '--force'], folder)
        expect({ file, code, out }).toEqual({ file, code: 2, out: '' })
        expect(err).toContain(`${file} is the store or belongs to it`)
      }
    }
    expect(kept.map((name) => readFileSync(join(folder, name)))).toEqual(before)
  }, 120_000)

  test('any other file is overwritten with --force only, and nothing is left beside it', async () => {
    writeFileSync(join(folder, 'mine.html'), 'my own page')
    for (const args of commands('mine.html')) {
      const refused = await run(args, folder)
      expect({ code: refused.code, out: refused.out, err: refused.err }).toEqual({ code: 1, out: '', err: expect.stringMatching(/^prime-memory: EEXIST: mine\.html is there already; .*--force\n$/) })
      expect(readFileSync(join(folder, 'mine.html'), 'utf8')).toBe('my own page')
    }
    const [report, restore] = commands('mine.html')
    expect((await run([...report, '--force'], folder)).code).toBe(0)
    expect(readFileSync(join(folder, 'mine.html'), 'utf8')).toMatch(/^<!doctype html>/)
    expect((await run([...restore, '--force'], folder)).code).toBe(0)
    expect(readFileSync(join(folder, 'mine.html'), 'utf8')).toBe(STATE)
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })
})

describe('an empty file', () => {
  test.each([['search', 'x'], ['similar', 'night.json'], ['history'], ['restore', 'x'], ['report'], ['verify'], ['repair'], ['migrate', '--status'], ['migrate', '--undo'], ['migrate', '--confirm']])('is no store for %s %s, and stays empty', async (command, ...args) => {
    writeFileSync(join(folder, 'empty.db'), '')
    const { code, out, err } = await run([command, 'empty.db', ...args], folder)
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(/^prime-memory: PM_NOT_A_STORE: empty\.db is not a prime-memory store: it is empty; /)
    expect(readFileSync(join(folder, 'empty.db'), 'utf8')).toBe('')
    expect(existsSync(join(folder, 'empty.db.index'))).toBe(false)
  })

  test('becomes a store by import and by a phase of migrate, not by being told what migrate would do', async () => {
    mkdirSync(join(folder, 'home'))
    installation(join(folder, 'home'))
    for (const name of ['imported.db', 'migrated.db']) writeFileSync(join(folder, name), '')
    expect((await run(['migrate', 'migrated.db', 'home'], folder)).out).toContain('Nothing was written')
    expect(readFileSync(join(folder, 'migrated.db'), 'utf8')).toBe('')
    await run(['migrate', 'migrated.db', 'home', '--phase', 'shadow'], folder)
    expect((await run(['import', 'imported.db', 'night.json'], folder)).code).toBe(0)
    for (const name of ['imported.db', 'migrated.db']) expect((await run(['history', name], folder)).out).toContain('Night')
  }, 120_000)
})
