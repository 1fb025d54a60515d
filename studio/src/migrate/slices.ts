// Where values lie in a JSON text, in bytes: what is handed over is the text itself, not what a parser makes of it.
import { badOption } from '../errors.js'

/** From `start` up to, not including, `end`. */
export interface Slice {
  start: number
  end: number
}

/** Part of a file, and where it begins. */
export interface Chunk {
  at: number
  bytes: Uint8Array
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a]
const isOpening = (byte: number) => byte === 0x7b || byte === 0x5b
const isClosing = (byte: number) => byte === 0x7d || byte === 0x5d
export const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/** What a byte of a JSON text means for its structure. */
class Reader {
  /** Brackets that are open. */
  depth = 0
  #inString = false
  #escaped = false

  /** Whether this byte is part of a string, its quotes included. */
  inString(byte: number): boolean {
    if (!this.#inString) return (this.#inString = byte === QUOTE)
    if (this.#escaped) this.#escaped = false
    else if (byte === BACKSLASH) this.#escaped = true
    else if (byte === QUOTE) this.#inString = false
    return true
  }
}

/** The elements of an array that comes in pieces. Throws when it ends in the middle. */
export function* elementsOf(chunks: Iterable<Chunk>): Generator<Slice> {
  const reader = new Reader()
  let start = -1
  for (const { at, bytes } of chunks) {
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!
      const isText = reader.inString(byte)
      if (!isText && isClosing(byte) && --reader.depth === 0) {
        if (start >= 0) yield { start, end: at + i }
        return
      }
      if (!isText && byte === COMMA && reader.depth === 1) {
        yield { start: Math.max(start, 0), end: at + i }
        start = -1
        continue
      }
      if (start < 0 && reader.depth === 1 && !isSpace(byte)) start = at + i
      if (!isText && isOpening(byte)) reader.depth += 1
    }
  }
  throw badOption('the list ends in the middle; export it again')
}

/** The lines that are not empty. */
export function* linesOf(chunks: Iterable<Chunk>): Generator<Slice> {
  let [start, end, isEmpty] = [-1, 0, true]
  for (const { at, bytes } of chunks) {
    if (start < 0) start = at
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] !== 0x0a) isEmpty &&= isSpace(bytes[i]!)
      else {
        if (!isEmpty) yield { start, end: at + i }
        ;[start, isEmpty] = [at + i + 1, true]
      }
    }
    end = at + bytes.length
  }
  if (!isEmpty) yield { start, end }
}

/** Where the value of a member of an object lies; null when it has none. Of several the last, as in `JSON.parse`. */
export function memberOf(bytes: Uint8Array, name: string): Slice | null {
  const reader = new Reader()
  let [key, start, end] = ['', -1, -1]
  let found: Slice | null = null
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    const isText = reader.inString(byte)
    if (!isText && isClosing(byte)) reader.depth -= 1
    const ends = !isText && (reader.depth === 0 ? isClosing(byte) : reader.depth === 1 && byte === COMMA)
    if (ends && key === name && start >= 0) found = { start, end }
    if (ends) [key, start] = ['', -1]
    else if (!isText && byte === COLON && reader.depth === 1) {
      key = JSON.parse(new TextDecoder().decode(bytes.subarray(start, end))) as string
      start = -1
    } else if (!isSpace(byte) && reader.depth > 0) {
      if (start < 0) start = i
      end = i + 1
    }
    if (!isText && isOpening(byte)) reader.depth += 1
  }
  return found
}
