import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { PrimeMemory } from '@mixxclub/prime-memory'
import { close, importLocalStorage, Migration, type InstallationReport } from '@mixxclub/prime-memory/studio'
import { freshStudio } from './support/drop-ins'
import { BEGIN, DAY, record, state } from './support/installation'
import { cleanUp, temporaryFolder } from './support/studio'

let folder: string
let path: string

beforeEach(() => {
  folder = temporaryFolder()
  path = freshStudio({ localStorage: null })
})
afterEach(async () => {
  jest.restoreAllMocks()
  close()
  await cleanUp()
})

const autosaves = (...states: object[]) => writeFileSync(join(folder, 'autosave.jsonl'), states.map((one, i) => JSON.stringify(record(BEGIN + i * DAY, one))).join('\n'))
const saved = (...states: [project: string, state: object][]) => Object.fromEntries(states.map(([project, one]) => [`mixxclub:project:${project}`, JSON.stringify(one)]))
const importedStates = ({ families }: InstallationReport) => [families.autosaves.imported, families.projects.imported]

async function looking<T>(look: (memory: PrimeMemory) => T | Promise<T>): Promise<T> {
  close()
  const memory = await PrimeMemory.open({ path })
  try {
    return await look(memory)
  } finally {
    await memory.close()
  }
}

const newest = (project: string) => looking(({ snapshots }) => snapshots.restore(snapshots.history(project, { type: 'manual' })[0]!.id))

test('autosaves with a track that two projects have are gathered, once, also after confirming', async () => {
  const shared = (i: number) => ({ ...state('x', i), bpm: 100 + i })
  autosaves(shared(1), shared(2), shared(3))
  const options = { files: [folder], localStorage: saved(['A', { ...shared(4), title: 'a' }], ['B', { ...shared(5), title: 'b' }]) }
  const first = await new Migration(options).run('full')
  expect(importedStates(first)).toEqual([3, 2])
  expect(first.projects.map(({ project, autosaves }) => [project, autosaves]).sort()).toEqual([['A', 0], ['B', 0], ['Unnamed project of 2025-03-31 12:00', 3]])
  for (let again = 0; again < 2; again++) {
    await new Migration().confirm()
    expect(importedStates(await new Migration(options).run('full'))).toEqual([0, 0])
  }
})

test('where a state was put stays so after confirming, though more is known of its tracks', async () => {
  const [a, x] = [state('a', 1), state('x', 1)]
  // The second has tracks of both: they are the unnamed project's from then on.
  autosaves({ ...a, bpm: 90 }, x, { ...x, tracks: [...x.tracks, ...a.tracks] })
  const options = { files: [folder], localStorage: saved(['A', a]) }
  await new Migration(options).run('full')
  await new Migration().confirm()
  expect(importedStates(await new Migration(options).run('full'))).toEqual([0, 0])
})

test('a project that goes back to what it was before is its newest version again', async () => {
  const [a, b] = [state('night', 1), state('night', 2)]
  for (const [one, imported] of [[a, 1], [b, 1], [b, 0], [a, 1], [a, 0]] as const) {
    const migration = new Migration({ localStorage: saved(['Night', one]) })
    expect(importedStates(await migration.plan())).toEqual([0, imported])
    expect(importedStates(await migration.run('full'))).toEqual([0, imported])
    expect(await newest('Night')).toEqual(one)
  }
  await new Migration().confirm()
  expect(importedStates(await new Migration({ localStorage: saved(['Night', b]) }).run('full'))).toEqual([0, 1])
  expect(await newest('Night')).toEqual(b)
})

test('a project that was not saved again does not come before what the memory got since', async () => {
  const options = { localStorage: saved(['Night', state('night', 1)]) }
  await new Migration(options).run('shadow')
  const later = state('night', 9)
  await looking(({ snapshots }) => snapshots.save('Night', JSON.stringify(later)))
  expect(importedStates(await new Migration(options).run('full'))).toEqual([0, 0])
  expect(await newest('Night')).toEqual(later)
})

test('two dumps with one project in two states are imported once', async () => {
  for (const i of [1, 2]) writeFileSync(join(folder, `dump-${i}.json`), JSON.stringify(saved(['Night', state('night', i)])))
  expect(importedStates(await new Migration({ files: [folder] }).run('shadow'))).toEqual([0, 2])
  expect(importedStates(await new Migration({ files: [folder] }).run('full'))).toEqual([0, 0])
})

