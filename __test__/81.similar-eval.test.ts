import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { cleanUp, temporaryFolder } from './support/studio'

const EVAL = join(__dirname, '../benches/similar/eval.mjs')

let folder: string
beforeAll(() => {
  folder = temporaryFolder()
})
afterAll(cleanUp)

const evaluate = (...args: string[]) => spawnSync(process.execPath, [EVAL, ...args], { cwd: folder, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } })

/** A song of its own steps, so many semitones higher. */
const song = (step: number, trackName: string, up = 0) => ({
  tracks: [{ id: 't', trackName, group: 'Instruments' }],
  clips: [],
  mixerSettings: {},
  pianoRollSketches: { t: Array.from({ length: 96 }, (_, i) => ({ pitch: 50 + up + ((i * i * step) % 17), start: i * (1 + ((i * step) % 3)), duration: 1, velocity: 0.8 })) },
})

test('the evaluation of similar projects scores the labelled sets of a folder', () => {
  mkdirSync(join(folder, 'sets/deeper'), { recursive: true })
  const items = [3, 5, 7].flatMap((step) => [
    { id: `${step}o`, work: `song ${step}`, variant: 'original', state: song(step, 'Lead') },
    { id: `${step}n`, work: `song ${step}`, variant: 'renamed', state: song(step, 'Other') },
    { id: `${step}t`, work: `song ${step}`, variant: 'transposed', state: song(step, 'Lead', 4) },
  ])
  writeFileSync(join(folder, 'sets/deeper/songs.jsonl'), items.map(({ id, state }) => JSON.stringify({ id, state })).join('\n'))
  writeFileSync(join(folder, 'sets/deeper/songs.labels.json'), JSON.stringify(Object.fromEntries(items.map(({ id, work, variant }) => [id, { work, variant }]))))
  writeFileSync(join(folder, 'sets/words.jsonl'), '{"id":"w","data":{}}\n')
  writeFileSync(join(folder, 'sets/words.labels.json'), '{"w":{"work":"a","variant":"b"}}')
  const { status, stderr } = evaluate('--json', 'figures.json', '--', 'sets')
  expect({ status, stderr }).toEqual({ status: 0, stderr: `words: no project states, left out\n` })
  const { tables, targets } = JSON.parse(readFileSync(join(folder, 'figures.json'), 'utf8'))
  expect(tables[0].title).toBe(`${join('deeper', 'songs')}: 9 states`)
  expect(targets).toEqual([
    { target: 'MAP@10 at least .95', measured: '1.0000', met: true },
    { target: 'renamed found in the top 10 from the original at least .98', measured: '1.000', met: true },
    { target: 'transposed found in the top 10 from the original at least .98', measured: '1.000', met: true },
  ])
}, 60_000)

test('a folder without sets, or no folder, is said', () => {
  mkdirSync(join(folder, 'none'))
  expect(evaluate('--', 'none')).toMatchObject({ status: 1, stderr: expect.stringContaining('there is no NAME.labels.json in none') })
  expect(evaluate('--')).toMatchObject({ status: 1, stderr: expect.stringContaining('-- wants a folder') })
})
