// Are projects found again whatever was done to them, and how fast among 10,000? On the demo's real songs. `npm run eval:similar`
//
//   node benches/similar/eval.mjs [--quick] [--json FILE] [found] [thousands] [package] [-- FOLDER]
//
// `found` and `thousands` need cargo: they run crates/core/examples/similar.rs, the search alone, without a store or a model.
// FOLDER holds sets of others, at any depth: NAME.jsonl (or NAME.jsonl.zst, which needs the program zstd), a `{ "id", "state" }` a line,
// and beside it NAME.labels.json, `{ id: { "work", "variant" } }`. Each is asked through the package; nothing else is run unless named.

import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ENDINGS, loadProject } from '../../demo/project.mjs'
import { quantile } from '../measure/quantiles.mjs'
import { seeded, shuffled } from '../measure/random.mjs'
import { Report, readOptions } from '../measure/report.mjs'
import { tellFound } from './score.mjs'
import { setsIn } from './sets.mjs'
import { newSong, nextVersion } from './songs.mjs'
import { VARIANTS } from './variants.mjs'

const { PrimeMemory } = createRequire(import.meta.url)('../../index.js')
const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const argv = process.argv.slice(2)
const at = argv.indexOf('--')
const others = at < 0 ? undefined : argv.splice(at)[1]
if (at >= 0 && !others) throw new Error('-- wants a folder')
const options = readOptions(argv)
const report = new Report('similar projects', options)
const folder = new URL('../../demo/projects/', import.meta.url)
const files = readdirSync(folder).filter((file) => ENDINGS.some((ending) => file.endsWith(ending))).sort()
const songs = await Promise.all(files.map((file) => loadProject(fileURLToPath(new URL(file, folder)))))

const parts = options.rest.length || others ? options.rest : ['found', 'thousands', 'package']
if (others) await foundInSets(others)
if (parts.includes('found')) await foundAgain()
if (parts.includes('thousands')) await amongThousands()
if (parts.includes('package')) await throughThePackage()
report.finish()

/** Every variant of every song asks for the others; all of them together are the catalogue. */
async function foundAgain() {
  const random = seeded(11)
  const items = songs.flatMap(({ name, state }) => [{ work: name, variant: 'original', state }, ...Object.entries(VARIANTS).map(([variant, change]) => ({ work: name, variant, state: change(state, random) }))])
  const all = shuffled(items, random).map((item, at) => ({ ...item, id: `p${at}` }))
  const ranked = new Map((await run([], all)).map((line) => [line.id, line.ranked]))
  const variants = 1 + Object.keys(VARIANTS).length
  tellFound(report, `${songs.length} songs, each in ${variants} states, ${all.length} in all`, all, ranked)
}

/** Every state of a set is saved as a project of its own and asks for the others. @param {string} folder */
async function foundInSets(folder) {
  for (const { name, items, labels } of setsIn(folder)) {
    const work = mkdtempSync(join(tmpdir(), 'prime-memory-similar-'))
    const memory = await PrimeMemory.open({ path: join(work, 'studio.db') })
    try {
      const ids = new Map()
      for (const { id, state } of items) ids.set(id, (await memory.snapshots.save(id, state)).id)
      const ranked = new Map()
      for (const { id } of items) ranked.set(id, (await memory.snapshots.similar(ids.get(id), { limit: 10 })).map(({ project }) => project))
      tellFound(report, `${name}: ${items.length} states`, items.map(({ id }) => ({ id, ...labels[id] })), ranked)
    } finally {
      await memory.close()
      rmSync(work, { recursive: true, force: true })
    }
  }
}

