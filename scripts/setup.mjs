// Everything a fresh checkout needs before it can run: packages, then the addon, then the Studio's
// drop-ins. Does nothing when all are up to date.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

/** The newest change in a file or folder, in milliseconds. */
function newest(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))))
}

function run(what, command, args) {
  console.error(`› ${what}`)
  execFileSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
}

function packagesAreCurrent() {
  const installed = join(root, 'node_modules/.package-lock.json')
  return existsSync(installed) && newest(installed) >= newest(join(root, 'package-lock.json'))
}

function addonIsCurrent() {
  const addon = readdirSync(root).find((name) => name.endsWith('.node'))
  if (!addon || !existsSync(join(root, 'index.js'))) return false
  const sources = ['crates/core/src', 'crates/node', 'Cargo.toml', 'Cargo.lock', 'crates/core/Cargo.toml']
  const built = newest(join(root, addon))
  return sources.every((source) => newest(join(root, source)) <= built)
}

function studioIsCurrent() {
  const built = join(root, 'studio/dist/esm/store/locate.js') // written last
  if (!existsSync(built)) return false
  const sources = ['studio/src', 'studio/tsconfig.json', 'studio/tsconfig.cjs.json', 'scripts/studio.mjs', 'index.d.ts']
  return sources.every((source) => newest(join(root, source)) <= statSync(built).ctimeMs)
}

function haveCargo() {
  try {
    execFileSync('cargo', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

if (!packagesAreCurrent()) run('installing packages (npm ci)', npm, ['ci', '--no-audit', '--no-fund'])
if (!addonIsCurrent()) {
  if (!haveCargo()) {
    console.error('The addon is built from Rust: install Rust 1.92 or newer (rustup), then run this again.')
    process.exit(1)
  }
  run('building the addon (a few minutes the first time)', npm, ['run', '--silent', 'build'])
}
if (!studioIsCurrent()) run('compiling the drop-ins for the Studio', npm, ['run', '--silent', 'build:studio'])
