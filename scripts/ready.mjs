// What a change must pass: format, lints, then every test.
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const STEPS = [
  ['cargo', ['fmt', '--all', '--check']],
  ['cargo', ['clippy', '--workspace', '--all-targets', '--release', '--locked', '--', '--deny', 'warnings']],
  ['npm', ['test']],
]

for (const [command, args] of STEPS) {
  console.error(`› ${command} ${args.join(' ')}`)
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
  if (done.status !== 0) process.exit(done.status ?? 1)
}
