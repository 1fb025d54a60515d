import { afterEach, describe, expect, test } from '@jest/globals'
import type { PrimeMemory } from '@mixxclub/prime-memory'
import { cleanUp, openNew } from './support/studio'

afterEach(cleanUp)

const found = async (memory: PrimeMemory, ids: string[], where: object): Promise<number[]> =>
  (await memory.search('music', { where: where as never, limit: 100 })).map((hit) => ids.indexOf(hit.id)).sort((a, b) => a - b)

describe('a condition on a key', () => {
  const SPELLINGS = ['C minor', 'Cm', 'am', 'A#m', 'Bb minor', 'C Maj', 'CM', 'c min', 'C harmonic minor']
  const own = (name: string) => SPELLINGS.map((key) => ({ kind: 'note', text: `music in ${key}`, metadata: { [name]: name === 'keys' ? [key] : key } }))

  test('finds a caller’s own metadata by any spelling, and leaves out by any', async () => {
    const memory = await openNew()
    const ids = await memory.rememberMany(own('key'))
    for (const key of ['C minor', 'Cm', 'C-minor', 'c min']) {
      expect(await found(memory, ids, { key })).toEqual([0, 1, 7, 8])
      expect(await found(memory, ids, { key: { ne: key } })).toEqual([2, 3, 4, 5, 6])
      expect(await found(memory, ids, { key: { nin: [key, 'A minor'] } })).toEqual([3, 4, 5, 6])
    }
    for (const key of ['A#m', 'Bbm', 'B♭ minor']) expect(await found(memory, ids, { key: { in: [key, 'A minor'] } })).toEqual([2, 3, 4])
    expect(await found(memory, ids, { key: { contains: 'C major' } })).toEqual([5, 6])
    expect(await found(memory, ids, { key: { contains: 'harmonic' } })).toEqual([8])
    expect(await found(memory, ids, { key: { ne: 120 } })).toHaveLength(SPELLINGS.length)
  })

  test('finds lists of a caller’s own by any spelling', async () => {
    const memory = await openNew()
    const ids = await memory.rememberMany(own('keys'))
    for (const key of ['A#m', 'Bb minor']) expect(await found(memory, ids, { keys: { contains: key } })).toEqual([3, 4])
    expect(await found(memory, ids, { keys: { contains: 'CM' } })).toEqual([5, 6])
  })

  test('finds a key that cannot be read as it was given', async () => {
    const memory = await openNew()
    const ids = await memory.rememberMany([
      { kind: 'musical_context', data: { key: '8A', bpm: 120 } },
      { kind: 'mixx_recall', data: { category: 'keys', commonKeys: ['h-moll', 'F'] } },
    ])
    expect(await found(memory, ids, { key: '8A' })).toEqual([0])
    expect(await found(memory, ids, { keys: { contains: 'h-moll' } })).toEqual([1])
  })
})
