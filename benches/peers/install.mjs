/** Puts the peers into `node_modules` here, without their download scripts; two of them are compiled. */
import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = dirname(fileURLToPath(import.meta.url))
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

/** Those that come as source; Node's headers lie beside Node itself. */
const COMPILED = {
  'hnswlib-node': 'build/Release/addon.node',
  'better-sqlite3': 'build/Release/better_sqlite3.node'
}

/** Installs and compiles what is missing. A peer that cannot be compiled is told by its engine later. */
export function installPeers() {
  const lock = join(HERE, 'package-lock.json')
  const installed = join(HERE, 'node_modules/.package-lock.json')
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
    // Not `ci`: it refuses a lock without the packages of other platforms, which a registry need not carry.
    run('installing the peers (0.7 GB)', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'])
  }
  const missing = Object.entries(COMPILED).filter(([name, file]) => !existsSync(join(HERE, 'node_modules', name, file)))
  if (missing.length > 0) compile(missing.map(([name]) => name))
}

/** @param {string[]} names */
function compile(names) {
  const prefix = dirname(dirname(process.execPath))
  try {
    run(`compiling ${names.join(' and ')} (a few minutes)`, ['rebuild', ...names, '--ignore-scripts=false', '--build-from-source', `--nodedir=${prefix}`])
  } catch (err) {
    console.error(`they stay out: ${err instanceof Error ? err.message : err}`)
  }
}

/** @param {string} what @param {string[]} args */
function run(what, args) {
  console.error(`› ${what}`)
  execFileSync(npm, args, { cwd: HERE, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' })
}
