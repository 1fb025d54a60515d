// Compiles the Studio's drop-ins (studio/src) to CommonJS and ES modules with types, in studio/dist.
import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'studio/dist')

/** Compiles one form; the package.json beside it tells Node and bundlers which form it is. */
function compile(project, form, type) {
  const folder = join(dist, form)
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--project', join(root, 'studio', project)], {
    stdio: ['ignore', 2, 2],
  })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ type, sideEffects: false })}\n`)
  return folder
}

rmSync(dist, { recursive: true, force: true })
compile('tsconfig.cjs.json', 'cjs', 'commonjs')
const esm = compile('tsconfig.json', 'esm', 'module')
// The one file that differs: `import.meta` does not compile to CommonJS, `require` is unknown to ES modules.
for (const end of ['js', 'd.ts']) renameSync(join(esm, `store/locate.esm.${end}`), join(esm, `store/locate.${end}`))
