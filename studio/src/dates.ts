/** Milliseconds since 1970 of a date in words; `NaN` when it is none, or a day that no month has: `Date` takes 30 February for 2 March. */
export function millisecondsOf(text: string): number {
  const day = /^\s*(\d{4}-\d\d-\d\d)/.exec(text)?.[1]
  const at = new Date(text).getTime()
  return Number.isFinite(at) && day !== undefined && !isDay(day) ? NaN : at
}

function isDay(day: string): boolean {
  const at = new Date(day)
  return Number.isFinite(at.getTime()) && at.toISOString().startsWith(day)
}
