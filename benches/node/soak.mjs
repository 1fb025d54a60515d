// Does the process grow? Encodes texts of mixed lengths and looks at its resident memory. `npm run soak`, about
// 10 minutes with AVX-512 VNNI, 40 without; `node benches/node/soak.mjs 20000` for fewer encodes.
//
//   node benches/node/soak.mjs [ENCODES] [--quick] [--json FILE]

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PrimeMemory } from '../../index.mjs'
import { Report, readOptions } from '../measure/report.mjs'
import { mixedNotes } from '../texts/lengths.mjs'

/** Readings after a collection: what JavaScript has not yet swept away is no growth of ours. */
if (!globalThis.gc) {
  const { status } = spawnSync(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  process.exit(status ?? 1)
}

const options = readOptions(process.argv.slice(2))
const encodes = Number(options.rest[0] ?? (options.quick ? 500 : 100_000))
const step = Math.ceil(encodes / 10)
const warmUp = Math.ceil(encodes / 10)
const folder = mkdtempSync(join(tmpdir(), 'prime-memory-soak-'))
const memory = await PrimeMemory.open({ path: join(folder, 'soak.db'), threads: 1 })
const report = new Report(`soak: ${encodes} encodes`, options, { runtime: `ONNX Runtime ${memory.stats().runtime.version}`, threads: 1 })

const texts = await mixedNotes(2000, 7)
const encode = (/** @type {number} */ from, /** @type {number} */ to) => {
  for (let i = from; i < to; i++) memory.compressSync(`${i % 997} ${texts[(i * 7919) % texts.length]}`)
}
const resident = () => {
  globalThis.gc?.()
  return process.memoryUsage().rss / 2 ** 20
}

encode(0, warmUp)
let lowest = resident()
const rows = [{ encodes: warmUp, 'RSS MiB': lowest.toFixed(1), 'over lowest': 'warm' }]
for (let done = warmUp; done < encodes + warmUp; done += step) {
  encode(done, done + step)
  const now = resident()
  lowest = Math.min(lowest, now)
  rows.push({ encodes: done + step, 'RSS MiB': now.toFixed(1), 'over lowest': `${((now / lowest - 1) * 100).toFixed(2)} %` })
  process.stderr.write(`${done + step} encodes: ${now.toFixed(1)} MiB\n`)
}
report.table('Resident memory', rows, 'Texts of 4 to 400 tokens, compressSync, after a garbage collection. Growth counts from the lowest reading so far: memory that loading the model left behind must not hide it.')
const growth = (Number(rows.at(-1)?.['RSS MiB']) / lowest - 1) * 100
report.target('resident growth under 5 % after warm-up', `${growth.toFixed(2)} %`, growth < 5)
report.finish()
await memory.close()
rmSync(folder, { recursive: true, force: true })
