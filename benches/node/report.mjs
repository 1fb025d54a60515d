/** How long a report takes. */
import { figure } from '../measure/report.mjs'
import { corpusOf, settled } from './corpus.mjs'

/** @typedef {import('../measure/report.mjs').Report} Report */
/** @typedef {import('./corpus.mjs').Class} Class */

/** @param {Report} report @param {Class} PrimeMemory @param {string} fingerprint */
export async function reportFigures(report, PrimeMemory, fingerprint) {
  const count = report.options.quick ? 1000 : 100_000
  const corpus = await corpusOf(PrimeMemory, count, fingerprint)
  const memory = await PrimeMemory.open({ path: corpus.path, scope: { user: 'ana' } })
  await settled(memory)
  const rows = []
  for (const [name, options] of /** @type {const} */ ([['sizes alone', { sample: 0 }], ['as it comes', {}], ['the largest sample', { sample: 1000 }]])) {
    const cpu = process.cpuUsage()
    const start = performance.now()
    const { kinds } = await memory.report(options)
    const seconds = (performance.now() - start) / 1000
    const { user, system } = process.cpuUsage(cpu)
    const measured = kinds.reduce((sum, { sample }) => sum + (sample?.items ?? 0), 0)
    rows.push({ report: name, memories: count, 'items measured': measured, seconds, 'CPU seconds': (user + system) / 1e6 })
    if (name === 'as it comes') report.target(`report on ${count.toLocaleString('en')} memories: under 60 s`, `${figure(seconds)} s`, seconds < 60)
  }
  await memory.close()
  report.table('A report', rows)
}
