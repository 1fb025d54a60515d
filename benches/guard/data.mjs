/** The request pairs and groups of the evaluation. */
import { readFileSync } from 'node:fs'

/** @typedef {{ prompt: string, context?: Record<string, unknown>, options?: Record<string, unknown> }} Request */
/** @typedef {{ id: string, group: string, a: Request, b: Request, same: boolean, why: string }} Pair */
/** @typedef {Request & { id: string }} Asked */
/** @typedef {{ group: string, topic: string, requests: Asked[], near: (Request & { of: string, why: string })[], other: (Request & { why: string })[] }} Group */

/** @template T @param {string} name @returns {T[]} */
function lines(name) {
  const text = readFileSync(new URL(name, import.meta.url), 'utf8')
  return text.split('\n').filter(Boolean).map((line) => JSON.parse(line))
}

/** @typedef {'sealed' | 'opened' | 'dev'} SetName */

/** @param {SetName} set @returns {Pair[]} */
export const pairs = (set) => lines(`./${set}-pairs.jsonl`)

/** Groups written apart, or the sixth of the training groups that the model did not learn from. @param {SetName} set @returns {Group[]} */
export function groups(set) {
  if (set !== 'dev') return lines(`./${set}-groups.jsonl`)
  return /** @type {Group[]} */ (lines('../../training/data/request-groups.jsonl')).filter((group, i) => i % 6 === 0 && !group.topic.startsWith('general'))
}

/** A near-copy, with the context of the request it was made from unless it has its own. @param {Group} group @param {Group['near'][number]} near @returns {Request} */
export function nearRequest(group, near) {
  const source = group.requests.find(({ id }) => id === near.of) ?? group.requests[0]
  return { prompt: near.prompt, context: near.context ?? source.context }
}

/** Only what the cache takes. @param {Request} request */
export function plain({ prompt, context, options }) {
  return { prompt, ...(context && { context }), ...(options && { options }) }
}
