import { afterEach, describe, expect, test } from '@jest/globals'
import { cleanUp, failAlike, openNew } from './support/studio'

afterEach(cleanUp)

const context = (data: object, metadata?: { [name: string]: string | number }) => ({ kind: 'musical_context', data, metadata })

describe('new data', () => {
  test('leave the metadata of the caller’s own as they are, whatever the data say', async () => {
    const memory = await openNew()
    const ids = await memory.rememberMany([context({ bpm: 120, key: 'Am' }, { bpm: 60 }), context({ key: 'Am' }, { genre: 'mine' })])
    await memory.update(ids[0]!, { data: { bpm: 121, key: 'Cm' } })
    await memory.update(ids[1]!, { data: { key: 'Am', genre: 'Trap' } })
    expect((await memory.get(ids[0]!))!.metadata).toMatchObject({ bpm: 60, key: 'C minor' })
    expect((await memory.get(ids[1]!))!.metadata).toMatchObject({ genre: 'mine', key: 'A minor' })
  })

  test('keep to metadata that a change set before', async () => {
    const memory = await openNew()
    const id = await memory.remember(context({ bpm: 120 }))
    await memory.update(id, { metadata: { genre: 'mine' } })
    await memory.update(id, { data: { bpm: 90, genre: 'House' } })
    expect((await memory.get(id))!.metadata).toEqual({ bpm: 90, genre: 'mine' })
  })
})

test.each(['text', 'data', 'metadata', 'disposable', 'importance'])('a change of %s to null is refused, it would change nothing', async (field) => {
  const memory = await openNew()
  const id = await memory.remember({ kind: 'note', text: 'a bass', data: { secret: 1 } })
  const kept = () => {
    const { accessCount, accessedAt, ...rest } = memory.getSync(id)!
    return rest
  }
  const before = kept()
  const change = { [field]: null } as never
  await failAlike([() => memory.update(id, change), () => memory.updateSync(id, change)], 'PM_BAD_OPTION', `change.${field}: null was given; give a new value, or leave it out`)
  expect(kept()).toEqual(before)
})