/** 10,000 states: versions of songs made of the demo's lines; then as many songs of one version each. */
async function amongThousands() {
  const states = options.quick ? 500 : 10_000
  for (const versions of [20, 1]) {
    const random = seeded(versions)
    const [line] = await run(['--measure'], versionsOf(states, versions, random))
    report.table(`${states} states, ${versions === 1 ? 'each a project of its own' : `${versions} versions of each project`}`, [{
      'search ms p50': line.searchMs.p50, p95: line.searchMs.p95, most: line.searchMs.max, 'exact search ms p50': line.exactMs.p50, 'recall@10 of the exact': line.recallAt10,
      'bytes stored p50': line.featureBytes.p50, 'bytes stored most': line.featureBytes.max, 'memory bytes a state': line.memoryBytes, 'features ms a state': line.featuresMs
    }], `${line.queries} states asked for projects other than their own, the best time of three; one thread`)
    report.target(`search among ${states} states, p50 under 5 ms (${versions} versions)`, `${line.searchMs.p50.toFixed(2)} ms`, line.searchMs.p50 < 5)
    report.target(`recall@10 of the exact search at least .99 (${versions} versions)`, line.recallAt10.toFixed(4), line.recallAt10 >= 0.99)
  }
}

/** 10,000 snapshots saved in a store, asked for by id: no features are made for the question. */
async function throughThePackage() {
  const [count, versions] = [options.quick ? 500 : 10_000, 20]
  const folder = mkdtempSync(join(tmpdir(), 'prime-memory-similar-'))
  const path = join(folder, 'studio.db')
  try {
    const random = seeded(3)
    const ids = []
    let memory = await PrimeMemory.open({ path })
    for (const { project, state } of versionsOf(count, versions, random)) ids.push((await memory.snapshots.save(`song ${project}`, state)).id)
    await memory.close()
    memory = await PrimeMemory.open({ path })
    const first = await timed(() => memory.snapshots.similar(ids[0]))
    // A process that ended before it had made all features leaves some to the first call: a later one only reads them.
    await memory.close()
    memory = await PrimeMemory.open({ path })
    const filled = await timed(() => memory.snapshots.similar(ids[0]))
    const asked = shuffled(ids, random).slice(0, 300)
    const [byId, byState, afterSave] = [[], [], []].map((list) => /** @type {number[]} */ (list))
    for (const id of asked) byId.push(await timed(() => memory.snapshots.similar(id)))
    for (const id of asked.slice(0, 100)) {
      const state = await memory.snapshots.restore(id)
      byState.push(await timed(() => memory.snapshots.similar({ state })))
    }
    for (const id of asked.slice(0, 30)) {
      await memory.snapshots.save('another', nextVersion(await memory.snapshots.restore(id), random), { type: 'auto' })
      afterSave.push(await timed(() => memory.snapshots.similar(id)))
    }
    await memory.close()
    report.table(`${count} snapshots saved in a store, ${versions} of each project, through the package`, [{
      'by id ms p50': quantile(byId, 0.5), p95: quantile(byId, 0.95), 'by state ms p50': quantile(byState, 0.5), 'after a save ms p50': quantile(afterSave, 0.5),
      'first call ms': filled, 'first call ms, features missing': first
    }], 'by id: the features are in memory; by state: they are made of the state first; the first call of a process reads all')
    report.target(`similar among ${count} snapshots through the package, p50 under 5 ms`, `${quantile(byId, 0.5).toFixed(2)} ms`, quantile(byId, 0.5) < 5)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {() => Promise<unknown>} work */
async function timed(work) {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** @param {number} count @param {number} versions of each song @param {() => number} random */
function* versionsOf(count, versions, random) {
  const from = songs.map((song) => song.state)
  let state = from[0]
  for (let at = 0; at < count; at++) {
    state = at % versions === 0 ? newSong(from, random) : nextVersion(state, random)
    yield { id: `v${at}`, project: Math.floor(at / versions), state }
  }
}

/** What the example prints for these items, a line parsed each. @param {string[]} args @param {Iterable<object>} items @returns {Promise<any[]>} */
async function run(args, items) {
  const child = spawn('cargo', ['run', '--quiet', '--release', '-p', 'prime-memory', '--example', 'similar', '--', ...args], { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise((resolve, reject) => child.on('error', reject).on('close', (code) => (code === 0 ? resolve(undefined) : reject(new Error(`cargo run ended with ${code}`)))))
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part) => (text += part))
  for (const item of items) if (!child.stdin.write(JSON.stringify(item) + '\n')) await new Promise((resolve) => child.stdin.once('drain', resolve))
  child.stdin.end()
  await ended
  return text.trim().split('\n').map((line) => JSON.parse(line))
}
