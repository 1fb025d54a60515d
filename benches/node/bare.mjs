/** ONNX Runtime alone, through `onnxruntime-node`: the same graph file, ids ready, states not looked at. */
import { readFileSync } from 'node:fs'
import ort from 'onnxruntime-node'
import { MODEL } from './model.mjs'

/** Text tokens that neighbouring windows of a long text share: `crates/core/src/model/encode.rs`. */
const OVERLAP = 32

/** @typedef {Record<string, InstanceType<typeof ort.Tensor>>} Feeds */

export class Bare {
  /** @param {InstanceType<typeof ort.InferenceSession>} session @param {number} window text tokens */
  constructor(session, window) {
    this.session = session
    this.window = window
  }

  /** @param {number} threads of one run */
  static async open(threads) {
    const { encoder, maxTokens, specialTokens } = JSON.parse(readFileSync(`${MODEL}model.json`, 'utf8'))
    const session = await ort.InferenceSession.create(MODEL + encoder.file, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      enableMemPattern: false,
      extra: { session: { intra_op: { allow_spinning: '0' } } }
    })
    return new Bare(session, maxTokens - specialTokens)
  }

  /**
   * What has to be run for a text: one input for each window it is cut into. The ids are arbitrary: how long a run
   * takes depends on how many there are.
   * @param {number} textTokens @returns {Feeds[]}
   */
  feeds(textTokens) {
    return windowLengths(textTokens, this.window).map((length) => feedsOf(length + 2))
  }

  /** @param {Feeds[]} all */
  async run(all) {
    for (const feeds of all) await this.session.run(feeds)
  }
}

/** @param {number} textTokens @param {number} size @returns {number[]} text tokens of each window */
function windowLengths(textTokens, size) {
  if (textTokens <= size) return [textTokens]
  return Array.from({ length: Math.ceil((textTokens - size) / (size - OVERLAP)) + 1 }, () => size)
}

/** @param {number} length @returns {Feeds} */
function feedsOf(length) {
  const tensor = (/** @type {(i: number) => number} */ value) =>
    new ort.Tensor('int64', BigInt64Array.from({ length }, (_, i) => BigInt(value(i))), [1, length])
  return {
    input_ids: tensor((i) => (i === 0 ? 101 : i === length - 1 ? 102 : 2000 + ((i * 7919) % 20_000))),
    attention_mask: tensor(() => 1),
    token_type_ids: tensor(() => 0)
  }
}
