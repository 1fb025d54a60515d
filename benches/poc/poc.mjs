// 100 Mixx Recall entries: size, retrieval quality and CPU cost at each ratio, against text. `npm run poc`, some seconds.
//
//   node benches/poc/poc.mjs [--html FILE] [--json FILE] [--out STORE]

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { page } from '../../cli/report/page.mjs'
import { reportLines } from '../../cli/report/terminal.mjs'
import { createStyle, wantsColour } from '../../cli/ui/style.mjs'
import { PrimeMemory } from '../../index.mjs'
import { recallEntries } from './records.mjs'

const COUNT = 100
const { values } = parseArgs({ options: { html: { type: 'string' }, json: { type: 'string' }, out: { type: 'string' } } })
const from = (/** @type {string} */ path) => resolve(process.env.INIT_CWD ?? process.cwd(), path) // npm runs us in the package's folder

const folder = mkdtempSync(join(tmpdir(), 'prime-memory-poc-'))
const path = values.out === undefined ? join(folder, 'recall.db') : from(values.out)
if (existsSync(path)) throw new Error(`there is a file already: ${path}`)
const memory = await PrimeMemory.open({ path })
try {
  const entries = recallEntries(COUNT)
  await memory.rememberMany(entries.map((data) => ({ kind: 'mixx_recall', data })))
  const report = await memory.report({ sample: COUNT })
  const { text, data } = /** @type {any} */ (await firstOf(memory))
  console.log(`${COUNT} Mixx Recall entries such as ${JSON.stringify(data)}\ntold as ${JSON.stringify(text)}\n`)
  console.log(reportLines(report, { width: process.stdout.columns ?? 140, style: createStyle(wantsColour(process.stdout, process.env)) }).join('\n'))
  if (values.html) writeFileSync(from(values.html), page(report))
  if (values.json) writeFileSync(from(values.json), `${JSON.stringify(report, null, 2)}\n`)
} finally {
  await memory.close()
  rmSync(folder, { recursive: true, force: true })
}

/** @param {PrimeMemory} memory */
async function firstOf(memory) {
  const [hit] = await memory.search('Drums track', { kind: 'mixx_recall', limit: 1 })
  return memory.get(hit.id)
}
