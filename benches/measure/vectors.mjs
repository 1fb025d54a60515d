/** Exact answers by brute force, to compare with. All vectors have length 1: a dot product is a cosine. */

/** Two neighbours as near as this are as good as each other: stored vectors are rounded to 16 bits. */
const TIE = 1e-6

/**
 * The cosines of `query` with each of the vectors in `all`.
 * @param {Float32Array} query @param {Float32Array} all one vector after the other @returns {Float32Array}
 */
export function similarities(query, all) {
  const dims = query.length
  const found = new Float32Array(all.length / dims)
  for (let row = 0; row < found.length; row++) found[row] = dotAt(query, all, row * dims)
  return found
}

/** The dot product with the vector that begins at `start`. Four sums side by side are twice as fast as one. @param {Float32Array} query @param {Float32Array} all @param {number} start */
export function dotAt(query, all, start) {
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let i = 0; i < query.length; i += 4) {
    a += query[i] * all[start + i]
    b += query[i + 1] * all[start + i + 1]
    c += query[i + 2] * all[start + i + 2]
    d += query[i + 3] * all[start + i + 3]
  }
  return a + b + c + d
}

/**
 * How similar the last of the `count` nearest rows is; whatever is as near belongs to the exact answer.
 * @param {Float32Array} scores @param {number} count @param {(row: number) => boolean} [allowed]
 * @returns {{ cut: number, wanted: number }} `wanted`: how many there are, at most `count`
 */
export function nearest(scores, count, allowed = () => true) {
  /** @type {number[]} */ const best = []
  for (let row = 0; row < scores.length; row++) {
    if (best.length === count && scores[row] <= best[count - 1]) continue
    if (!allowed(row)) continue
    const at = best.findIndex((score) => score < scores[row])
    best.splice(at < 0 ? best.length : at, 0, scores[row])
    best.length = Math.min(best.length, count)
  }
  return { cut: best.at(-1) ?? 1, wanted: best.length }
}

/**
 * Share of the exact answer that was found.
 * @param {number[]} rows found @param {Float32Array} scores @param {{ cut: number, wanted: number }} exact
 */
export function recall(rows, scores, { cut, wanted }) {
  if (wanted === 0) return 1
  const right = new Set(rows.filter((row) => scores[row] >= cut - TIE))
  return Math.min(right.size, wanted) / wanted
}
