// JSON.stringify that refuses what it would change in silence: NaN and infinity become null there, functions
// and undefined vanish.
;(value, what) => {
  const refuse = (place, found, advice, code = 'PM_BAD_OPTION') => {
    const error = new RangeError(`${place}: found ${found}; give ${advice}`)
    throw Object.assign(error, { code })
  }
  // Where the first such number is; JSON.stringify tells only its name.
  const placeOf = (part, depth = 0) => {
    if (typeof part === 'number') return Number.isFinite(part) ? undefined : ''
    if (part === null || typeof part !== 'object' || depth > 100) return undefined
    for (const name of Object.keys(part)) {
      const within = placeOf(part[name], depth + 1)
      if (within !== undefined) return `${Array.isArray(part) ? `[${name}]` : `.${name}`}${within}`
    }
    return undefined
  }
  const strictIn = (item) => (name, part) => {
    if (typeof part !== 'number' || Number.isFinite(part)) return part
    const place = placeOf(item) ?? `.${name}`
    refuse(`${what}${place}`, part, 'a finite number', place === '.ratio' ? 'PM_BAD_RATIO' : undefined)
  }
  const strictData = (name, part) => {
    if (typeof part !== 'number' || Number.isFinite(part)) return part
    refuse(name ? `${what}.data: ${name}` : `${what}.data`, part, 'a finite number')
  }
  // A cycle, a BigInt, nesting too deep for V8: it says what it is, we say what to do.
  const write = (part, replacer, place) => {
    try {
      return JSON.stringify(part, replacer)
    } catch (error) {
      if (String(error?.code).startsWith('PM_')) throw error
      const found = String(error?.message ?? error).split('\n')[0]
      refuse(place, `no JSON (${found})`, 'plain JSON, without cycles and BigInts and not thousands of levels deep')
    }
  }
  // Slower with a replacer: only for what may hide a number that is not finite, a null. What is only put into
  // words may hold one: like null it says nothing.
  const writeData = (data) => {
    const written = write(data, undefined, `${what}.data`) ?? 'null'
    return what !== 'described' && written.includes('null') ? write(data, strictData, `${what}.data`) ?? 'null' : written
  }
  const vanishes = (part) => ['undefined', 'function', 'symbol'].includes(typeof part)
  const isObject = (part) => part !== null && typeof part === 'object'
  // A condition that vanished would let through, or remove, more than was meant.
  const keepConditions = (where, place, levels) => {
    for (const [name, asked] of Object.entries(where)) {
      if (vanishes(asked)) refuse(`${place}.${name}`, typeof asked, 'a value, or leave the name out')
      if (isObject(asked) && levels > 1) keepConditions(asked, `${place}.${name}`, levels - 1)
    }
  }
  const one = (item) => {
    if (!isObject(item) || Array.isArray(item)) return write(item, strictIn(item), what) ?? 'null'
    if (what === 'fact') keepConditions(item, what, 1)
    if (isObject(item.where)) keepConditions(item.where, `${what}.where`, 3)
    if (what === 'options') {
      const odd = Object.keys(item).find((name) => typeof item[name] === 'function')
      if (odd !== undefined) refuse(`options.${odd}`, 'function', 'plain JSON, this call takes no function')
    }
    if (item.data === undefined) return write(item, strictIn(item), what) ?? 'null'
    const { data, ...rest } = item
    const fields = write(rest, strictIn(rest), what).slice(1, -1)
    return `{${fields}${fields && ','}"data":${writeData(data)}}`
  }
  return Array.isArray(value) ? `[${Array.from(value, one).join(',')}]` : one(value)
}
