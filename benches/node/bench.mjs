// Encoding, searching, opening, writing, the response cache, tiers and the report, through the public package. `npm run bench`, about 15 minutes the first
// time (a store of 100,000 memories is made and kept), 4 later.
//
//   node benches/node/bench.mjs [encode|search|write|cache|tiers|report ...] [--quick] [--json FILE]

import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { PrimeMemory } from '../../index.mjs'
import { Report, readOptions } from '../measure/report.mjs'
import { cacheFigures } from './cache.mjs'
import { encodeFigures } from './encode.mjs'
import { reportFigures } from './report.mjs'
import { searchFigures } from './search.mjs'
import { tierFigures } from './tiers.mjs'
import { writeFigures } from './write.mjs'

const PARTS = ['encode', 'search', 'write', 'cache', 'tiers', 'report']
const options = readOptions(process.argv.slice(2))
const unknown = options.rest.find((part) => !PARTS.includes(part))
if (unknown) {
  console.error(`no part "${unknown}"; usage: node benches/node/bench.mjs [${PARTS.join('|')} ...] [--quick] [--json FILE]`)
  process.exit(2)
}
const folder = mkdtempSync(join(tmpdir(), 'prime-memory-bench-'))
const threads = Math.min(availableParallelism(), 4)
const one = await PrimeMemory.open({ path: join(folder, 'one.db'), threads: 1 })
const all = await PrimeMemory.open({ path: join(folder, 'all.db'), threads })

const { runtime, model } = one.stats()
const report = new Report('prime-memory', options, { runtime: `ONNX Runtime ${runtime.version}`, model: model.name, threads: `1 and ${threads}` })

/** @type {Record<string, () => Promise<void>>} */
const parts = {
  encode: () => encodeFigures(report, { one, all }),
  search: () => searchFigures(report, PrimeMemory, model.fingerprint),
  write: () => writeFigures(report, PrimeMemory, folder),
  cache: () => cacheFigures(report, PrimeMemory, folder),
  tiers: () => tierFigures(report, PrimeMemory, model.fingerprint, folder),
  report: () => reportFigures(report, PrimeMemory, model.fingerprint)
}
try {
  for (const part of options.rest.length > 0 ? options.rest : PARTS) await parts[part]()
  report.finish()
} finally {
  await Promise.all([one.close(), all.close()])
  rmSync(folder, { recursive: true, force: true })
}