test('an answer dated in the future is imported once', async () => {
  const dump = { 'primebrain:cache:5': JSON.stringify({ content: 'x', timestamp: Date.now() + DAY, model: 'm' }) }
  expect((await importLocalStorage(dump)).families.cacheEntries).toMatchObject({ imported: 1 })
  const now = Date.now()
  jest.spyOn(Date, 'now').mockImplementation(() => now + 60_000)
  expect((await importLocalStorage(dump)).families.cacheEntries).toMatchObject({ imported: 0, alreadyThere: 1 })
})

const HABITS = {
  'mixxclub:plugin-favorites': JSON.stringify({ 'mixx-verb': true, 'mixx-comp': true }),
  'mixxclub:plugin-presets': JSON.stringify({ 'mixx-eq': [{ name: 'Air', settings: { high: 3 }, timestamp: BEGIN }, { name: 'Mud cut', settings: { low: -4 } }] }),
  'mixxclub:project-history': JSON.stringify([{ genre: 'trap', bpm: 140, timestamp: BEGIN }, { genre: 'house', bpm: 124, timestamp: BEGIN + DAY }]),
}

test('what was pruned or forgotten between two phases stays gone, also after confirming', async () => {
  autosaves(state('x', 1), state('x', 2), state('x', 3))
  const vector = { id: 'v1', embedding: [1, 0], metadata: { type: 'musical_context', originalText: 'a dark pad in E minor' }, createdAt: BEGIN }
  const options = { files: [folder], project: 'Night', localStorage: { ...saved(['Night', state('x', 4)]), ...HABITS, 'clara:embeddings:v1': JSON.stringify(vector) } }
  const first = await new Migration(options).run('shadow')
  expect(importedStates(first)).toEqual([3, 1])
  expect(first.families.embeddings).toMatchObject({ imported: 1 })
  await looking(async (memory) => {
    await memory.snapshots.remove(memory.snapshots.history('Night', { type: 'auto' }).slice(1).map(({ id }) => id))
    await memory.forget((await memory.search('dark pad', { kind: 'musical_context' })).map(({ id }) => id))
    const keys = memory.recall.facts().map(({ key }) => key)
    for (const key of keys.filter((key) => /mixx-verb|Air|trap/i.test(key))) await memory.recall.forget(key)
  })
  const left = () => looking(({ snapshots, recall }) => [snapshots.history('Night').length, recall.facts().map(({ key, count }) => `${key} ${count}`).sort()])
  const before = await left()
  expect(before[0]).toBe(2)
  expect(String(before[1])).not.toMatch(/mixx-verb|Air|trap/i)
  const plan = await new Migration(options).plan()
  const second = await new Migration(options).run('full')
  for (const report of [plan, second]) {
    expect(Object.entries(report.families).filter(([, { imported }]) => imported > 0)).toEqual([])
    expect(report.notes).toContain('"Night": 2 states that were imported before were removed since, and stay so')
  }
  expect(await left()).toEqual(before)
  await new Migration().confirm()
  expect(importedStates(await new Migration(options).run('full'))).toEqual([0, 0])
  expect(await left()).toEqual(before)
  // Undone, it is as if it had never been.
  await new Migration().undo()
  expect(importedStates(await new Migration(options).run('full'))).toEqual([2, 0])
})

test('a project that was removed comes back when it is saved again', async () => {
  const night = (edits: number) => ({ localStorage: saved(['Night', state('night', edits)]) })
  await new Migration(night(1)).run('shadow')
  await looking(({ snapshots }) => snapshots.forget('Night'))
  expect(importedStates(await new Migration(night(1)).run('full'))).toEqual([0, 0])
  expect(importedStates(await new Migration(night(2)).run('full'))).toEqual([0, 1])
  expect(importedStates(await new Migration(night(1)).run('full'))).toEqual([0, 1])
  expect(await newest('Night')).toEqual(state('night', 1))
})

test('importing a dump again does not count what was left of a project of which one fact was forgotten', async () => {
  await importLocalStorage(HABITS)
  const counts = () => looking(({ recall }) => recall.facts().map(({ key, count }) => `${key} ${count}`).sort())
  await looking(({ recall }) => recall.forget(recall.facts().find(({ key }) => key.includes('trap'))!.key))
  const before = await counts()
  expect((await importLocalStorage(HABITS)).families.projectHistory).toMatchObject({ found: 2, imported: 0, alreadyThere: 2 })
  expect(await counts()).toEqual(before)
  // Another project of that time is another one.
  const other = { 'mixxclub:project-history': JSON.stringify([{ genre: 'pop', bpm: 141, timestamp: BEGIN }]) }
  expect((await importLocalStorage(other)).families.projectHistory).toMatchObject({ imported: 1 })
})
