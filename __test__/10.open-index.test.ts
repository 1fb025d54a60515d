import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { PrimeMemory } from '@mixxclub/prime-memory'
import { cleanUp, failAlike, openAt, temporaryFolder } from './support/studio'

const HOME = process.cwd()
afterEach(async () => {
  process.chdir(HOME)
  await cleanUp()
})

const note = { kind: 'note', text: 'a bass' }

describe('a file of another kind where the index would lie', () => {
  test('is neither written over nor removed, and the store works without a saved index', async () => {
    const path = join(temporaryFolder(), 'studio')
    writeFileSync(`${path}.index`, 'verse, chorus, verse')
    let memory = await openAt(path)
    const [id] = await memory.rememberMany([note, note])
    expect(memory.stats().index.origin).toMatch(/^rebuilt: .*left alone, no index is saved/)
    await memory.forget(id!)
    await memory.update((await memory.search('bass'))[0]!.id, { text: 'a deep bass' })
    await memory.close()
    memory = await openAt(path)
    expect((await memory.search('bass')).map((hit) => hit.text)).toEqual(['a deep bass'])
    expect(await memory.verify()).toMatchObject({ ok: true })
    expect(readFileSync(`${path}.index`, 'utf8')).toBe('verse, chorus, verse')
  })

  test('may be another store', async () => {
    const folder = temporaryFolder()
    for (const name of ['a.index', 'a']) {
      const memory = await openAt(join(folder, name))
      await memory.remember({ ...note, text: `in ${name}` })
      await memory.close()
    }
    const memory = await openAt(join(folder, 'a.index'))
    expect((await memory.search('bass')).map((hit) => hit.text)).toEqual(['in a.index'])
  })
})

describe('the saved index lies beside the file that SQLite writes', () => {
  test('whatever the folder of the process is by then', async () => {
    const folder = temporaryFolder()
    process.chdir(folder)
    let memory = await openAt('studio.db')
    const id = await memory.remember(note)
    await memory.close()
    const old = readFileSync(join(folder, 'studio.db.index'))
    memory = await openAt('studio.db')
    mkdirSync('elsewhere')
    process.chdir('elsewhere')
    await memory.forget(id)
    expect(existsSync(join(folder, 'studio.db.index'))).toBe(false)
    await memory.remember({ ...note, text: 'drums' })
    await memory.close()
    expect(readFileSync(join(folder, 'studio.db.index')).equals(old)).toBe(false)
    expect(readdirSync('.')).toEqual([])
  })

  const links = process.platform === 'win32' ? test.skip : test
  links('also when it is opened by a link', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'studio.db')
    mkdirSync(join(folder, 'links'))
    const link = join(folder, 'links', 'link.db')
    symlinkSync('../studio.db', link)
    let memory = await openAt(link)
    const id = await memory.remember(note)
    await memory.close()
    expect(readdirSync(folder).sort()).toEqual(['links', 'studio.db', 'studio.db.index'])
    const old = readFileSync(`${path}.index`)
    memory = await openAt(link)
    await memory.forget(id)
    await memory.close()
    expect(readFileSync(`${path}.index`).equals(old)).toBe(false)
    expect(readdirSync(join(folder, 'links'))).toEqual(['link.db'])
  })
})

test('a path that ends in a separator is refused, whether or not the file is there', async () => {
  const path = join(temporaryFolder(), 'studio.db')
  const refused = () => failAlike([() => PrimeMemory.open({ path: `${path}/` }), () => PrimeMemory.openSync({ path: `${path}/` })], 'PM_BAD_PATH', 'ends in a separator')
  await refused()
  expect(existsSync(path)).toBe(false)
  await (await openAt(path)).close()
  await refused()
})
