// A day of work with the cache: 2,000 requests from 40 intents, some typed again, most in other words, some that only look alike.
// `npm run eval:day`. The seed is published here; every run asks the same.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PrimeMemory } from '../../index.mjs'
import { seeded, shuffled } from '../measure/random.mjs'
import { Report, readOptions } from '../measure/report.mjs'
import { groups, nearRequest, plain } from './data.mjs'

const SEED = 20261125
const INTENTS = 40
const MODEL = 'gemini-2.5-flash'
/** Tokens of a usual answer and of what goes with a prompt: system prompt, recall, context. */
const USAGE = { inputTokens: 900, outputTokens: 450 }

const options = readOptions(process.argv.slice(2))
const requests = options.quick ? 200 : 2000
const random = seeded(SEED)
const intents = shuffled(groups('sealed'), random).slice(0, INTENTS)
// Half of the day is about a fourth of the intents, as work is.
const weights = intents.map((_, i) => 1 / (i + 1) ** 0.7)
const total = weights.reduce((a, b) => a + b)

/** @returns {typeof intents[number]} */
function drawIntent() {
  let at = random() * total
  return intents[weights.findIndex((weight) => (at -= weight) <= 0)] ?? intents[0]
}

const day = Array.from({ length: requests }, () => {
  const group = drawIntent()
  const kind = random()
  const any = (/** @type {any[]} */ list) => list[Math.floor(random() * list.length)]
  if (kind < 0.7) {
    const request = any(group.requests)
    return { truth: group.group, request: plain(request) }
  }
  if (kind < 0.88) {
    const near = any(group.near)
    return { truth: `${group.group} / ${near.prompt}`, request: plain(nearRequest(group, near)) }
  }
  const other = any(group.other)
  return { truth: `${group.group} / ${other.prompt}`, request: plain(other) }
})

const folder = mkdtempSync(join(tmpdir(), 'prime-memory-day-'))
const report = new Report(`a day of work: ${requests} requests, ${INTENTS} intents`, options, { seed: SEED, model: MODEL })
const rows = []
try {
  for (const mode of /** @type {const} */ (['exact', 'guarded'])) {
    const memory = await PrimeMemory.open({ path: join(folder, `${mode}.db`) })
    memory.cache.configure({ mode })
    let wrong = 0
    const spent = { calls: 0 }
    for (const { truth, request } of day) {
      const hit = await memory.cache.get(request)
      if (hit === null) {
        spent.calls += 1
        await memory.cache.set(request, { content: truth, usage: USAGE, model: MODEL })
      } else if (hit.content !== truth) wrong += 1
    }
    const stats = memory.cache.stats()
    const each = stats.hits > 0 ? stats.saved / stats.hits : 0
    rows.push({
      cache: mode === 'exact' ? 'equal requests only' : 'guarded',
      'provider calls': spent.calls,
      hits: stats.hits,
      'of them by meaning': stats.meaningHits,
      'wrong hits': wrong,
      'wrong of hits': `${((wrong / Math.max(1, stats.hits)) * 100).toFixed(2)} %`,
      'saved US$': stats.saved.toFixed(4),
      'of the day': `${((stats.hits / requests) * 100).toFixed(1)} %`,
      'US$ each': each.toFixed(6)
    })
    await memory.close()
  }
  report.table('Money saved in a day', rows, `prices of the built-in table for ${MODEL}; ${USAGE.inputTokens} input and ${USAGE.outputTokens} output tokens a call. 70 % ways of asking, 18 % near-copies that differ, 12 % neighbours; a near-copy asked twice counts as its own question`)
  report.finish()
} finally {
  rmSync(folder, { recursive: true })
}
