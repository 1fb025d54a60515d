import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { PrimeMemory } from '@mixxclub/prime-memory'
import { close, configure, Migration } from '@mixxclub/prime-memory/studio'
import { freshStudio } from './support/drop-ins'
import { hashes, installation } from './support/installation'
import { cleanUp, run, seeded, start, temporaryFolder } from './support/studio'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
  installation(folder)
})
afterEach(async () => {
  close()
  await cleanUp()
})

/** What is kept, in words that do not depend on when and in how many runs it came. */
async function kept(path: string) {
  close()
  const memory = await PrimeMemory.open({ path })
  try {
    const { snapshots, recall, cache } = memory
    const projects = snapshots.projects({}).map(({ project }) => project).sort()
    // Favourites and presets without a date are dated by the run.
    const facts = recall.facts().map(({ key, value, count }) => JSON.stringify([key, value, count])).sort()
    return {
      versions: projects.map((project) => [project, snapshots.history(project).map(({ hash, createdAt, type, branch }) => [hash, createdAt, type, branch])]),
      facts,
      history: recall.history().map(({ memory: _, ...rest }) => rest),
      vectors: (await memory.search('kick and bass', { kind: 'mixx_recall', where: { importedFrom: { exists: true } } })).length,
      answers: cache.stats({ scope: { project: 'primebrain:cache' } }).entries,
      verified: (await memory.verify()).problems,
    }
  } finally {
    await memory.close()
  }
}

/** Starts it again and again, killed after so many steps each time, until it comes to its end. */
async function killedUntilDone(path: string, what: 'run' | 'undo', random: () => number): Promise<number> {
  for (let kills = 0; ; kills++) {
    const child = start('studio-migrate.cjs', [path, folder, what])
    // Later each time, so that it comes to its end; and not always right after a step.
    const steps = 1 + kills * 3 + Math.floor(random() * 4)
    const delay = random() * 12
    let seen = 0
    child.process.stdout!.on('data', (text: Buffer) => {
      seen += text.toString().split('\n').length - 1
      if (seen >= steps) setTimeout(() => child.process.kill('SIGKILL'), delay)
    })
    const { code, stderr } = await child.ended
    // It may have been done when it was killed.
    if (code === 0 || stderr.includes('there is nothing to undo')) return kills
    if (code !== null) throw new Error(stderr)
  }
}

test('killed at any instant and run again, it is as if it had run once; the originals are untouched', async () => {
  const before = hashes(folder)
  const whole = freshStudio({ localStorage: null })
  await new Migration({ files: [folder] }).run('shadow')
  const expected = await kept(whole)
  for (const seed of [1, 2]) {
    const path = join(temporaryFolder(), 'studio.db')
    const kills = await killedUntilDone(path, 'run', seeded(seed))
    expect(kills).toBeGreaterThan(3)
    expect(await kept(path)).toEqual(expected)
    configure({ path })
    expect(new Migration().status()).toMatchObject({ state: 'open', phase: 'shadow', added: { snapshots: 13, memories: 1, observations: 5 } })
  }
  expect(hashes(folder)).toEqual(before)
}, 300_000)

test('undo after a kill, and killed itself, leaves what was there before', async () => {
  for (const seed of [4, 5]) {
    const path = freshStudio({ localStorage: null })
    const memory = await PrimeMemory.open({ path })
    await memory.recall.learn({ genre: 'Trap', bpm: 140, favourites: { vital: true }, at: 1_700_000_000_000 })
    await memory.snapshots.save('Night', '{"tracks":[],"clips":[]}', { at: 1_700_000_000_000 })
    await memory.close()
    const before = await kept(path)
    const random = seeded(seed)
    const child = start('studio-migrate.cjs', [path, folder, 'run'])
    const steps = 4 + Math.floor(random() * 16)
    for (let i = 0; i < steps; i++) await child.nextLine()
    child.process.kill('SIGKILL')
    await child.ended
    await killedUntilDone(path, 'undo', random)
    expect(await kept(path)).toEqual(before)
    configure({ path })
    expect(new Migration().status().state).toBe('undone')
  }
}, 300_000)

test('two processes at once: one of them migrates', async () => {
  const path = join(temporaryFolder(), 'studio.db')
  const both = await Promise.all([run('studio-migrate.cjs', [path, folder, 'run']), run('studio-migrate.cjs', [path, folder, 'run'])])
  const refused = both.filter(({ code }) => code !== 0)
  expect(refused.length).toBeLessThan(2)
  for (const { stderr } of refused) expect(stderr).toContain('PM_MIGRATION')
  const once = freshStudio({ localStorage: null })
  await new Migration({ files: [folder] }).run('shadow')
  expect(await kept(path)).toEqual(await kept(once))
})
