/**
 * transformers.js in a process of its own: it brings another ONNX Runtime than we do, and a process has room for one.
 * Answers messages: embeds texts, or runs a loop of calls and tells the times.
 */
import { loop } from '../measure/clock.mjs'
import { openTransformers } from './transformers.mjs'

/** @typedef {import('../measure/clock.mjs').Loop} Loop */
/** @typedef {import('../measure/clock.mjs').Effort} Effort */
/** @typedef {{ calls: (string | string[])[], effort?: Effort }} Asked with an effort a loop, in which one run makes all calls */
/** @typedef {{ loop?: Loop, vectors?: number[][], error?: string }} Answer */

const embed = await openTransformers(Number(process.argv[2]))

process.on('message', async (/** @type {Asked} */ asked) => {
  process.send?.(await answer(asked).catch((err) => ({ error: String(err?.stack ?? err) })))
})
process.send?.({})

/** @param {Asked} asked @returns {Promise<Answer>} */
async function answer({ calls, effort }) {
  if (!effort) {
    const vectors = []
    for (const texts of calls) vectors.push([...(await embed(texts)).data])
    return { vectors }
  }
  const run = async () => {
    for (const texts of calls) await embed(texts)
  }
  return { loop: await loop(run, effort) }
}
