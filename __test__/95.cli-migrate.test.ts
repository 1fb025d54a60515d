import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { run, start } from './support/cli'
import { hashes, installation } from './support/installation'
import { cleanUp, temporaryFolder, until } from './support/studio'

let folder: string
let home: string
const migrate = (...args: string[]) => run(['migrate', ...args], folder)

beforeEach(() => {
  folder = temporaryFolder()
  home = join(folder, 'home')
  installation(home)
})
afterEach(cleanUp)

test('told first, then moved, undone, moved again and confirmed', async () => {
  const before = hashes(home)
  const plan = await migrate('studio.db', 'home')
  // Some keys of the installation hold nothing to import.
  expect([plan.code, plan.err]).toEqual([1, ''])
  expect(plan.out).toMatch(/│ autosaves +│ +10 │ +10 │[^]*│ Night +│ tracks, key │[^]*states say no project; name it by the option project\n[^]*Nothing was written; --phase shadow imports\.\n$/)
  expect(existsSync(join(folder, 'studio.db'))).toBe(false)
  const moved = await migrate('studio.db', 'home', '--phase', 'shadow', '--json', '--user', 'ana')
  expect(JSON.parse(moved.out)).toMatchObject({ dryRun: false, phase: 'shadow', held: null, compared: { equal: 13, different: [] } })
  expect((await migrate('studio.db', '--status')).out).toBe('Nothing was migrated for this user.\nSomething was migrated for others: --user ana.\n')
  expect((await migrate('studio.db', '--status', '--user', 'ana')).out).toMatch(/^open, phase shadow, begun .* UTC\nadded: 13 versions, 1 memory, 5 observations\n.*  shadow  21 imported, 3 skipped, 0 refused\n$/)
  expect(await migrate('studio.db', '--confirm', '--user', 'ana')).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^prime-memory: PM_MIGRATION: .*phase shadow\n$/) })
  expect(await migrate('studio.db', '--undo', '--user', 'ana')).toMatchObject({ code: 0, out: 'Taken back: 13 versions, 1 memory, 5 observations, 2 answers.\n', err: '' })
  await migrate('studio.db', join('home', 'autosave.jsonl'), '--phase', 'full', '--project', 'Other', '--user', 'ana')
  expect(await migrate('studio.db', '--confirm', '--user', 'ana')).toMatchObject({ code: 0, out: 'Confirmed.\n' })
  const projects = JSON.parse((await run(['history', 'studio.db', '--user', 'ana', '--json'], folder)).out)
  expect(projects.map(({ project, snapshots }: { project: string; snapshots: number }) => [project, snapshots])).toEqual([['Other', 10]])
  expect(hashes(home)).toEqual(before)
}, 120_000)

test.each([
  [['studio.db'], 'something is missing'],
  [['studio.db', 'home', '--phase', 'shadwo'], 'did you mean shadow?'],
  [['studio.db', '--undo', '--confirm'], 'give one of them'],
  [['studio.db', 'home', '--undo'], '--undo takes no PATH'],
  [['studio.db', '--status', '--project', 'Night'], '--status takes no --project'],
  [['studio.db', '--confirm', '--project', 'Night'], '--confirm takes no --project'],
])('%j is wrong usage', async (args, says) => {
  const { code, out, err } = await migrate(...args)
  expect([code, out]).toEqual([2, ''])
  expect(err).toContain(says)
})

test('what is not there is named, and nothing is made', async () => {
  expect(await migrate('studio.db', 'hom', '--phase', 'full')).toMatchObject({ code: 1, err: 'prime-memory: ENOENT: there is nothing at hom\n' })
  expect(await migrate('studoi.db', '--undo')).toMatchObject({ code: 1, err: 'prime-memory: ENOENT: there is nothing at studoi.db\n' })
  expect(existsSync(join(folder, 'studio.db'))).toBe(false)
})

test('interrupted, it says so and goes on', async () => {
  const { child, ended } = start(['migrate', 'studio.db', 'home', '--phase', 'shadow'], folder)
  const journal = join(folder, 'studio.db.migration')
  await until(() => existsSync(journal) && readFileSync(journal, 'utf8').includes('"did":2'))
  child.kill('SIGINT')
  const { code, err } = await ended
  // It may have come to its end all the same.
  if (code === 130) expect(err).toContain('cancelled')
  const { out } = await migrate('studio.db', 'home', '--phase', 'shadow', '--json')
  expect(JSON.parse(out).compared).toEqual({ equal: 13, different: [] })
})
