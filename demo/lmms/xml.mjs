/**
 * XML as a tree of plain objects, and the four ways the converter walks it. The reading itself is `sax`'s (strict);
 * what it does not bound, depth and number of parts, is bounded here. Text is kept, as LMMS hides project notes in it.
 */
import sax from 'sax'
import { UnusableFile } from './read.mjs'

/**
 * @typedef {object} Element
 * @property {string} name
 * @property {Record<string, string>} attributes without prototype, so that no file can name its way into one
 * @property {Element[]} children
 * @property {string} text of this element alone
 */

/** Elements inside elements. LMMS nests about 15 deep. */
export const MAX_DEPTH = 200
/** Elements and attributes together. The largest project that ships with LMMS has about 170,000. */
export const MAX_PARTS = 2_000_000

/** References to control characters, which XML forbids and old LMMS versions wrote. */
const FORBIDDEN_REFERENCE = /&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2\d|3[01]));/gi
const FORBIDDEN_CHARACTER = /[\x00-\x08\x0b\x0c\x0e-\x1f]/g

/**
 * @param {string} text
 * @returns {Element} the root element
 * @throws {UnusableFile} not well-formed, or deeper or larger than the limits above
 */
export function parseXml(text) {
  const { parser, root } = treeBuilder()
  try {
    parser.write(text.replace(FORBIDDEN_REFERENCE, '').replace(FORBIDDEN_CHARACTER, '')).close()
  } catch (error) {
    if (error instanceof UnusableFile) throw error
    throw new UnusableFile(`not well-formed XML: ${firstLine(error)}`, { cause: error })
  }
  return root() ?? fail('no element in it')
}

function treeBuilder() {
  const parser = sax.parser(true)
  /** @type {Element[]} */ const open = []
  /** @type {Element | undefined} */ let root
  let parts = 0
  const count = () => (++parts > MAX_PARTS ? fail(`more than ${MAX_PARTS} XML elements and attributes`) : undefined)
  parser.onerror = (error) => { throw error }
  parser.onattribute = count
  parser.onopentag = (tag) => {
    count()
    if (open.length >= MAX_DEPTH) fail(`XML nested more than ${MAX_DEPTH} deep`)
    const attributes = Object.assign(Object.create(null), tag.attributes)
    const element = { name: tag.name, attributes, children: [], text: '' }
    open.at(-1)?.children.push(element)
    root ??= element
    open.push(element)
  }
  parser.onclosetag = () => { open.pop() }
  parser.ontext = parser.oncdata = (text) => {
    const element = open.at(-1)
    if (element) element.text += text
  }
  return { parser, root: () => root }
}

/** @param {string} reason @returns {never} */
function fail(reason) {
  throw new UnusableFile(reason)
}

/** @param {unknown} error */
function firstLine(error) {
  return String(error instanceof Error ? error.message : error).split('\n')[0]
}

/** The first child of that name. @param {Element | undefined} element @param {string} name */
export function find(element, name) {
  return element?.children.find((child) => child.name === name)
}

/** The children of one of these names: all of the first name, then all of the second. @param {Element | undefined} element @param {...string} names */
export function findAll(element, ...names) {
  return names.flatMap((name) => element?.children.filter((child) => child.name === name) ?? [])
}

/**
 * Every element of that name at any depth, the given one included, in the order of the file.
 *
 * @param {Element} element @param {string} name
 * @returns {Generator<Element>}
 */
export function* walk(element, name) {
  const waiting = [element]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (next.name === name) yield next
    for (let i = next.children.length - 1; i >= 0; i--) waiting.push(next.children[i])
  }
}

/**
 * A number LMMS keeps as an attribute or, for a knob that is automated or linked, as a child element with a `value`.
 *
 * @param {Element | undefined} element @param {string} name @param {number} [otherwise] absent or not a number
 */
export function number(element, name, otherwise = 0) {
  const written = element?.attributes[name] ?? find(element, name)?.attributes.value
  const value = written === undefined || written.trim() === '' ? NaN : Number(written)
  return Number.isFinite(value) ? value : otherwise
}
