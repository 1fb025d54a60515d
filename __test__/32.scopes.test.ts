import { afterEach, expect, test } from '@jest/globals'
import type { Scope, ScopeFilter, SearchOptions } from '@mixxclub/prime-memory'
import { cleanUp, openNew, seeded } from './support/studio'

afterEach(cleanUp)

const USERS = [undefined, 'ana', 'bob', 'Ana', 'ana ', '', 'ana/p'] as const
const PROJECTS = [undefined, 'night', 'Night', '', 'ana'] as const

/** Written a second time, by hand: what may be seen. */
const mayBeSeen = (filter: ScopeFilter, scope: Scope) =>
  filter.user === scope.user && (filter.allProjects === true || filter.project === scope.project)

test('no search ever crosses a scope it was not given, whatever else is asked', async () => {
  const random = seeded(11)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const randomScope = (): Scope => JSON.parse(JSON.stringify({ user: pick(USERS), project: pick(PROJECTS) }))
  const memory = await openNew({ scope: { user: 'ana', project: 'night' } })
  const kinds = ['note', 'idea', 'cache']
  const items = Array.from({ length: 300 }, (_, i) => ({ kind: pick(kinds), text: `take ${i % 40}`, scope: randomScope(), metadata: { n: i % 10 } }))
  const ids = await memory.rememberMany(items)
  const hidden = new Map(ids.map((id, i) => [id, items[i]!]))

  for (let round = 0; round < 150; round++) {
    const scope: ScopeFilter[] = Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({ ...randomScope(), ...(random() < 0.3 && { allProjects: true }) }))
    const asked = scope.length === 1 && random() < 0.5 ? scope[0]! : scope
    const kind = random() < 0.5 ? kinds : pick(kinds)
    const where: SearchOptions['where'] = random() < 0.5 ? { n: { lt: 5 } } : {}
    const mode = pick(['hybrid', 'semantic', 'keyword'] as const)
    const hits = memory.searchSync('take 7', { scope: asked, kind, where, mode, limit: 1000 })
    const expected = items.filter((item) =>
      scope.some((one) => mayBeSeen(one, item.scope)) && kind.includes(item.kind) && (!('n' in where) || item.metadata.n < 5))
    for (const hit of hits) {
      expect(hit.scope).toEqual(hidden.get(hit.id)!.scope)
      expect(scope.some((one) => mayBeSeen(one, hit.scope))).toBe(true)
    }
    if (mode !== 'keyword') expect(hits.length).toBe(expected.length)
  }
})

test('without a scope, those of the one given to open are searched', async () => {
  const memory = await openNew({ scope: { user: 'ana' } })
  const [mine, project, theirs, nobodys] = await memory.rememberMany([
    { kind: 'note', text: 'bass' },
    { kind: 'note', text: 'bass', scope: { user: 'ana', project: 'night' } },
    { kind: 'note', text: 'bass', scope: { user: 'bob' } },
    { kind: 'note', text: 'bass', scope: {} },
  ])
  const found = async (options?: object) => (await memory.search('bass', options)).map((hit) => hit.id).sort()
  expect(await found()).toEqual([mine])
  expect(await found({ scope: undefined })).toEqual([mine])
  expect(await found({ scope: { user: 'ana', allProjects: true } })).toEqual([mine, project].sort())
  expect(await found({ scope: { allProjects: true } })).toEqual([nobodys])
  expect(await found({ scope: {} })).toEqual([nobodys])
  expect(await found({ scope: [{ user: 'ana' }, { user: 'bob' }] })).toEqual([mine, theirs].sort())
})

test('a query by id sees only what the scope may see', async () => {
  const memory = await openNew({ scope: { user: 'ana' } })
  const [, theirs] = await memory.rememberMany([{ kind: 'note', text: 'bass' }, { kind: 'note', text: 'bass', scope: { user: 'bob' } }])
  await expect(memory.search({ id: theirs! })).rejects.toMatchObject({ code: 'PM_NOT_FOUND' })
  expect(await memory.search({ id: theirs! }, { scope: { user: 'bob' } })).toEqual([])
})

test('a limit is met from the scope alone, however many others there are', async () => {
  const memory = await openNew()
  const others = Array.from({ length: 600 }, (_, i) => ({ kind: 'note', text: `kick ${i % 50}`, scope: { user: `user ${i % 30}` } }))
  const mine = Array.from({ length: 12 }, (_, i) => ({ kind: 'note', text: `invoice ${i}`, scope: { user: 'ana' } }))
  await memory.rememberMany([...others, ...mine])
  for (const mode of ['hybrid', 'semantic'] as const) {
    expect((await memory.search('kick 7', { scope: { user: 'ana' }, mode })).length).toBe(10)
  }
})
