import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { getMixxRecallContext } from '@mixxclub/prime-memory/mixx-recall-context'
import { getCachedResponse, getCacheStats } from '@mixxclub/prime-memory/prime-brain-cache'
import { close, configure } from '@mixxclub/prime-memory/studio'
import { freshStudio, warnings } from './support/drop-ins'
import { cleanUp, run, start, temporaryFolder, until } from './support/studio'

afterEach(async () => {
  close()
  await cleanUp()
})

const said = ({ code, lines, stderr }: { code: number | null; lines: string[]; stderr: string }) => {
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(lines.join('\n'))
}

test('several worker threads on one store: nothing is lost, counted twice or warned of', async () => {
  const path = join(temporaryFolder(), 'studio.db')
  const result = said(await run('studio-workers.cjs', [path]))
  expect(result).toMatchObject({ warnings: [], found: 100, genres: ['bass', 'choir', 'drums', 'violin'] })
  expect(result.asked).toEqual(['bass', 'drums', 'violin', 'choir'].map((name) => `${name} answers ${name} asks`))
  expect(result.stats).toMatchObject({ hits: 204, misses: 4, totalCached: 104 })
  expect(result.stats.totalSaved).toBeCloseTo(200, 2)
})

test('a process killed between a set and the next get loses nothing that was kept', async () => {
  const path = freshStudio({ localStorage: null })
  const kept: number[] = []
  for (let round = 0; round < 5; round++) {
    const child = start('studio-killed.cjs', [path, String(round)])
    await until(() => child.lines.length > 3 + 4 * round)
    child.process.kill('SIGKILL')
    kept.push((await child.ended).lines.length)
  }
  for (const [round, count] of kept.entries()) {
    for (let i = 0; i < count; i++) expect(getCachedResponse(`round ${round} question ${i}`)).toBe(`round ${round} answer ${i}`)
  }
  const all = kept.reduce((sum, count) => sum + count, 0)
  expect(getCacheStats().totalCached).toBeGreaterThanOrEqual(all)
  expect(getCacheStats().totalCached).toBeLessThanOrEqual(all + kept.length)
  expect(getMixxRecallContext().typicalBPM).toBe(140)
  expect(warnings).toEqual([])
})

test('both forms of a module are one: ES modules see what CommonJS kept', async () => {
  const path = join(temporaryFolder(), 'deep', 'er', 'studio.db')
  const expected = { shared: '-14 LUFS', same: true, recall: {}, model: 'all-MiniLM-L6-v2-int8', stored: 0 }
  expect(said(await run('studio-both-forms.mjs', [path]))).toEqual(expected)
})

test('with nothing configured they work at once, on the documented path', async () => {
  const home = temporaryFolder()
  const env = { HOME: home, XDG_DATA_HOME: '', APPDATA: join(home, 'AppData'), PRIME_MEMORY_PATH: '' }
  expect(said(await run('studio-both-forms.mjs', [], { ...env, XDG_DATA_HOME: join(home, 'data') }))).toMatchObject({ shared: '-14 LUFS' })
  const found = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('studio.db'))
  expect(found).toEqual([expect.stringMatching(/mixxclub.prime-memory.studio\.db$/)])
})

test('a browser tab: localStorage serves exact matches, and says so once', async () => {
  const result = said(await run('studio-tab.mjs'))
  expect(result).toEqual({
    exact: '-14 LUFS',
    nearly: null,
    told: true,
    first: 'answer 1',
    replayed: 'answer 1',
    stats: { hits: 2, misses: 2, totalCached: 2, totalSaved: 0 },
    keys: ['mixxclub:project-history', 'primebrain:cache:<hash>', 'primebrain:cache:<hash>', 'primebrain:cache:stats'],
    warnings: [expect.stringMatching(/no Node here.*localStorage serves instead, exact matches only/)],
  })
})

test('what a browser loads imports nothing of Node', () => {
  const folder = join(__dirname, '..', 'studio', 'dist', 'esm')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))
  expect(files.length).toBeGreaterThan(20)
  for (const name of files) {
    const source = readFileSync(join(folder, name), 'utf8')
    const imports = [...source.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, from]) => from)
    expect([name, imports.filter((from) => !from!.startsWith('.') && from !== '@google/genai')]).toEqual([name, []])
    expect([name, /\b(Buffer|__dirname|require\()/.test(source)]).toEqual([name, false])
  }
})

test('configure without arguments that matter keeps the memory open', () => {
  freshStudio({ localStorage: null })
  getCachedResponse('x')
  configure({ timeoutMs: 1_000 })
  expect(getCacheStats().misses).toBe(1)
})
