/** A project of the user's, whatever file it came from: an LMMS song or a project state saved by the Studio. */
import { readFile, stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { convert } from './lmms/convert.mjs'
import { projectNotes } from './lmms/notes.mjs'
import { UnusableFile, unpack } from './lmms/read.mjs'
import { parseXml } from './lmms/xml.mjs'

/**
 * The Studio's project state, as far as this demo looks into it.
 *
 * @typedef {object} ProjectState
 * @property {string} name
 * @property {number} bpm
 * @property {string} [timeSignature]
 * @property {number} [masterVolume] 1 = unchanged
 * @property {{ id: string, trackName: string, trackColor: string, waveformType: string, group: string, role: string, locked?: boolean }[]} tracks
 * @property {{ id: string, trackId: string, name: string, start: number, duration: number, muted: boolean, noteCount?: number }[]} clips
 * @property {Record<string, { volume: number, pan: number, isMuted: boolean }>} mixerSettings by track id
 * @property {Record<string, string[]>} inserts effect names by track id
 * @property {Record<string, Record<string, boolean>>} fxBypassState
 * @property {Record<string, object[]>} automationData
 * @property {Record<string, Note[]>} pianoRollSketches by track id
 * @property {{ genre?: string, mood?: string }} musicalContext
 * @property {object[]} ingestHistoryEntries
 * @property {object} audioBuffers
 *
 * @typedef {{ id?: string, pitch: number, start: number, duration: number, velocity?: number }} Note
 * @typedef {{ name: string, file: string, state: ProjectState, notes?: string }} Project `notes`: what the author wrote about it
 */

/** File name endings the demo knows. */
export const ENDINGS = ['.mmp', '.mmpz', '.json']

/** Larger files are refused unread. Studio saves with audio inside reach tens of megabytes. */
const MAX_FILE_BYTES = 256 * 1024 * 1024

/**
 * @param {string} file
 * @returns {Promise<Project>}
 * @throws {UnusableFile} with a reason the file's owner understands
 */
export async function loadProject(file) {
  const ending = extname(file).toLowerCase()
  if (!ENDINGS.includes(ending)) throw new UnusableFile(`its name does not end in ${ENDINGS.join(', ')}`)
  const bytes = await readBounded(file)
  const name = basename(file, extname(file))
  return { file, ...(ending === '.json' ? fromJson(bytes, name) : fromLmms(bytes, name)) }
}

/** @param {string} file */
async function readBounded(file) {
  try {
    const { size } = await stat(file)
    if (size > MAX_FILE_BYTES) throw new UnusableFile(`${size} bytes, more than the ${MAX_FILE_BYTES} this demo reads`)
    return await readFile(file)
  } catch (error) {
    if (error instanceof UnusableFile) throw error
    throw new UnusableFile(`cannot be read (${/** @type {NodeJS.ErrnoException} */ (error).code})`, { cause: error })
  }
}

/** @param {Uint8Array} bytes @param {string} name */
export function fromLmms(bytes, name) {
  const root = parseXml(unpack(bytes))
  return { name, state: convert(root, name), notes: projectNotes(root) }
}

/** @param {Uint8Array} bytes @param {string} fallbackName when the state has none */
export function fromJson(bytes, fallbackName) {
  const state = parseState(new TextDecoder().decode(bytes))
  const name = typeof state.name === 'string' && state.name.trim() !== '' ? state.name.trim() : fallbackName
  // Audio is base64 of samples: nothing in it that words could find, and megabytes of it.
  return { name, state: { ...state, name, audioBuffers: {} } }
}

/** @param {string} text @returns {ProjectState} */
function parseState(text) {
  const state = parseJson(text)
  if (!Array.isArray(state?.tracks)) throw new UnusableFile('JSON, but not a project state of the Studio: it has no "tracks"')
  if (state.tracks.length === 0) throw new UnusableFile('a project state without tracks')
  return state
}

/** @param {string} text */
function parseJson(text) {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UnusableFile(`not JSON: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
}
