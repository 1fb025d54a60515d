// What JSON.stringify writes as {} though it may hold something (a Map, a Promise, an ArrayBuffer), or as an
// object of numbers (a typed array, where `numbersToo`): its type and its place in a line each; '' where there is none.
// What says itself by toJSON is left alone.
;(value, what, numbersToo) => {
  // A signal is no data but an option, of another call maybe: that is told by its name.
  const ordinary = /^(Object|Arguments|Boolean|Number|String|AbortSignal)$/
  // The place is put together on the way back: there is rarely one.
  const find = (part, depth) => {
    if (Array.isArray(part)) {
      for (let i = 0; i < part.length; i++) {
        const found = within(part[i], depth)
        if (found) return { type: found.type, place: `[${i}]${found.place}` }
      }
      return null
    }
    if (typeof part.toJSON === 'function') return null
    const typeOf = () => Object.prototype.toString.call(part).slice(8, -1)
    // Before its names are asked for: an array of samples has millions.
    if (ArrayBuffer.isView(part)) return numbersToo || typeOf() === 'DataView' ? { type: typeOf(), place: '' } : null
    const names = Object.keys(part)
    if (names.length === 0) {
      const type = typeOf()
      return ordinary.test(type) ? null : { type, place: '' }
    }
    for (const name of names) {
      const found = within(part[name], depth)
      if (found) return { type: found.type, place: `.${name}${found.place}` }
    }
    return null
  }
  // Deeper ones are refused anyway.
  const within = (part, depth) => (typeof part === 'object' && part !== null && depth < 100 ? find(part, depth + 1) : null)
  const found = typeof value === 'object' && value !== null ? find(value, 0) : null
  return found ? `${found.type}\n${what}${found.place}` : ''
}
