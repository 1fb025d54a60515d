/**
 * What a search engine has to be able to do here.
 *
 * @typedef {object} Data
 * @property {Float32Array} vectors one after the other, of length 1
 * @property {number} dims
 * @property {number} count
 * @property {string} folder an empty one, for the engine's files
 *
 * @typedef {object} Engine
 * @property {string} name with the version
 * @property {string} note what it does in a search
 * @property {number} bytes on disk
 * @property {number[]} settings of what trades time for recall, the cheapest first
 * @property {string} knob what that is called
 * @property {(setting: number) => unknown} set
 * @property {(query: Float32Array) => number[] | Promise<number[]>} search the ten nearest rows
 * @property {number} packageBytes
 * @property {() => unknown} close
 *
 * @typedef {{ name: string, build: (data: Data) => Promise<Engine> }} Maker
 */
import { readFileSync } from 'node:fs'

export const TOP = 10

/** @param {Data} data @param {number} row @returns {Float32Array} a view */
export function vectorAt({ vectors, dims }, row) {
  return vectors.subarray(row * dims, (row + 1) * dims)
}

/** @param {string} name of a peer @returns {string} */
export function versionOf(name) {
  return JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')).version
}
