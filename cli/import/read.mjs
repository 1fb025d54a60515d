/** Files into memories and project states. */
import { createReadStream, readFileSync, readdirSync, statSync } from 'node:fs'
import { basename, extname, join } from 'node:path'

const LINES = ['.jsonl', '.ndjson']
const TEXTS = ['.txt', '.md', '.markdown']
const KNOWN = ['.json', ...LINES, ...TEXTS]
/** Any two of these make an object a project state of the Studio. */
const STATE_FIELDS = ['tracks', 'clips', 'mixerSettings', 'inserts', 'automationData', 'pianoRollSketches', 'masterVolume']

/** @typedef {{ item?: any, state?: Uint8Array, name?: string, line?: number, error?: any }} Part */

/** The files that can be imported, in order; a file named by itself is always taken. @param {string[]} paths @returns {string[]} */
export function filesOf(paths) {
  return paths.flatMap((path) => (statSync(path).isDirectory() ? below(path) : [path]))
}

/** @param {string} folder @returns {string[]} */
function below(folder) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.name.startsWith('.')) return []
    if (entry.isDirectory()) return below(path)
    return entry.isFile() && KNOWN.includes(extname(entry.name).toLowerCase()) ? [path] : []
  })
}

/** @param {string} file @param {{ kind: string, ratio?: number }} defaults @returns {AsyncGenerator<Part>} */
export async function* partsOf(file, defaults) {
  const kind = extname(file).toLowerCase()
  if (LINES.includes(kind)) yield* lines(file, defaults)
  else if (kind === '.json') yield* document(file, defaults)
  else if (TEXTS.includes(kind)) yield { item: completed({ text: textOf(readFileSync(file)), metadata: { file: basename(file) } }, defaults) }
  else yield { error: invalid(`a file named ${extname(file) || 'without an ending'} is none of ${KNOWN.join(', ')}`) }
}

/** @param {string} file @param {{ kind: string, ratio?: number }} defaults @returns {AsyncGenerator<Part>} */
async function* lines(file, defaults) {
  let line = 0
  for await (const bytes of linesOf(file)) {
    line++
    try {
      const text = textOf(bytes)
      if (text.trim() !== '') yield { item: memoryOf(valueOf(text), defaults), line }
    } catch (error) {
      yield { error, line }
    }
  }
}

/** As bytes: what is no UTF-8 is to be found, not replaced. @param {string} file @returns {AsyncGenerator<Uint8Array>} */
async function* linesOf(file) {
  /** @type {Buffer[]} */
  let begun = []
  for await (const chunk of createReadStream(file)) {
    let from = 0
    for (let end; (end = chunk.indexOf(0x0a, from)) >= 0; from = end + 1) {
      yield Buffer.concat([...begun, chunk.subarray(from, end)])
      begun = []
    }
    begun.push(chunk.subarray(from))
  }
  yield Buffer.concat(begun)
}

/** @param {string} file @param {{ kind: string, ratio?: number }} defaults @returns {Generator<Part>} */
function* document(file, defaults) {
  const bytes = withoutMark(readFileSync(file))
  const value = valueOf(textOf(bytes))
  if (Array.isArray(value)) {
    for (const [at, one] of value.entries()) yield attempt(() => ({ item: memoryOf(one, defaults) }), `item ${at}`)
  } else if (isState(value)) {
    // The bytes themselves: they come back as they are.
    yield { state: bytes, name: typeof value.name === 'string' && value.name ? value.name : basename(file, extname(file)) }
  } else yield { item: memoryOf(value, defaults) }
}

/** Editors on Windows put it before a text; it is no part of it. */
const MARK = Buffer.from('\ufeff')

/** @param {Buffer} bytes */
export const withoutMark = (bytes) => (bytes.subarray(0, MARK.length).equals(MARK) ? bytes.subarray(MARK.length) : bytes)

/** Without the mark of UTF-8. @param {Uint8Array} bytes @returns {string} */
function textOf(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw Object.assign(new Error('it holds bytes that are no UTF-8; save it as UTF-8'), { code: 'PM_BAD_TEXT' })
  }
}

/** @param {string} json @returns {any} */
function valueOf(json) {
  if (json.trim() === '') throw Object.assign(new Error('it is empty; give a memory, a list of them, or a project state'), { code: 'PM_BAD_OPTION' })
  try {
    return JSON.parse(json)
  } catch (error) {
    throw Object.assign(new Error(`it is no whole JSON (${/** @type {Error} */ (error).message}); export it again`), { code: 'PM_BAD_OPTION' })
  }
}

/** @param {() => Part} make @param {string} where @returns {Part} */
function attempt(make, where) {
  try {
    return make()
  } catch (error) {
    return { error: invalid(`${where}: ${/** @type {Error} */ (error).message}`) }
  }
}

/** @param {any} value */
function isState(value) {
  return typeof value === 'object' && value !== null && value.kind === undefined && STATE_FIELDS.filter((field) => field in value).length >= 2
}

/** @param {any} value @param {{ kind: string, ratio?: number }} defaults */
function memoryOf(value, defaults) {
  if (typeof value === 'string') return completed({ text: value }, defaults)
  const isMemory = typeof value === 'object' && value !== null && !Array.isArray(value) && (value.text !== undefined || value.data !== undefined)
  if (isState(value)) throw invalid('a project state, which is taken from a .json file of its own only')
  if (!isMemory) throw invalid('neither a memory ({ kind, text or data }), nor a text, nor a project state')
  return completed(value, defaults)
}

/** @param {any} item @param {{ kind: string, ratio?: number }} defaults */
function completed(item, { kind, ratio }) {
  return { kind, ...(ratio !== undefined && { ratio }), ...item }
}

/** @param {string} message */
function invalid(message) {
  return Object.assign(new Error(message), { code: 'PM_BAD_OPTION' })
}
