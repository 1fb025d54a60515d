// Makes the packages that ship, as tarballs in build/packages: the package itself, the platform
// package (addon and ONNX Runtime), the model and the guard's pair model. `--size` also installs
// them into an empty folder without a network and prints what that takes.
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Zstd } from '@hpcc-js/wasm-zstd'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const out = join(root, 'build/packages')
const PACKED_FROM = 100_000 // bytes; licences and notes stay readable
const LIBRARIES = {
  'linux-x64': ['linux/x64', 'libonnxruntime.so.1'],
  'linux-arm64': ['linux/arm64', 'libonnxruntime.so.1'],
  'darwin-arm64': ['darwin/arm64', 'libonnxruntime.1.24.1.dylib'],
  'win32-x64': ['win32/x64', 'onnxruntime.dll'],
}

const npm = (args, cwd) =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim()

/** Bytes of a file or of everything in a folder. */
function bytes(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.size
  return readdirSync(path).reduce((sum, name) => sum + bytes(join(path, name)), 0)
}

function tarball(folder) {
  return join(out, npm(['pack', '--silent', '--pack-destination', out], folder).split('\n').at(-1))
}

/** The platform package of this machine: addon, ONNX Runtime and its licence. */
function platformPackage(manifest, folder) {
  const addon = readdirSync(root).find((name) => name.endsWith('.node'))
  const platform = /^prime-memory\.(.+)\.node$/.exec(addon)[1]
  const [place, library] = LIBRARIES[`${process.platform}-${process.arch}`]
  const runtime = join(root, 'node_modules/onnxruntime-node')
  mkdirSync(folder, { recursive: true })
  copyFileSync(join(root, addon), join(folder, addon))
  copyFileSync(join(runtime, 'bin/napi-v6', place, library), join(folder, library))
  writeFileSync(
    join(folder, 'THIRD-PARTY.md'),
    `${library}: ONNX Runtime ${JSON.parse(readFileSync(join(runtime, 'package.json'))).version}, ` +
      'MIT licence, Copyright (c) Microsoft Corporation, https://github.com/microsoft/onnxruntime\n',
  )
  const name = `${manifest.name}-${platform}`
  const description = {
    name,
    version: manifest.version,
    description: `The native part of ${manifest.name} for ${platform}`,
    license: manifest.license,
    main: addon,
    files: [addon, library, 'THIRD-PARTY.md'],
    os: [process.platform],
    cpu: [process.arch],
    ...(platform.endsWith('gnu') && { libc: ['glibc'] }),
    engines: manifest.engines,
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(description, null, 2))
  return name
}

/** The package itself, with the platform packages as optional dependencies. */
function mainPackage(manifest, folder, platform) {
  for (const file of [...manifest.files, 'README.md', 'LICENSE']) {
    cpSync(join(root, file), join(folder, file), { recursive: true })
  }
  const { workspaces, scripts, devDependencies, napi, ...shipped } = manifest
  shipped.optionalDependencies = { [platform]: manifest.version }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(shipped, null, 2))
}

/** A model package with its large files packed: `model.json` names and checks what comes out of them. */
async function modelPackage(source, folder) {
  const zstd = await Zstd.load()
  cpSync(source, folder, { recursive: true })
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const pack = (name) => {
    const file = join(folder, name)
    if (statSync(file).size < PACKED_FROM) return name
    const plain = readFileSync(file)
    writeFileSync(`${file}.zst`, zstd.compress(plain, plain.length > 1e6 ? 3 : 19)) // 19 gains .1 % on weights, and takes 13 s
    rmSync(file)
    return `${name}.zst`
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, files: manifest.files.map(pack) }, null, 2))
}

/** Makes the tarballs; gives their paths, dependencies first. */
export async function pack() {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  if (!existsSync(join(root, 'studio/dist'))) execFileSync(process.execPath, [join(root, 'scripts/studio.mjs')])
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  const work = mkdtempSync(join(tmpdir(), 'prime-memory-pack-'))
  const platform = platformPackage(manifest, join(work, 'platform'))
  mainPackage(manifest, join(work, 'main'), platform)
  const models = manifest.workspaces.map((folder) => join(work, basename(folder)))
  for (const [index, folder] of models.entries()) await modelPackage(join(root, manifest.workspaces[index]), folder)
  const tarballs = [...models, join(work, 'platform'), join(work, 'main')].map(tarball)
  rmSync(work, { recursive: true })
  return tarballs
}

/** Installs the tarballs into an empty project, without scripts to run and without a network. */
export function install(tarballs, folder) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"private": true}')
  npm(['install', '--offline', '--no-audit', '--no-fund', '--silent', ...tarballs], folder)
  return join(folder, 'node_modules')
}

const MB = (count) => `${(count / 1e6).toFixed(1)} MB`

function printSizes(tarballs) {
  const folder = mkdtempSync(join(tmpdir(), 'prime-memory-install-'))
  const modules = join(install(tarballs, folder), '@mixxclub')
  for (const name of readdirSync(modules)) console.log(`${name.padEnd(34)} ${MB(bytes(join(modules, name)))}`)
  const total = bytes(join(folder, 'node_modules'))
  const binary = `${(total / 2 ** 20).toFixed(1)} MiB`
  console.log(`${'installed, one platform'.padEnd(34)} ${MB(total)}, ${binary}  (limit 80 MB: ${total <= 80e6 ? 'kept' : 'MISSED'})`)
  rmSync(folder, { recursive: true })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const tarballs = await pack()
  for (const path of tarballs) console.log(`${path.slice(root.length + 1).padEnd(70)} ${MB(bytes(path))}`)
  if (process.argv.includes('--size')) printSizes(tarballs)
}
