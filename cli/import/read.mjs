/** Files into memories and project states. */
import { createReadStream, readFileSync, readdirSync, statSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { createInterface } from 'node:readline'

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
  else if (TEXTS.includes(kind)) yield { item: completed({ text: readFileSync(file, 'utf8'), metadata: { file: basename(file) } }, defaults) }
  else yield { error: invalid(`a file named ${extname(file) || 'without an ending'} is none of ${KNOWN.join(', ')}`) }
}

/** @param {string} file @param {{ kind: string, ratio?: number }} defaults @returns {AsyncGenerator<Part>} */
async function* lines(file, defaults) {
  let line = 0
  for await (const text of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })) {
    line++
    if (text.trim() === '') continue
    try {
      yield { item: memoryOf(JSON.parse(text), defaults), line }
    } catch (error) {
      yield { error, line }
    }
  }
}

/** @param {string} file @param {{ kind: string, ratio?: number }} defaults @returns {Generator<Part>} */
function* document(file, defaults) {
  const bytes = readFileSync(file)
  const value = JSON.parse(bytes.toString('utf8'))
  if (Array.isArray(value)) {
    for (const [at, one] of value.entries()) yield attempt(() => ({ item: memoryOf(one, defaults) }), `item ${at}`)
  } else if (isState(value)) {
    // The bytes themselves: they come back as they are.
    yield { state: bytes, name: typeof value.name === 'string' && value.name ? value.name : basename(file, extname(file)) }
  } else yield { item: memoryOf(value, defaults) }
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
  if (!isMemory) throw invalid('neither a memory ({ kind, text or data }), nor a text, nor a project state')
  return completed(value, defaults)
}

/** @param {any} item @param {{ kind: string, ratio?: number }} defaults */
function completed(item, { kind, ratio }) {
  return { kind, ...(ratio !== undefined && { ratio }), ...item }
}

/** @param {string} message */
function invalid(message) {
  return Object.assign(new Error(message), { code: 'INVALID' })
}
