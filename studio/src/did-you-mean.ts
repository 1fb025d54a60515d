/** `, did you mean "dryRun"?`, worded as the memory words it; empty when no name is near. */
export function didYouMean(name: string, known: string[]): string {
  const [nearest] = known.map((other) => ({ other, edits: edits(name.toLowerCase(), other.toLowerCase()) })).sort((a, b) => a.edits - b.edits)
  return nearest && nearest.edits <= MOST_EDITS ? `, did you mean "${nearest.other}"?` : ''
}

/** More, and the one name is no misspelling of the other. */
const MOST_EDITS = 3

/** Letters to add, remove or change. */
function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + Number(from[i - 1] !== to[j - 1])))
    }
    row = next
  }
  return row[to.length]!
}
