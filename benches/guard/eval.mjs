// May a cached answer be served? The guard on request pairs and groups, through the public package. `npm run eval:cache`
//
//   node benches/guard/eval.mjs [--opened | --dev] [--quick] [--json FILE]
//
// Without a set named: the sealed ones, which were written apart and on which nothing was tuned. --opened: those of two earlier
// versions, whose misses were looked at by label since.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PrimeMemory } from '../../index.mjs'
import { Report, readOptions } from '../measure/report.mjs'
import { groups, nearRequest, pairs, plain } from './data.mjs'
import { draw, picture, precisionOverHits, share } from './figures.mjs'

const options = readOptions(process.argv.slice(2))
const set = options.rest.includes('--dev') ? 'dev' : options.rest.includes('--opened') ? 'opened' : 'sealed'
const folder = mkdtempSync(join(tmpdir(), 'prime-memory-guard-'))
const memory = await PrimeMemory.open({ path: join(folder, 'cache.db') })
const stats = memory.cache.stats()
const report = new Report(`the guard on the ${set} sets`, options, { 'pair model': stats.pairModel ?? `none (${stats.pairModelMissing})`, threshold: stats.threshold?.toFixed(3), maxErrorRate: stats.maxErrorRate })

try {
  await onPairs()
  await onGroups()
  report.finish()
} finally {
  await memory.close()
  rmSync(folder, { recursive: true })
}

/** A pair at a time, each in a scope of its own: `a` stored, `b` asked. */
async function onPairs() {
  const judged = []
  for (const pair of pairs(set).slice(0, options.quick ? 30 : undefined)) {
    const scope = { project: `pair ${pair.id}` }
    await memory.cache.set({ ...plain(pair.a), scope }, 'the answer')
    const hit = await memory.cache.get({ ...plain(pair.b), scope })
    judged.push({ ...pair, served: hit !== null, cosine: await cosine(pair.a.prompt, pair.b.prompt) })
  }
  const [same, other] = [judged.filter((one) => one.same), judged.filter((one) => !one.same)]
  const row = (/** @type {string} */ name, /** @type {(one: typeof judged[number]) => boolean} */ rule) => {
    const [hits, wrong] = [same.filter(rule).length, other.filter(rule).length]
    return { rule: name, 'hits of same': share(hits, same.length), 'served of not same': share(wrong, other.length), hits, wrong }
  }
  const thresholds = judged.map((one) => one.cosine).sort((a, b) => a - b)
  const best = thresholds.map((t) => ({ t, ...row('', (one) => one.cosine >= t) })).reduce((a, b) => (b.hits / same.length - b.wrong / other.length > a.hits / same.length - a.wrong / other.length ? b : a))
  const rows = [
    row('the guard', (one) => one.served),
    row(`plain cosine at its best threshold, ${best.t.toFixed(2)}`, (one) => one.cosine >= best.t),
    row("GPTCache's default rule (squared distance up to .8: cosine from .60)", (one) => one.cosine >= 0.6)
  ]
  report.table('A pair at a time: may the answer of a be served for b?', rows.map(({ hits: _, wrong: __, ...rest }) => rest), 'in parentheses the 95 % interval (Wilson)')
  const labels = [...new Set(judged.map((one) => `${one.same ? 'same' : 'not same'}: ${one.why}`))].sort()
  report.table('By label', labels.map((label) => {
    const of = judged.filter((one) => `${one.same ? 'same' : 'not same'}: ${one.why}` === label)
    return { label, pairs: of.length, served: of.filter((one) => one.served).length }
  }))
  const [{ hits, wrong }] = rows
  report.target('pairs: false hits at most 1 %', share(wrong, other.length), wrong / other.length <= 0.01)
  report.target('pairs: goal 85 % hits at 0.5 % false', share(hits, same.length), hits / same.length >= 0.85 && wrong / other.length <= 0.005)
}

