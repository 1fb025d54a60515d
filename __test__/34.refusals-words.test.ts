import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { PrimeMemory } from '@mixxclub/prime-memory'
import { cleanUp, failAlike, failure, openNew, temporaryFolder } from './support/studio'

afterEach(cleanUp)

const note = { kind: 'note', text: 'a bass' }

test('an unknown kind lists the kinds of the scopes asked alone', async () => {
  const memory = await openNew({ scope: { user: 'ana' } })
  await memory.rememberMany([note, { kind: 'diary of bob', text: 'a bass', scope: { user: 'bob' } }])
  const search = (options: object) => failure(() => memory.search('bass', options))
  const [mine, misspelled, bobs] = [await search({ kind: 'zzz' }), await search({ kind: 'diary of bo' }), await search({ kind: 'zzz', scope: { user: 'bob' } })]
  for (const error of [mine, misspelled]) {
    expect(error).toMatchObject({ code: 'PM_UNKNOWN_KIND', message: expect.stringContaining('kinds here: note') })
    expect(error.message).not.toContain('diary of bob')
  }
  expect(bobs.message).toMatch(/kinds here: diary of bob$/)
})

test.each([[{ text: 'a' }, 'item: missing field `kind`; give a value for kind']])('an item without a kind is told what to give', async (item, says) => {
  const memory = await openNew()
  await failAlike([() => memory.remember(item as never), () => memory.rememberSync(item as never)], 'PM_BAD_OPTION', says)
})

test('a name that is null is told what to give', async () => {
  const memory = await openNew()
  const options = { mode: null } as never
  await failAlike([() => memory.search('bass', options), () => memory.searchSync('bass', options)], 'PM_BAD_OPTION', 'options.mode: no string was given; give one of its names, or leave it out')
})

test('data that have no words are said to have none, not to be empty', async () => {
  const memory = await openNew()
  const item = { kind: 'note', data: { wave: 'QUJD'.repeat(1000) } }
  await failAlike([() => memory.remember(item), () => memory.rememberSync(item)], 'PM_EMPTY_TEXT', /^the description of data, which leaves ids and encoded strings out, is empty/)
})

test.each(['hybrid', 'semantic', 'keyword'] as const)('an empty question is refused in mode %s', async (mode) => {
  const memory = await openNew()
  await memory.remember(note)
  for (const question of ['', '  ']) await failAlike([() => memory.search(question, { mode }), () => memory.searchSync(question, { mode })], 'PM_EMPTY_TEXT')
})

test('the package of the pair model is no model, and is told where it goes', async () => {
  const options = { path: join(temporaryFolder(), 'studio.db'), model: join(__dirname, '..', 'npm', 'guard-minilm-l6') }
  await failAlike([() => PrimeMemory.open(options), () => PrimeMemory.openSync(options)], 'PM_MODEL_NOT_FOUND', 'it holds a pair model, which is given as guard')
})
