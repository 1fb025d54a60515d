/**
 * What a project's history costs, beside git and zstd on the same states in the same run.
 *
 *   node benches/history/bench.mjs [--quick] [--json FILE] [bytes] [times] [audio] [-- FOLDER]
 *
 * FOLDER holds histories of others: files of JSON lines, a state or `{ "state": … }` a line.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadProject } from '../../demo/project.mjs'
import { quantile } from '../measure/quantiles.mjs'
import { Report, readOptions } from '../measure/report.mjs'
import { seeded } from '../measure/random.mjs'
import { grown, history } from './session.mjs'

const { PrimeMemory } = createRequire(import.meta.url)('../../index.js')
const PROJECTS = fileURLToPath(new URL('../../demo/projects/', import.meta.url))
const argv = process.argv.slice(2)
const at = argv.indexOf('--')
const folder = at < 0 ? undefined : argv.splice(at)[1]
const options = readOptions(argv)
const parts = options.rest.length ? options.rest : ['bytes', 'times', 'audio']
const work = mkdtempSync(join(tmpdir(), 'prime-memory-history-'))
const report = new Report('Project history', options, { git: version('git', '--version'), zstd: version('zstd', '--version') })

try {
  const states = await projects()
  if (parts.includes('bytes')) await bytes(states)
  if (parts.includes('times')) await times(states)
  if (parts.includes('audio')) await audio()
  report.finish()
} finally {
  rmSync(work, { recursive: true, force: true })
}

function version(program, flag) {
  const { stdout } = spawnSync(program, [flag], { encoding: 'utf8' })
  return /\d+(\.\d+)+/.exec(stdout ?? '')?.[0] ?? 'missing'
}

async function projects() {
  const files = readdirSync(PROJECTS).filter((name) => /\.mmpz?$/.test(name))
  return Promise.all(files.map(async (name) => (await loadProject(join(PROJECTS, name))).state))
}

/** Histories to measure: name and the JSON texts of their states. */
function* histories(states) {
  const count = options.quick ? 20 : 300
  if (folder) {
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.jsonl')).sort()) {
      const lines = readFileSync(join(folder, file), 'utf8').split('\n').filter((line) => line.trim())
      yield [basename(file, '.jsonl'), lines.map(stateOf)]
    }
    return
  }
  const largest = [...states].sort((a, b) => JSON.stringify(b).length - JSON.stringify(a).length)[0]
  yield ['synthetic, 215 kB', [...history(grown(largest, 205_000), count, 7)]]
  for (const [i, state] of states.entries()) yield [state.name, [...history(state, count, i + 1)]]
  yield ['with audio', [...history(states[0], options.quick ? 10 : 60, 7, 60_000)]]
}

/** The text of the state in a line, as it stands there. */
function stateOf(line) {
  const value = JSON.parse(line)
  if (!value.state) return line
  const text = JSON.stringify(value.state)
  return line.includes(text) ? text : line.slice(line.indexOf('{', line.indexOf('"state"')), line.lastIndexOf('}'))
}

async function bytes(states) {
  const rows = []
  for (const [name, texts] of histories(states)) {
    const raw = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
    const ours = await store(texts)
    const git = gitBytes(texts)
    const each = zstdBytes(texts)
    const ratio = (size) => `${(raw / size).toFixed(0)}x`
    rows.push({
      history: name, saves: texts.length, 'kB each': Math.round(raw / texts.length / 1000), ours: ours.restore, ratio: ratio(ours.restore), 'git gc --aggressive': git,
      'git ratio': ratio(git), 'zstd -19 each': ratio(each), 'file with search': ours.file, 'deepest restore ms': ours.slowest.toFixed(1),
    })
    report.target(`${name}: never more than git`, `${ours.restore} against ${git} bytes`, ours.restore <= git)
    if (name.startsWith('synthetic')) report.target('synthetic history: at least 800x', ratio(ours.restore), raw / ours.restore >= 800)
  }
  report.table('Bytes that restoring every version needs', rows, '"file with search" is the growth of the whole file: also the memory that is made for each version, its text, words and vectors')
}

/** Saves all texts, restores all of them and compares. */
async function store(texts) {
  const path = join(mkdtempSync(join(work, 's-')), 'studio.db')
  let memory = await PrimeMemory.open({ path })
  const before = statSync(path).size
  const ids = []
  for (const text of texts) ids.push((await memory.snapshots.save('p', text, { type: 'auto' })).id)
  const restore = memory.snapshots.projects()[0].storedBytes
  await memory.close()
  memory = await PrimeMemory.open({ path })
  let slowest = 0
  for (const i of shuffledIndexes(texts.length)) {
    const begun = performance.now()
    const text = await memory.snapshots.restore(ids[i], { as: 'text' })
    slowest = Math.max(slowest, performance.now() - begun)
    if (text !== texts[i]) throw new Error(`version ${i} came back otherwise`)
  }
  await memory.close()
  return { restore, file: statSync(path).size - before, slowest }
}

function shuffledIndexes(count) {
  const random = seeded(count)
  return Array.from({ length: count }, (_, i) => i).sort(() => random() - 0.5)
}

/** The pack and its index after as many commits of one file. */
function gitBytes(texts) {
  const repository = mkdtempSync(join(work, 'g-'))
  const git = (args, input) => execFileSync('git', ['-C', repository, ...args], { input, stdio: ['pipe', 'ignore', 'ignore'], maxBuffer: 1 << 30 })
  git(['init', '-q'])
  const commits = texts.map((text, i) => {

    return Buffer.concat([
      Buffer.from(`commit refs/heads/main\ncommitter a <a@b> ${1_750_000_000 + i * 60} +0000\ndata 1\n.\nM 100644 inline p.json\ndata ${Buffer.byteLength(text)}\n`),
      Buffer.from(text), Buffer.from('\n'),
    ])
  })
  git(['fast-import', '--quiet'], Buffer.concat(commits))
  git(['gc', '--aggressive', '--prune=now', '-q'])
  const packs = join(repository, '.git/objects/pack')
  const size = readdirSync(packs).filter((name) => /\.(pack|idx)$/.test(name)).reduce((sum, name) => sum + statSync(join(packs, name)).size, 0)
  rmSync(repository, { recursive: true })
  return size
}

