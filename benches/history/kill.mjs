/**
 * The long form of `__test__/80.snapshots-processes.test.ts`: a process that saves and prunes is killed ROUNDS times, after
 * each kill every listed version must come back as it was said, nothing acknowledged may be missing, `verify` be clean.
 *
 *   node benches/history/kill.mjs [ROUNDS]
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const { PrimeMemory } = createRequire(import.meta.url)('../../index.js')
const rounds = Number(process.argv[2] ?? 100)
const writer = fileURLToPath(new URL('../../__test__/fixtures/snapshots-writer.cjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'prime-memory-kill-'))
const path = join(folder, 'studio.db')
const known = new Map()
const tried = new Set()
let [saves, prunes, restored] = [0, 0, 0]
try {
  for (let round = 0; round < rounds; round++) {
    const isPruning = learn(await killed(round))
    await check(round, isPruning)
    if (round % 50 === 49) console.log(`${round + 1} kills: ${saves} saves and ${prunes} prunes acknowledged, ${restored} versions restored, nothing lost`)
  }
  console.log(`${rounds} kills: ${saves} saves and ${prunes} prunes acknowledged, ${restored} versions restored, nothing lost, verify clean after each`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** What a writer said until it was killed. */
async function killed(round) {
  const child = spawn(process.execPath, [writer, path, 'p', '0', String(round)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  const ended = new Promise((resolve) => child.on('close', resolve))
  await new Promise((resolve) => child.stdout.setEncoding('utf8').on('data', (more) => ((text += more), resolve())))
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 250))
  child.kill('SIGKILL')
  await ended
  return text.split('\n').slice(0, -1).map((line) => JSON.parse(line))
}

function learn(facts) {
  for (const { what, id, hash, removed } of facts) {
    if (what === 'try') tried.add(hash)
    else if (what === 'done') known.set(id, hash)
    else if (what === 'pruned') removed.forEach((id) => known.delete(id))
    saves += Number(what === 'done')
    prunes += Number(what === 'pruned')
  }
  return facts.at(-1)?.what === 'pruning'
}

async function check(round, isPruning) {
  const memory = await PrimeMemory.open({ path })
  const listed = memory.snapshots.history('p')
  for (const { id } of listed) {
    const found = createHash('sha256').update(await memory.snapshots.restore(id, { as: 'text' })).digest('hex')
    if (!tried.has(found) || (known.get(id) ?? found) !== found) throw new Error(`round ${round}: ${id} came back otherwise`)
    known.set(id, found)
    restored++
  }
  const ids = new Set(listed.map(({ id }) => id))
  const missing = [...known.keys()].filter((id) => !ids.has(id))
  // A prune that was not acknowledged may have been done, as a whole.
  if (missing.length && !(isPruning && listed.filter(({ type }) => type === 'auto').length <= 4)) throw new Error(`round ${round}: ${missing} lost`)
  missing.forEach((id) => known.delete(id))
  const { problems } = await memory.verify()
  if (problems.length) throw new Error(`round ${round}: ${problems}`)
  await memory.close()
}
