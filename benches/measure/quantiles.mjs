/** Quantiles and intervals of what was measured. */

/** The value below which `share` of the values lie. @param {number[]} values @param {number} share 0 to 1 */
export function quantile(values, share) {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

/** @param {number[]} values */
export function median(values) {
  return quantile(values, 0.5)
}

/** @param {number[]} values */
export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/**
 * The 95 % bootstrap interval of the mean of `values`.
 * @param {number[]} values @param {() => number} random @param {number} [samples]
 * @returns {{ low: number, high: number }}
 */
export function bootstrap(values, random, samples = 2000) {
  const means = Array.from({ length: samples }, () => {
    let sum = 0
    for (let i = 0; i < values.length; i++) sum += values[Math.floor(random() * values.length)]
    return sum / values.length
  })
  return { low: quantile(means, 0.025), high: quantile(means, 0.975) }
}
