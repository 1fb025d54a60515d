// All tests: the Rust core (cargo-nextest where it is installed), its documentation examples, the
// types, then Jest through the public package. Arguments go to Jest.
import { execFileSync, spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

function run(command, args, env = {}) {
  console.error(`› ${command} ${args.join(' ')}`)
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, ...env },
  })
  if (done.status !== 0) process.exit(done.status ?? 1)
}

// The addon was built for this target by name; naming it here too shares one set of dependencies.
const host = /host: (\S+)/.exec(execFileSync('rustc', ['-vV'], { encoding: 'utf8' }))[1]
const where = ['--release', '--locked', '--target', host]
const haveNextest = spawnSync('cargo', ['nextest', '--version']).status === 0

if (haveNextest) run('cargo', ['nextest', 'run', '--workspace', ...where])
else run('cargo', ['test', '--workspace', '--lib', '--tests', ...where])
run('cargo', ['test', '--doc', '--workspace', ...where])
for (const project of ['__test__/tsconfig.json', '__test__/browser/tsconfig.json']) run('npx', ['tsc', '--project', project])
run('npx', ['jest', ...process.argv.slice(2)], {
  NODE_OPTIONS: '--experimental-vm-modules --no-warnings',
})
