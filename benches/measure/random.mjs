/** Numbers that are random to the eye and the same in every run. */

/** Mulberry32: 0 to 1, 1 left out. @param {number} seed a whole number @returns {() => number} */
export function seeded(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** @template T @param {T[]} list @param {() => number} random @returns {T} */
export function pick(list, random) {
  return list[Math.floor(random() * list.length)]
}

/** A copy in random order. @template T @param {T[]} list @param {() => number} random @returns {T[]} */
export function shuffled(list, random) {
  const copy = [...list]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[copy[i], copy[j]] = [copy[j], copy[i]]
  }
  return copy
}
