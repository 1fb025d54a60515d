/** The other end of `transformers-process.mjs`. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** @typedef {import('./transformers-process.mjs').Asked} Asked */
/** @typedef {import('./transformers-process.mjs').Answer} Answer */
/** @typedef {import('../measure/clock.mjs').Variant} Variant */

export class TransformersPeer {
  /** @param {import('node:child_process').ChildProcess} child */
  constructor(child) {
    this.child = child
  }

  /** @param {number} threads of one run */
  static async open(threads) {
    const peer = new TransformersPeer(fork(fileURLToPath(new URL('transformers-process.mjs', import.meta.url)), [String(threads)]))
    await peer.answer()
    return peer
  }

  /** One vector for each text. @param {string[]} texts */
  async embed(texts) {
    return (await this.ask({ calls: texts })).vectors ?? []
  }

  /** A variant for the clock: one run makes all these calls. @param {string} name @param {(string | string[])[]} calls @returns {Variant} */
  variant(name, calls) {
    return { name, loop: async (effort) => /** @type {import('../measure/clock.mjs').Loop} */ ((await this.ask({ calls, effort })).loop) }
  }

  /** @param {Asked} asked @returns {Promise<Answer>} */
  ask(asked) {
    const answer = this.answer()
    this.child.send(asked)
    return answer
  }

  /** @returns {Promise<Answer>} */
  answer() {
    return new Promise((resolve, reject) => {
      const ended = (/** @type {number | null} */ code) => reject(new Error(`transformers.js ended with ${code}`))
      this.child.once('exit', ended)
      this.child.once('message', (/** @type {Answer} */ answer) => {
        this.child.off('exit', ended)
        if (answer.error) reject(new Error(answer.error))
        else resolve(answer)
      })
    })
  }

  close() {
    this.child.kill()
  }
}