/** One cache for all groups: the first request of each stored, everything else asked. */
async function onGroups() {
  const all = groups(set).slice(0, options.quick ? 6 : undefined)
  const scope = { project: 'all groups' }
  for (const group of all) await memory.cache.set({ ...plain(group.requests[0]), scope }, group.group)
  /** @type {{ kind: string, group: string, score: number, cosine: number, content: string | null, near: string | null, nearest: string | null }[]} */
  const asked = []
  const ask = async (/** @type {string} */ kind, /** @type {string} */ group, /** @type {import('./data.mjs').Request} */ request) => {
    const hit = await memory.cache.get({ ...plain(request), scope })
    const { candidates } = memory.cache.explainSync({ ...plain(request), scope })
    const scored = candidates.map(({ decision, by, score, prompt }) => ({ prompt, score: decision === 'serve' && by !== 'pair-model' ? 1 : (score ?? 0) }))
    const top = scored.reduce((a, b) => (b.score > a.score ? b : a), { prompt: '', score: 0 })
    const of = (/** @type {string} */ prompt) => all.find(({ requests: [first] }) => first.prompt.replace(/\s+/g, ' ').trim() === prompt)?.group ?? null
    asked.push({ kind, group, score: top.score, cosine: candidates[0]?.similarity ?? 0, content: hit?.content ?? null, near: of(top.prompt), nearest: of(candidates[0]?.prompt ?? '') })
  }
  for (const group of all) {
    for (const request of group.requests.slice(1)) await ask('request', group.group, request)
    for (const near of group.near) await ask('near-copy', group.group, nearRequest(group, near))
    for (const other of group.other) await ask('neighbour', group.group, other)
  }
  const count = (/** @type {string} */ kind, /** @type {(one: typeof asked[number]) => boolean} */ test) => asked.filter((one) => one.kind === kind && test(one)).length
  const total = (/** @type {string} */ kind) => count(kind, () => true)
  const right = count('request', (one) => one.content === one.group)
  // A near-copy answered from the entry it looks like is answered wrong, too.
  const wrongEntry = asked.filter((one) => one.content !== null && (one.kind !== 'request' || one.content !== one.group)).length
  report.table(`The cache filled with ${all.length} requests, everything else asked`, [
    { asked: 'other ways of asking', of: total('request'), 'answered right': share(right, total('request')), 'from the wrong entry': count('request', (one) => one.content !== null && one.content !== one.group), refused: count('request', (one) => one.content === null) },
    ...['near-copy', 'neighbour'].map((kind) => ({ asked: kind === 'near-copy' ? 'near-copies that differ' : 'neighbours that differ', of: total(kind), 'answered right': '', 'from the wrong entry': count(kind, (one) => one.content !== null && one.content !== one.group), refused: count(kind, (one) => one.content === null), 'served from their own group (wrong)': share(count(kind, (one) => one.content === one.group), total(kind)) }))
  ])
  report.target('filled: from the wrong entry at most .2 % of all asked', share(wrongEntry, asked.length), wrongEntry / asked.length <= 0.002)
  const guard = precisionOverHits(asked.map((one) => ({ score: one.score, right: one.kind === 'request' && one.near === one.group })))
  const plainly = precisionOverHits(asked.map((one) => ({ score: one.cosine, right: one.kind === 'request' && one.nearest === one.group })))
  report.table('Precision over cache-hit ratio (P-CHR, arXiv 2606.19719)', [{ rule: 'guard', 'P-CHR AUC': guard.area.toFixed(3) }, { rule: 'cosine', 'P-CHR AUC': plainly.area.toFixed(3) }], 'every request counts, also those to which no stored answer belongs')
  console.log(draw([{ name: 'cosine', points: plainly.points }, { name: 'guard', points: guard.points }]))
  const file = new URL(`./curve-${set}.svg`, import.meta.url)
  if (!options.quick) writeFileSync(file, picture([{ name: 'guard', colour: '#0a7d55', points: guard.points }, { name: 'plain cosine', colour: '#b33', points: plainly.points }]))
}

/** @param {string} a @param {string} b */
async function cosine(a, b) {
  const [x, y] = await memory.compressMany([a, b], { ratio: 16 })
  return x.whole.reduce((sum, value, i) => sum + value * y.whole[i], 0)
}
