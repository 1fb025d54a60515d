/**
 * From the bytes of an LMMS file to its XML text. A `.mmp` file is plain XML; a `.mmpz` file is what Qt's `qCompress`
 * writes: the length of the text as four bytes, big-endian, then a zlib stream. Nothing in either is believed unchecked.
 */
import { constants, inflateSync } from 'node:zlib'

/** Longest XML we unpack, in bytes. The largest project that ships with LMMS has 1.1 MB. */
export const MAX_XML_BYTES = 32 * 1024 * 1024

const LENGTH_BYTES = 4
const SMALLEST_ZLIB_STREAM = 8

/** A file we cannot use. The message says why, in words for the person who owns the file. */
export class UnusableFile extends Error {
  /** @param {string} reason @param {ErrorOptions} [options] */
  constructor(reason, options) {
    super(reason, options)
    this.name = 'UnusableFile'
  }
}

/**
 * The XML text of a `.mmp` or `.mmpz` file, told apart by their first byte and not by their name.
 *
 * @param {Uint8Array} bytes
 * @returns {string}
 * @throws {UnusableFile} empty, truncated, damaged, of another length than it declares, or longer than {@link MAX_XML_BYTES}
 */
export function unpack(bytes) {
  if (bytes.length === 0) throw new UnusableFile('the file is empty')
  const xml = looksLikeXml(bytes) ? checkedLength(bytes) : inflate(bytes)
  return new TextDecoder('utf-8').decode(xml)
}

/** @param {Uint8Array} bytes */
function looksLikeXml(bytes) {
  const afterBom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  return bytes[afterBom] === 0x3c // '<'
}

/** @param {Uint8Array} xml */
function checkedLength(xml) {
  if (xml.length > MAX_XML_BYTES) throw tooLong(xml.length)
  return xml
}

/** @param {Uint8Array} bytes */
function inflate(bytes) {
  if (bytes.length < LENGTH_BYTES + SMALLEST_ZLIB_STREAM) throw new UnusableFile('neither XML nor a compressed LMMS project')
  const declared = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, false)
  const stream = bytes.subarray(LENGTH_BYTES)
  if (!isZlib(stream)) throw new UnusableFile('neither XML nor a compressed LMMS project')
  if (declared === 0) throw new UnusableFile('it declares a length of 0 bytes')
  if (declared > MAX_XML_BYTES) throw tooLong(declared)
  const xml = inflateAtMost(stream, declared)
  if (xml.length !== declared) throw new UnusableFile(`it declares ${declared} bytes of XML and holds ${xml.length}`)
  return xml
}

/** The zlib header: deflate, and a check that makes the first two bytes a multiple of 31. @param {Uint8Array} stream */
function isZlib(stream) {
  return (stream[0] & 0x0f) === 8 && ((stream[0] << 8) | stream[1]) % 31 === 0
}

/** @param {Uint8Array} stream @param {number} limit in bytes: a bomb is stopped here, not after it went off */
function inflateAtMost(stream, limit) {
  try {
    return inflateSync(stream, { maxOutputLength: limit, finishFlush: constants.Z_FINISH })
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new UnusableFile(`it holds more than the ${limit} bytes of XML it declares`)
    if (code === 'Z_BUF_ERROR') throw new UnusableFile('the file ends too early (truncated)')
    throw new UnusableFile('its compressed data are damaged', { cause: error })
  }
}

/** @param {number} length in bytes */
function tooLong(length) {
  return new UnusableFile(`${length} bytes of XML, more than the ${MAX_XML_BYTES} this demo reads`)
}
