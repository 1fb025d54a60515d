import { afterEach, describe, expect, test } from '@jest/globals'
import { cleanUp, failAlike, openNew } from './support/studio'

afterEach(cleanUp)

type Loose = { [method: string]: (...args: unknown[]) => any }
const note = { kind: 'note', text: 'a kick' }

describe('what JSON writes as {} is refused by name, not taken for empty', () => {
  const map = new Map([['bpm', 1]])
  test.each<[string, string, unknown[], string]>([
    ['a Map as metadata', 'remember', [{ ...note, metadata: map }], 'item.metadata: found Map'],
    ['a Map as scope', 'remember', [{ ...note, scope: new Map([['user', 'bob']]) }], 'item.scope: found Map'],
    ['a Map in data', 'remember', [{ kind: 'project_snapshot', data: { bpm: 120, inserts: map } }], 'item.data.inserts: found Map'],
    ['a Promise in data', 'remember', [{ ...note, data: { later: Promise.resolve() } }], 'item.data.later: found Promise'],
    ['an Error in data', 'remember', [{ ...note, data: [new Error('x')] }], 'item.data[0]: found Error'],
    ['a RegExp in metadata', 'remember', [{ ...note, metadata: { pattern: /x/ } }], 'item.metadata.pattern: found RegExp'],
    ['a Set in the second of several', 'rememberMany', [[note, { ...note, metadata: { tags: new Set(['x']) } }]], 'items[1].metadata.tags: found Set'],
    ['a Map as where', 'search', ['kick', { where: map }], 'options.where: found Map'],
    ['a Set in where', 'search', ['kick', { where: { bpm: { in: new Set([1]) } } }], 'options.where.bpm.in: found Set'],
    ['a Map as options', 'search', ['kick', new Map([['limit', 1]])], 'options: found Map'],
    ['a Set of ids', 'forget', [new Set(['x'])], 'ids: found Set'],
  ])('%s', async (_, method, args, says) => {
    const memory = await openNew()
    const id = await memory.remember({ ...note, metadata: { bpm: 124 } })
    const loose = memory as unknown as Loose
    await failAlike([() => loose[method]!(...args), () => loose[`${method}Sync`]!(...args)], 'PM_BAD_OPTION', says)
    expect(memory.stats().memories).toBe(1)
    expect(memory.getSync(id)).not.toBeNull()
  })

  test('but not what says itself, or is empty', async () => {
    const memory = await openNew()
    class Take {
      constructor(readonly bpm: number) {}
    }
    class Mix {
      toJSON() {
        return { lufs: -14 }
      }
    }
    const data = { at: new Date(0), take: new Take(120), mix: new Mix(), none: {}, list: [], words: 'a {} b', samples: new Float32Array([1, 2]) }
    const id = await memory.remember({ kind: 'note', data })
    expect((await memory.get(id))!.data).toEqual(JSON.parse(JSON.stringify(data)))
    expect((await memory.search('take', {})).length).toBe(1)
  })
})

test('a cached request with a Map in its context is refused, it would be the same as any other', async () => {
  const memory = await openNew()
  const request = { prompt: 'which key?', context: { project: new Map([['id', 1]]) } } as never
  await failAlike([() => memory.cache.get(request), () => memory.cache.getSync(request)], 'PM_BAD_OPTION', 'request.context.project: found Map')
})
