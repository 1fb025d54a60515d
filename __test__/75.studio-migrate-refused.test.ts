import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { getMixxRecallContext } from '@mixxclub/prime-memory/mixx-recall-context'
import { close, configure, importLocalStorage, Migration, type InstallationReport } from '@mixxclub/prime-memory/studio'
import { freshStudio, WebStorage } from './support/drop-ins'
import { BEGIN, record, state } from './support/installation'
import { cleanUp, failure, temporaryFolder } from './support/studio'

beforeEach(() => void freshStudio({ localStorage: null }))
afterEach(async () => {
  close()
  await cleanUp()
})

/** In a JSON text half a character is written out. */
const HALF = '\\ud800'
const deep = `${'['.repeat(200)}${']'.repeat(200)}`
const preset = (entry: object) => ({ 'mixxclub:plugin-presets': JSON.stringify({ eq: [entry, { label: 'Good', savedAt: BEGIN }] }) })
const project = (timestamp: number) => ({ 'mixxclub:project-history': JSON.stringify([{ bpm: 100, timestamp }, { bpm: 90, timestamp: BEGIN }]) })
const vector = (metadata: string) => ({ 'clara:embeddings:1-a': `{"id":"1-a","embedding":[1],"metadata":${metadata}}` })

/** What the memory takes for wrong, and how many items beside it are right. */
const REFUSED: [string, { [key: string]: string }, number][] = [
  ['a preset with too long a name', preset({ label: 'x'.repeat(1_500), savedAt: BEGIN }), 1],
  ['a project of the future', project(Date.now() + 9e9), 1],
  ['a vector without a type', vector('{"originalText":"warm"}'), 0],
  ['a vector with half a character', vector(`{"type":"cache","originalText":"a${HALF}"}`), 0],
  ['an answer from before 1970', { 'primebrain:cache:5': JSON.stringify({ content: 'x', timestamp: -4 }) }, 0],
  ['a favourite with half a character', { 'mixxclub:plugin-favorites': `{"serum":true,"a${HALF}":true,"vital":true}` }, 2],
  ['a favourite with too long a name', { 'mixxclub:plugin-favorites': JSON.stringify({ ['p'.repeat(1_500)]: true, serum: true }) }, 1],
  ['a state too deep', { 'mixxclub:project:Deep': `{"tracks":${deep},"clips":[]}`, 'mixxclub:project:Fine': JSON.stringify(state('fine', 1)) }, 1],
  ['a project with too long a name', { [`mixxclub:project:${'x'.repeat(3_000)}`]: JSON.stringify(state('x', 1)) }, 0],
]

const sums = ({ families }: Pick<InstallationReport, 'families'>) => ({
  imported: Object.values(families).reduce((sum, { imported }) => sum + imported, 0),
  refused: Object.values(families).reduce((sum, { refused }) => sum + refused, 0),
})

test.each(REFUSED)('%s is refused by a plan as by a run, takes nothing else with it, and the migration can be confirmed', async (_, localStorage, right) => {
  const migration = new Migration({ localStorage })
  const plan = await migration.plan()
  expect(migration.status().state).toBe('none')
  const report = await migration.run('full')
  expect(sums(report)).toEqual({ imported: right, refused: 1 })
  expect(plan.families).toEqual(report.families)
  expect(migration.status().state).toBe('open')
  await migration.confirm()
  expect(migration.status().state).toBe('confirmed')
})

test('a dry run of an import refuses what the import refuses', async () => {
  const dump = Object.assign({}, ...REFUSED.slice(0, 7).map(([, keys]) => keys))
  const dry = await importLocalStorage(dump, { dryRun: true })
  const report = await importLocalStorage(dump)
  expect(dry).toEqual({ ...report, dryRun: true })
  expect(sums(dry as never).refused).toBeGreaterThan(2)
})

test('a project whose states were all refused is not listed', async () => {
  const localStorage = { 'mixxclub:project:Deep': `{"tracks":${deep},"clips":[]}`, 'mixxclub:project:Fine': JSON.stringify(state('fine', 1)) }
  const migration = new Migration({ localStorage })
  for (const { projects } of [await migration.plan(), await migration.run('shadow')]) expect(projects.map(({ project }) => project)).toEqual(['Fine'])
})

test('a favourite that is refused takes no other with it, also where recall looks by itself', () => {
  configure({ localStorage: new WebStorage({ 'mixxclub:plugin-favorites': `{"serum":true,"a${HALF}":true}` }) })
  expect(getMixxRecallContext().favoritePlugins).toEqual(['serum'])
})

test.each([
  ['a number', () => 5, 'number 5'],
  ['a promise', async () => 'Night', 'a promise'],
])('projectOf that gives %s is a wrong option, not a wrong state', async (_, projectOf, found) => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'autosave.jsonl'), JSON.stringify(record(BEGIN, state('a', 1))))
  const error = await failure(() => new Migration({ files: [folder], projectOf: projectOf as never }).plan())
  expect(error).toMatchObject({ code: 'PM_BAD_OPTION', message: expect.stringContaining(`projectOf: it gave ${found} for autosave.jsonl, record 1`) })
})
