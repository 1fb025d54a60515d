/** HTML from a template: whatever is put in is text, unless it was made here. */

class Markup {
  /** @param {string} text */
  constructor(text) {
    this.text = text
  }
  toString() {
    return this.text
  }
}

const NAMES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** @typedef {Markup | string | number | null | undefined | false | Value[]} Value */

/** @param {TemplateStringsArray} parts @param {...Value} values @returns {Markup} */
export function html(parts, ...values) {
  return new Markup(parts.reduce((text, part, at) => text + written(values[at - 1]) + part))
}

/** @param {Value} value @returns {string} */
function written(value) {
  if (value instanceof Markup) return value.text
  if (Array.isArray(value)) return value.map(written).join('')
  if (value === null || value === undefined || value === false) return ''
  return String(value).replace(/[&<>"']/g, (sign) => NAMES[/** @type {keyof typeof NAMES} */ (sign)])
}

/** Our own style sheet. @param {string} text */
export function trusted(text) {
  return new Markup(text)
}
