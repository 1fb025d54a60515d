// Builds the retrieval sets: downloads Debian packages without installing them, parses them,
// and writes `.data/<set>.jsonl`, one `{"id","query","passage"}` a line.
//
//   node benches/retrieval/fetch.mjs            # whatever is missing
//   node benches/retrieval/fetch.mjs --force    # everything again, from a fresh download

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { lilypond } from './lilypond.mjs'
import { perlfaq } from './perlfaq.mjs'

/**
 * Where a set comes from. `pairs` reads the unpacked package; `count` is what the version named in the
 * README gives.
 * @typedef {{ query: string, passage: string }} Pair
 * @typedef {{ name: string, debianPackage: string, count: number, pairs: (root: string) => Pair[] }} Source
 */

const DATA = join(dirname(fileURLToPath(import.meta.url)), '.data')

/** @type {Source[]} */
export const SOURCES = [perlfaq, lilypond]

/** The file a set is written to, whether or not it is there yet. */
export function setPath(name) {
  return join(DATA, `${name}.jsonl`)
}

/**
 * Writes every missing set and returns their paths. A set is written whole or not at all.
 * @param {{ force?: boolean }} [options] `force`: also the sets that are there already
 */
export function fetchSets({ force = false } = {}) {
  mkdirSync(DATA, { recursive: true })
  for (const source of SOURCES) {
    if (force || !existsSync(setPath(source.name))) writeSet(source)
  }
  return SOURCES.map((source) => setPath(source.name))
}

/** @param {Source} source */
function writeSet(source) {
  const work = mkdtempSync(join(DATA, `${source.name}-`))
  try {
    const pairs = source.pairs(unpack(source.debianPackage, work)).filter(isFair)
    checkCount(source, pairs.length)
    const lines = pairs.map((pair, i) => JSON.stringify({ id: `${source.name}-${i + 1}`, ...pair }) + '\n')
    const partial = join(work, 'set.jsonl')
    writeFileSync(partial, lines.join(''))
    renameSync(partial, setPath(source.name))
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Not a mere pointer elsewhere ("See CPAN Ports"), and no copy of its own heading. */
function isFair({ query, passage }) {
  const heading = query.toLowerCase().replace(/\?$/, '')
  return heading !== '' && passage.length >= 60 && !passage.toLowerCase().includes(heading)
}

/** Downloads a Debian package into `work` and returns the folder it was unpacked to. */
function unpack(debianPackage, work) {
  // As root, apt would hand the download to a user that may not write here: one warning a package.
  runTool('apt-get', ['-q', '-o', 'APT::Sandbox::User=root', 'download', debianPackage], work,
    'if the package is not found, run "apt-get update" first')
  const archive = readdirSync(work).find((file) => file.endsWith('.deb'))
  if (!archive) throw new Error(`apt-get download ${debianPackage} left no .deb file in ${work}`)
  const root = join(work, 'root')
  runTool('dpkg', ['-x', archive, root], work, 'is the disk full?')
  return root
}

function runTool(tool, args, cwd, advice) {
  try {
    execFileSync(tool, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (err) {
    if (err.code === 'ENOENT') {
      throw new Error(`"${tool}" is needed to build the retrieval sets and was not found: run this on Debian or Ubuntu`)
    }
    throw new Error(`${tool} ${args.join(' ')} failed (${advice}):\n${err.stderr ?? err.message}`)
  }
}

/** A new package version may drop a few pairs; a tenth of them gone means that its layout has changed. */
function checkCount({ name, debianPackage, count }, found) {
  if (found < count * 0.9) {
    throw new Error(`${name}: ${found} pairs in ${debianPackage}, about ${count} expected: its layout has changed`)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    for (const path of fetchSets({ force: process.argv.includes('--force') })) console.log(path)
  } catch (err) {
    console.error(err.message)
    process.exitCode = 1
  }
}
