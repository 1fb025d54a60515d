// Files of an installation: downloaded projects, dumps of the autosave database and of `localStorage`, told apart by what is in them.
import { fileSystem, paths } from '../store/node.js'
import { isRecord } from '../store/web-storage.js'
import { STUDIO_KEYS } from './import.js'
import { reason } from './report.js'
import { elementsOf, isSpace, linesOf, memberOf, type Chunk, type Slice } from './slices.js'
import { isState, lookInto, parse, timeOf, type FoundState } from './states.js'

/** What was found in files. */
export interface Findings {
  state(found: FoundState): void
  /** A dump of `localStorage`. */
  keys(dump: { [key: string]: unknown }, label: string): void
  /** Something that cannot be read, and why. */
  broken(family: 'autosaves' | 'downloads' | 'files', why: string): void
  /** Something worth saying that is no fault. */
  note(text: string): void
  /** Before each file. */
  reading(file: string, bytes: number): void
}

/** The memory takes no longer state. */
const LONGEST_BYTES = 256 * 2 ** 20
const CHUNK_BYTES = 2 ** 20
/** The object store of the autosaves. */
export const AUTOSAVE_STORE = 'project-states'

/** The JSON files in files and folders, in order, hidden ones left out; a file named by itself is always taken. */
export function jsonFiles(given: string[]): string[] {
  const fs = fileSystem()
  return given.flatMap((path) => (fs.statSync(path).isDirectory() ? below(path) : [path]))
}

function below(folder: string): string[] {
  const entries = fileSystem().readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = paths().join(folder, entry.name)
    if (entry.name.startsWith('.')) return []
    if (entry.isDirectory()) return below(path)
    return entry.isFile() && /\.(json|jsonl|ndjson)$/i.test(entry.name) ? [path] : []
  })
}

/** Looks through a file; what is wrong with it is told, never thrown. */
export function lookThrough(path: string, findings: Findings): void {
  const size = fileSystem().statSync(path).size
  const name = paths().basename(path)
  findings.reading(path, size)
  const begin = beginOf(path)
  if (/\.(jsonl|ndjson)$/i.test(path)) records(path, name, linesOf(chunksOf(path, begin)), findings)
  else if (firstByte(path, begin) === 0x5b) records(path, name, elementsOf(chunksOf(path, begin)), findings)
  else if (size > LONGEST_BYTES) findings.broken('files', `${name}: ${size} bytes are more than a state may have, 256 MiB`)
  else document(path, name, begin, findings)
}

function document(path: string, name: string, begin: number, findings: Findings): void {
  const bytes = fileSystem().readFileSync(path).subarray(begin)
  let value: unknown
  try {
    value = parse(bytes)
  } catch (error) {
    return findings.broken(downloadedAt(name) === null ? 'files' : 'downloads', `${name}: ${reason(error)}`)
  }
  const inFile = ({ start, end }: Slice): Slice => ({ start: begin + start, end: begin + end })
  if (isRecord(value) && Array.isArray(value[AUTOSAVE_STORE])) inside(path, name, inFile(memberOf(bytes, AUTOSAVE_STORE)!), findings)
  else if (isRecord(value) && 'timestamp' in value && 'state' in value) records(path, name, [inFile({ start: 0, end: bytes.length })], findings)
  else if (isState(value) || downloadedAt(name) !== null) download(path, name, { at: begin, bytes }, findings)
  else if (isRecord(value) && Object.keys(value).some((key) => STUDIO_KEYS.some((known) => key.startsWith(known)))) findings.keys(value, name)
  else findings.broken('files', `${name}: neither a project, nor autosaves, nor a dump of localStorage`)
}

/** Editors on Windows put the mark of UTF-8 before a text; it is no part of it. */
const MARK = [0xef, 0xbb, 0xbf]

/** Where the text of a file begins. */
function beginOf(path: string): number {
  const first = readSlice(path, { start: 0, end: MARK.length })
  return MARK.every((byte, i) => first[i] === byte) ? MARK.length : 0
}

