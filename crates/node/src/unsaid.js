// What JSON.stringify writes as {} though it may hold something (a Map, a Promise, an ArrayBuffer): its
// type and its place in a line each; '' where there is none. What says itself by toJSON is left alone.
;(state) => {
  const ordinary = /^(Object|Arguments|Boolean|Number|String)$|Array$/
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
    const names = Object.keys(part)
    if (names.length === 0) {
      const type = Object.prototype.toString.call(part).slice(8, -1)
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
  const found = find(state, 0)
  return found ? `${found.type}\nstate${found.place}` : ''
}
