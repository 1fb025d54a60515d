/** What the author wrote about a song: LMMS keeps it as an HTML page inside the project. */
import { walk } from './xml.mjs'

/** Shorter pages are LMMS's own "Put down your project notes here.", in any of its languages, or just the title. */
const SHORTEST_NOTE = 60

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

/**
 * The author's notes as plain text, undefined when there are none worth keeping.
 *
 * @param {import('./xml.mjs').Element} root
 */
export function projectNotes(root) {
  const [page] = walk(root, 'projectnotes')
  const text = page ? plainText(page.text) : ''
  return text.length >= SHORTEST_NOTE ? text : undefined
}

/** @param {string} html */
export function plainText(html) {
  return html
    .replace(/<(style|head|script)\b[^]*?<\/\1>/gi, ' ')
    .replace(/<[^<>]*>/g, ' ')
    .replace(/&(#?)(\w+);/g, (whole, isNumber, name) => (isNumber ? character(name) : ENTITIES[/** @type {keyof typeof ENTITIES} */ (name)]) ?? whole)
    .replace(/\s+/g, ' ')
    .trim()
}

/** @param {string} reference the part after `&#` @returns {string | undefined} */
function character(reference) {
  const code = Number(reference.replace(/^x/i, '0x'))
  const isScalar = Number.isInteger(code) && code >= 32 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
  return isScalar ? String.fromCodePoint(code) : undefined
}
