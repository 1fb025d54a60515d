/** Shares with their uncertainty, and the curve of precision over cache-hit ratio. */

/** Wilson's 95 % interval. @param {number} hits @param {number} of @returns {[number, number]} */
export function interval(hits, of) {
  if (of === 0) return [0, 1]
  const z = 1.96
  const share = hits / of
  const scale = 1 + (z * z) / of
  const middle = (share + (z * z) / (2 * of)) / scale
  const reach = (z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of))) / scale
  return [Math.max(0, middle - reach), Math.min(1, middle + reach)]
}

/** `70 of 150, 46.7 % (38.9-54.6)`. @param {number} hits @param {number} of */
export function share(hits, of) {
  const [low, high] = interval(hits, of).map((value) => (value * 100).toFixed(1))
  return `${hits} of ${of}, ${((hits / Math.max(of, 1)) * 100).toFixed(1)} % (${low}-${high})`
}

/**
 * P-CHR (arXiv 2606.19719): requests sorted by score; for each share served, how many of the answers were right.
 * @param {{ score: number, right: boolean }[]} asked
 */
export function precisionOverHits(asked) {
  const sorted = [...asked].sort((a, b) => b.score - a.score)
  const points = []
  let right = 0
  let area = 0
  for (const [i, one] of sorted.entries()) {
    right += Number(one.right)
    const precision = right / (i + 1)
    area += precision / sorted.length
    points.push({ ratio: (i + 1) / sorted.length, precision, score: one.score })
  }
  return { points, area }
}

/** The curve for a terminal. @param {{ name: string, points: { ratio: number, precision: number }[] }[]} curves */
export function draw(curves) {
  const [width, height] = [64, 12]
  const rows = Array.from({ length: height + 1 }, () => Array.from({ length: width + 1 }, () => ' '))
  for (const { name, points } of curves) {
    for (const { ratio, precision } of points) {
      const row = Math.round((1 - precision) * height)
      rows[row][Math.round(ratio * width)] = name[0]
    }
  }
  const lines = rows.map((row, i) => `${(1 - i / height).toFixed(2)} │${row.join('')}`)
  return [...lines, `     └${'─'.repeat(width + 1)}`, `      0${' '.repeat(width - 8)}1  share of requests served`].join('\n')
}

/** The curve as a picture. @param {{ name: string, colour: string, points: { ratio: number, precision: number }[] }[]} curves */
export function picture(curves) {
  const [width, height, left, top] = [520, 260, 50, 20]
  const x = (/** @type {number} */ ratio) => (left + ratio * width).toFixed(1)
  const y = (/** @type {number} */ precision) => (top + (1 - precision) * height).toFixed(1)
  const line = ({ colour, points }) =>
    `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.filter((_, i) => i % 3 === 0).map((p) => `${x(p.ratio)},${y(p.precision)}`).join(' ')}"/>`
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (t) => `<text x="${x(t)}" y="${top + height + 16}" text-anchor="middle">${t}</text><text x="${left - 6}" y="${y(t)}" text-anchor="end" dominant-baseline="middle">${t}</text><line x1="${x(0)}" x2="${x(1)}" y1="${y(t)}" y2="${y(t)}" stroke="#ddd"/>`
  )
  const names = curves.map(({ name, colour }, i) => `<text x="${left + 12}" y="${top + height - 34 + i * 16}" fill="${colour}">${name}</text>`)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width + 80}" height="${height + 60}" font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>${ticks.join('')}${curves.map(line).join('')}${names.join('')}<text x="${left + width / 2}" y="${top + height + 34}" text-anchor="middle">share of requests served</text><text x="14" y="${top + height / 2}" transform="rotate(-90 14 ${top + height / 2})" text-anchor="middle">precision</text></svg>\n`
}