function inside(path: string, name: string, { start, end }: Slice, findings: Findings): void {
  const elements = elementsOf([{ at: start, bytes: readSlice(path, { start, end }) }])
  records(path, name, elements, findings)
}

function download(path: string, name: string, { at: begin, bytes }: Chunk, findings: Findings): void {
  let at = downloadedAt(name)
  if (at === null) {
    at = Math.floor(fileSystem().statSync(path).mtimeMs)
    findings.note(`${name}: its name holds no date; it is dated by the file, ${new Date(at).toISOString()}`)
  }
  try {
    findings.state({ family: 'downloads', label: name, at, ...lookInto(bytes), read: () => fileSystem().readFileSync(path).subarray(begin) })
  } catch (error) {
    findings.broken('downloads', `${name}: ${reason(error)}`)
  }
}

/** Records of the autosave database: `{ timestamp, state, version }`. */
function records(path: string, name: string, slices: Iterable<Slice>, findings: Findings): void {
  let number = 0
  try {
    for (const slice of slices) {
      number += 1
      record(path, `${name}, record ${number}`, slice, findings)
    }
  } catch (error) {
    findings.broken('autosaves', `${name}, after record ${number}: ${reason(error)}`)
  }
}

function record(path: string, label: string, slice: Slice, findings: Findings): void {
  try {
    const bytes = readSlice(path, slice)
    const value = parse(bytes)
    const at = isRecord(value) ? timeOf(value.timestamp) : null
    const state = at === null ? null : memberOf(bytes, 'state')
    if (at === null) findings.broken('autosaves', `${label}: no time`)
    else if (!state) findings.broken('autosaves', `${label}: no state`)
    else {
      const place = { start: slice.start + state.start, end: slice.start + state.end }
      const text = bytes.subarray(state.start, state.end)
      findings.state({ family: 'autosaves', label, at, ...lookInto(text), read: () => readSlice(path, place) })
    }
  } catch (error) {
    findings.broken('autosaves', `${label}: ${reason(error)}`)
  }
}

/** When a downloaded project was saved, by its name (`flow-project-2025-03-31T14_02_11.123Z.json`); null for other names. */
export function downloadedAt(name: string): number | null {
  const found = /^flow-project-(\d{4}-\d\d-\d\d)T(\d\d)[:_-](\d\d)[:_-](\d\d)(?:[.,:_-](\d{1,3}))?/.exec(name)
  if (!found) return null
  const [, day, hours, minutes, seconds, fraction = '0'] = found
  return timeOf(`${day}T${hours}:${minutes}:${seconds}.${fraction.padEnd(3, '0')}Z`)
}

function firstByte(path: string, begin: number): number | undefined {
  for (const { bytes } of chunksOf(path, begin)) {
    const first = bytes.find((byte) => !isSpace(byte))
    if (first !== undefined) return first
  }
  return undefined
}

function* chunksOf(path: string, begin: number): Generator<Chunk> {
  const fs = fileSystem()
  const file = fs.openSync(path, 'r')
  try {
    for (let at = begin; ; ) {
      const bytes = new Uint8Array(CHUNK_BYTES)
      const read = fs.readSync(file, bytes, 0, CHUNK_BYTES, at)
      if (read === 0) return
      yield { at, bytes: bytes.subarray(0, read) }
      at += read
    }
  } finally {
    fs.closeSync(file)
  }
}

function readSlice(path: string, { start, end }: Slice): Uint8Array {
  const fs = fileSystem()
  const file = fs.openSync(path, 'r')
  try {
    const bytes = new Uint8Array(end - start)
    let done = 0
    while (done < bytes.length) {
      const read = fs.readSync(file, bytes, done, bytes.length - done, start + done)
      if (read === 0) break
      done += read
    }
    return bytes.subarray(0, done)
  } finally {
    fs.closeSync(file)
  }
}
