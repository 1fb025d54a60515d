import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { cleanUp, temporaryFolder } from './support/studio'

const root = join(__dirname, '..')
let project: string

/** What a studio does: the packages as tarballs, one `npm install` without scripts or a network. */
beforeAll(async () => {
  const { pack, install } = await import('../scripts/pack.mjs')
  project = join(temporaryFolder(), 'studio')
  install(await pack(), project)
}, 120_000)
afterAll(cleanUp)

/** Runs a script in the installed project, away from this checkout. */
function run(name: string, source: string): string {
  writeFileSync(join(project, name), source)
  const env = { ...process.env, NODE_OPTIONS: '', ORT_DYLIB_PATH: '' }
  return execFileSync(process.execPath, [name], { cwd: project, encoding: 'utf8', env })
}

test('the ten lines of the README work when pasted', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const [, snippet] = /```js\n([\s\S]*?)```/.exec(readme)!
  const printed = run('ten-lines.cjs', snippet!)
  expect(printed).toContain('the kick masks the bass in the chorus')
  expect(printed).toMatch(/bpm: 124/)
})

test("so do the README's other snippets, and say what it says they do", () => {
  const snippets = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```js\n([\s\S]*?)```/g)].map(([, snippet]) => snippet!)
  expect(snippets).toHaveLength(4)
  const answers = run('answers.cjs', snippets[1]!)
  for (const said of ["match: 'fresh'", "match: 'meaning'", 'One says 8 kHz, the other 6 kHz.']) expect(answers).toContain(said)
  const habits = run('habits.cjs', snippets[2]!)
  for (const said of ['typicalBPM: 140', 'Typical tempo: 140 BPM', 'You mixed to -9.0 LUFS until 12 March 2025']) expect(habits).toContain(said)
  const projects = run('projects.cjs', snippets[3]!)
  for (const said of ['Removed the reverb (mixx verb) from Lead Vox; tempo 120 → 124 BPM.', 'bpm: 120', "kind: 'project_snapshot'"]) expect(projects).toContain(said)
})

test('ONNX Runtime and the model are the ones that were installed', () => {
  const printed = run(
    'where.mjs',
    `import { PrimeMemory } from '@mixxclub/prime-memory'
     const memory = PrimeMemory.openSync({ path: 'where.db' })
     console.log(JSON.stringify(memory.stats()))
     memory.closeSync()`,
  )
  const { runtime, model } = JSON.parse(printed)
  expect(runtime.path).toContain(join('node_modules', '@mixxclub', 'prime-memory-'))
  expect(model.name).toBe('all-MiniLM-L6-v2-int8')
})

test("the Studio's drop-ins ship in both forms, with types", () => {
  const modules = ['prime-brain-cache', 'mixx-recall-context', 'prime-brain-llm', 'clara-embedding', 'clara-vector-storage', 'studio']
  const source = (load: (name: string) => string) => `
    ${modules.map((name, i) => `const m${i} = ${load(`@mixxclub/prime-memory/${name}`)}`).join('\n')}
    m5.configure({ path: 'drop-ins.db' })
    m0.setCachedResponse('how loud?', '-14 LUFS')
    console.log(m0.getCachedResponse('how loud?'), typeof m2.getPrimeBrainLLM().generateText, Object.keys(m1.getMixxRecallContext()).length)
    m5.close()`
  for (const printed of [
    run('drop-ins.cjs', source((name) => `require('${name}')`)),
    run('drop-ins.mjs', source((name) => `await import('${name}')`)),
  ]) expect(printed).toBe('-14 LUFS function 0\n')
  const shipped = execFileSync('find', ['node_modules/@mixxclub/prime-memory/studio'], { cwd: project, encoding: 'utf8' })
  for (const form of ['cjs', 'esm']) expect(shipped).toContain(`studio/dist/${form}/prime-brain-llm.d.ts`)
  expect(shipped).not.toContain('/src/')
})

test('the command line runs from where npm puts it', () => {
  const program = join(project, 'node_modules/.bin/prime-memory')
  const said = (...args: string[]) => execFileSync(program, args, { cwd: project, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } })
  writeFileSync(join(project, 'note.txt'), 'the kick masks the bass in the chorus')
  expect(said('import', 'by-hand.db', 'note.txt')).toBe('1 memory and 0 snapshots from 1 file\n')
  expect(said('search', 'by-hand.db', 'low end trouble')).toContain('the kick masks the bass')
  expect(said('report', 'by-hand.db', '--html', 'report.html')).toContain('report.html')
})

test('nothing of the checkout ships that is not needed', () => {
  const shipped = execFileSync('find', ['node_modules/@mixxclub', '-type', 'f'], { cwd: project, encoding: 'utf8' })
  expect(shipped).not.toMatch(/\.rs$|crates|demo|__test__|benches|training/m)
})
