// JSON.stringify that refuses what it would change in silence: NaN and infinity become null there.
// The `data` of an item is the Studio's own JSON and keeps JSON's own rules.
;(value, what) => {
  const strict = (name, part) => {
    if (typeof part !== 'number' || Number.isFinite(part)) return part
    const place = name ? `${what}.${name}` : what
    const error = new RangeError(`${place}: found ${part}; give a finite number`)
    throw Object.assign(error, { code: name === 'ratio' ? 'PM_BAD_RATIO' : 'PM_BAD_OPTION' })
  }
  const one = (item) => {
    if (item === null || typeof item !== 'object' || Array.isArray(item) || item.data === undefined) {
      return JSON.stringify(item, strict) ?? 'null'
    }
    const { data, ...rest } = item
    const fields = JSON.stringify(rest, strict).slice(1, -1)
    return `{${fields}${fields && ','}"data":${JSON.stringify(data) ?? 'null'}}`
  }
  return Array.isArray(value) ? `[${value.map(one).join(',')}]` : one(value)
}
