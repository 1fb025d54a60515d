/**
 * The long form of `__test__/86.tiers-crash.test.ts`: a process that moves memories between tiers is killed ROUNDS times.
 * After each kill every memory must be there, as a whole on one side of the move: what may not lose its text has it, what
 * became cold has none, `verify` is clean.
 *
 *   node benches/node/tiers-kill.mjs [ROUNDS]
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PrimeMemory } from '../../index.mjs'

const rounds = Number(process.argv[2] ?? 100)
const mover = fileURLToPath(new URL('../../__test__/fixtures/tiers-mover.cjs', import.meta.url))
const COUNT = 1000
const folder = mkdtempSync(join(tmpdir(), 'prime-memory-kill-'))
let [stores, moved, cut] = [0, 0, 0]
try {
  let store = await filled()
  for (let round = 0; round < rounds; round++) {
    // The mover is open within some 150 ms; a kill before its first transaction proves nothing.
    await killed(store.path, Math.random() * 150)
    const cold = await check(store, round)
    moved += cold - store.cold
    cut += Number(cold > store.cold && cold < COUNT / 2)
    store.cold = cold
    if (round % 50 === 49) console.log(said(round + 1))
    if (cold === COUNT / 2) store = await filled()
  }
  console.log(`${said(rounds)}, verify clean after each`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** @param {number} kills */
function said(kills) {
  return `${kills} kills: ${moved} memories moved in ${stores} stores, ${cut} kills between the transactions of a move, nothing lost`
}

/** A store of which every other memory may lose its text. */
async function filled() {
  const path = join(folder, `${stores++}.db`)
  const memory = await PrimeMemory.open({ path })
  const item = (/** @type {number} */ i) => ({ kind: 'note', text: `take ${i} of the kick`, metadata: { take: i }, disposable: i % 2 === 1 })
  const ids = await memory.rememberMany(Array.from({ length: COUNT }, (_, i) => item(i)))
  await memory.close()
  return { path, ids, cold: 0 }
}

/** @param {string} path @param {number} after milliseconds after it opened the store */
async function killed(path, after) {
  const child = spawn(process.execPath, [mover, path, '1'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.on('close', resolve))
  await new Promise((resolve) => child.stdout.once('data', resolve))
  await new Promise((resolve) => setTimeout(resolve, after))
  child.kill('SIGKILL')
  await ended
}

/** How many are cold. @param {{ path: string, ids: string[] }} store @param {number} round */
async function check({ path, ids }, round) {
  const memory = await PrimeMemory.open({ path })
  let cold = 0
  for (const [i, id] of ids.entries()) {
    const found = await memory.get(id)
    const isCold = found?.tier === 'cold'
    const isWhole = found?.metadata?.take === i && found.tokenCount > 0 && (isCold ? i % 2 === 1 && found.text === null : found.text === `take ${i} of the kick`)
    if (!isWhole) throw new Error(`round ${round}: memory ${i} is ${JSON.stringify(found)}`)
    cold += Number(isCold)
  }
  const hits = await memory.search('take of the kick', { limit: COUNT, mode: 'semantic' })
  if (hits.length !== COUNT) throw new Error(`round ${round}: ${hits.length} of ${COUNT} found`)
  const { problems } = await memory.verify()
  if (problems.length) throw new Error(`round ${round}: ${problems}`)
  await memory.close()
  return cold
}