function zstdBytes(texts) {
  const files = mkdtempSync(join(work, 'z-'))
  const step = Math.ceil(texts.length / 20)
  const some = texts.filter((_, i) => i % step === 0)
  some.forEach((text, i) => writeFileSync(join(files, `${i}.json`), text))
  const done = spawnSync('zstd', ['-19', '-q', '--rm', ...some.map((_, i) => join(files, `${i}.json`))])
  if (done.status !== 0) return Number.NaN
  const size = readdirSync(files).reduce((sum, name) => sum + statSync(join(files, name)).size, 0)
  rmSync(files, { recursive: true })
  return (size * texts.length) / some.length
}

/** Saving one edit of a state of 1 MB, and restoring any version. */
async function times(states) {
  const largest = [...states].sort((a, b) => JSON.stringify(b).length - JSON.stringify(a).length)[0]
  const state = grown(largest, 1_000_000)
  const count = options.quick ? 20 : 300
  const path = join(work, 'times.db')
  const memory = await PrimeMemory.open({ path })
  const random = seeded(5)
  const tracks = Object.values(state.pianoRollSketches).filter((notes) => notes.length)
  const [ids, texts, saves] = [[], [], []]
  const { delays, stop } = watchLoop()
  for (let i = 0; i < count; i++) {
    const notes = tracks[Math.floor(random() * tracks.length)]
    notes[Math.floor(random() * notes.length)].pitch = Math.floor(random() * 127)
    const begun = performance.now()
    const { id } = await memory.snapshots.save('p', state, { type: 'auto' })
    saves.push(performance.now() - begun)
    ids.push(id)
    texts.push(JSON.stringify(state))
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  stop()
  const restores = { text: [], state: [] }
  for (const as of ['text', 'state']) {
    for (const i of shuffledIndexes(count)) {
      const begun = performance.now()
      const restored = await memory.snapshots.restore(ids[i], { as })
      restores[as].push(performance.now() - begun)
      if (as === 'text' && restored !== texts[i]) throw new Error(`version ${i} came back otherwise`)
    }
  }
  await memory.close()
  const stringify = []
  for (let i = 0; i < 30; i++) {
    const begun = performance.now()
    JSON.stringify(state)
    stringify.push(performance.now() - begun)
  }
  const row = (what, list) => ({ what, p10: ms(list, 0.1), p50: ms(list, 0.5), p99: ms(list, 0.99), calls: list.length })
  report.table(`A state of ${(texts[0].length / 1e6).toFixed(2)} MB, ms`, [
    row('save(object) after one edit', saves), row('of that JSON.stringify in V8, on the event loop', stringify), row('event loop delay meanwhile', delays),
    row('restore any version as text', restores.text), row('restore any version as a value', restores.state),
  ])
  report.target('save of 1 MB p50 < 15 ms', `${ms(saves, 0.5)} ms`, quantile(saves, 0.5) < 15)
  report.target('restore of any version p50 < 10 ms', `${ms(restores.text, 0.5)} ms as text, ${ms(restores.state, 0.5)} as a value`, quantile(restores.state, 0.5) < 10)
}

function ms(list, share) {
  return Number(quantile(list, share).toFixed(2))
}

/** How late a timer of 5 ms comes. */
function watchLoop() {
  const delays = []
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    delays.push(Math.max(0, now - last - 5))
    last = now
  }, 5)
  return { delays, stop: () => clearInterval(timer) }
}

/** A state of 40 MB with audio, saved in a process of its own. */
async function audio() {
  const takes = options.quick ? 2 : 20
  const file = join(work, 'audio.json')
  const child = fileURLToPath(new URL('./audio.mjs', import.meta.url))
  execFileSync(process.execPath, [child, 'make', file, String(takes)])
  const size = statSync(file).size
  const rows = []
  for (let round = 0; round < (options.quick ? 1 : 3); round++) {
    const begun = performance.now()
    execFileSync('zstd', ['-3', '-q', '-f', '-T1', file, '-o', join(work, 'audio.zst')])
    const zstd = performance.now() - begun
    const ours = JSON.parse(execFileSync(process.execPath, [child, 'save', file, join(mkdtempSync(join(work, 'a-')), 'studio.db')], { encoding: 'utf8' }))
    rows.push({ MB: (size / 1e6).toFixed(1), 'zstd -3 ms': Math.round(zstd), 'save ms': Math.round(ours.ms), times: (ours.ms / zstd).toFixed(2), 'again ms': Math.round(ours.again), 'restore ms': Math.round(ours.restore),
      'stored MB': (ours.stored / 1e6).toFixed(1), 'zstd MB': (statSync(join(work, 'audio.zst')).size / 1e6).toFixed(1), 'peak growth': `${(ours.growth / size).toFixed(2)}x` })
  }
  report.table('A state with audio inside', rows, '"again": the same audio with one edit, as every later autosave')
  const times = rows.map((row) => Number(row.times))
  report.target('saved in under 2x the time of zstd -3', `${quantile(times, 0.5)}x`, quantile(times, 0.5) < 2)
  const growth = Math.max(...rows.map((row) => Number.parseFloat(row['peak growth'])))
  report.target('peak resident growth < 3x its size', `${growth}x`, growth < 3)
}
