/** How many bytes an installed package brings, with everything it needs at run time. */
import { existsSync, lstatSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = dirname(fileURLToPath(import.meta.url))
const ROOT = join(HERE, '../..')

/** Optional extras of LanceDB: npm installs them, searching does not need them. */
const EXTRAS = new Set(['openai', '@huggingface/transformers'])

/**
 * Bytes of a package and of all it depends on, as installed on this platform.
 * @param {string} name @param {Set<string>} [without] packages that are not counted
 */
export function closureBytes(name, without = new Set()) {
  /** @type {Map<string, number>} */ const folders = new Map()
  visit(name, join(HERE, 'node_modules'), folders, without)
  return [...folders.values()].reduce((sum, bytes) => sum + bytes, 0)
}

/** LanceDB without the extras. */
export function lancedbBytes() {
  return closureBytes('@lancedb/lancedb', EXTRAS)
}

/** Our own, as one platform gets it: addon, model, and the runtime library out of onnxruntime-node. */
export function ownBytes() {
  const addon = readdirSync(ROOT).filter((file) => /^index\.(mjs|js|d\.ts)$|\.node$/.test(file)).map((file) => join(ROOT, file))
  const library = join(ROOT, 'node_modules/onnxruntime-node/bin/napi-v6', process.platform, process.arch)
  const runtime = existsSync(library) ? readdirSync(library).filter((file) => /^(lib)?onnxruntime\.(so\.1|1\.dylib|dll)$/.test(file)) : []
  return [...addon, join(ROOT, 'npm/model-minilm-l6'), ...runtime.map((file) => join(library, file))].reduce((sum, path) => sum + bytesOf(path), 0)
}

/** @param {string} name @param {string} from a node_modules folder @param {Map<string, number>} folders @param {Set<string>} without */
function visit(name, from, folders, without) {
  const folder = resolve(name, from)
  if (!folder || folders.has(folder) || without.has(name)) return
  folders.set(folder, bytesOf(folder))
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const peers = Object.keys(peerDependencies ?? {}).filter((peer) => !peerDependenciesMeta[peer]?.optional && !peer.startsWith('@types/'))
  for (const needed of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]) visit(needed, join(folder, 'node_modules'), folders, without)
}

/** As Node looks for it: beside, then above. @param {string} name @param {string} from @returns {string | undefined} */
function resolve(name, from) {
  const here = join(from, name)
  if (existsSync(join(here, 'package.json'))) return here
  const above = dirname(from)
  if (above === HERE || above === from) return undefined
  return resolve(name, above.endsWith('node_modules') ? above : join(dirname(above), above === dirname(above) ? '' : 'node_modules'))
}

/** @param {string} path @returns {number} */
export function bytesOf(path) {
  if (!existsSync(path)) return 0
  const stat = lstatSync(path)
  if (!stat.isDirectory()) return stat.size
  return readdirSync(path)
    .filter((entry) => entry !== 'node_modules')
    .reduce((sum, entry) => sum + bytesOf(join(path, entry)), 0)
}
