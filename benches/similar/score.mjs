/** How well the states of a song find each other. */
import { mean } from '../measure/quantiles.mjs'

/** The kinds that must be found from the original. */
const REQUIRED = ['renamed', 'remix', 'transposed']

/** @typedef {{ id: string, work: string, variant: string }} Item `work`: the song it is a state of; empty where it is of none */

/**
 * Relevant are the other states of the same song; whoever has none is only there to be confused with. Prints a table and the targets.
 *
 * @param {import('../measure/report.mjs').Report} report @param {string} title
 * @param {Item[]} items @param {Map<string, string[]>} ranked for each id the ten most like it, itself left out
 */
export function tellFound(report, title, items, ranked) {
  const wanted = (/** @type {Item} */ item) => items.filter((other) => item.work && other.work === item.work && other !== item)
  const judged = items.map((item) => judge(item, wanted(item), ranked)).filter(({ wanted }) => wanted.length > 0)
  const found = (/** @type {string} */ variant) => mean(judged.filter((item) => item.variant === 'original').flatMap(({ wanted, hits }) => wanted.filter((other) => other.variant === variant).map(({ id }) => Number(hits.has(id)))))
  const variants = [...new Set(judged.map(({ variant }) => variant))]
  const hasOriginals = variants.includes('original')
  const rows = variants.map((variant) => {
    const of = judged.filter((item) => item.variant === variant)
    return { 'asked with': variant, states: of.length, 'MAP@10': mean(of.map(({ ap }) => ap)), 'first is right': mean(of.map(({ first }) => first)), ...(hasOriginals && { 'found from the original': variant === 'original' ? '' : found(variant) }) }
  })
  report.table(title, rows, 'relevant are the other states of the same song')
  const map = mean(judged.map(({ ap }) => ap))
  if (!hasOriginals) return report.table(`MAP@10 ${map.toFixed(4)}`, [], 'no originals and no kinds of change here: no target')
  report.target('MAP@10 at least .95', map.toFixed(4), map >= 0.95)
  for (const variant of REQUIRED.filter((one) => variants.includes(one))) report.target(`${variant} found in the top 10 from the original at least .98`, found(variant).toFixed(3), found(variant) >= 0.98)
}

/** @param {Item} item @param {Item[]} wanted @param {Map<string, string[]>} ranked */
function judge({ id, variant }, wanted, ranked) {
  const ids = new Set(wanted.map((other) => other.id))
  const top = /** @type {string[]} */ (ranked.get(id)).slice(0, 10)
  const precisions = top.map((other, at) => (ids.has(other) ? top.slice(0, at + 1).filter((one) => ids.has(one)).length / (at + 1) : 0))
  return { variant, wanted, hits: new Set(top), ap: precisions.reduce((sum, p) => sum + p, 0) / Math.min(10, wanted.length), first: Number(ids.has(top[0])) }
}
