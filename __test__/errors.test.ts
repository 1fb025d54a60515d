import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { PrimeMemory } from '@mixxclub/prime-memory'
import { cleanUp, failure, openNew } from './support/studio'

afterEach(cleanUp)

const ROOT = join(__dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const codesIn = (text: string) => [...new Set(text.match(/\bPM_[A-Z0-9_]+\b/g))].sort()

test('every code that is thrown is explained in docs/errors.md, and no other', () => {
  // Only the match that gives out codes: doc comments may mention anything.
  const thrown = codesIn(/fn code\(&self\)[^]*?\n {4}\}/.exec(read('crates/core/src/error.rs'))![0])
  expect(thrown.length).toBeGreaterThan(25)
  expect(codesIn(read('docs/errors.md'))).toEqual(thrown)
})

test.each(['crates/node/types.d.ts', 'crates/core/src/error.rs', 'docs/architecture.md'])('%s mentions no other', (path) => {
  const explained = codesIn(read('docs/errors.md'))
  expect(codesIn(read(path)).filter((code) => !explained.includes(code))).toEqual([])
})

test('messages speak the words of JavaScript', async () => {
  const memory = (await openNew()) as never as { [method: string]: (...args: unknown[]) => unknown }
  const calls: [method: string, ...args: unknown[]][] = [
    ['get', 'x', null], ['get', 'x', { scope: 5 }], ['search', null], ['search', 'x', { limit: -1 }], ['search', 'x', { limit: 1.5 }],
    ['search', 'x', { threshold: 'a' }], ['search', 'x', { explain: 1 }], ['search', 'x', { kind: [1] }], ['search', 'x', { scope: [5] }],
    ['remember', null], ['remember', { kind: 'note', text: 5 }], ['remember', { kind: 'note', metadata: [] }], ['remember', { text: 'x' }],
    ['rememberMany', {}], ['rememberMany', [5]], ['compressMany', {}], ['compress', 'x', { ratio: 'a' }], ['update', 'x', null], ['forget', {}],
  ]
  const messages = await Promise.all(calls.map(async ([method, ...args]) => (await failure(() => memory[method]!(...args))).message))
  messages.push((await failure(() => PrimeMemory.open(null as never))).message, (await failure(() => PrimeMemory.open({ path: 5 } as never))).message)
  for (const message of messages) {
    expect(message).not.toMatch(/\bstruct\b|\b[iuf](8|16|32|64|size)\b|\bsequence\b|\bmap\b|\benum\b|\bvariant\b|NewItem|MemoryChange|ScopeOnly|\bVec\b|\bunit\b/)
    expect(message.length).toBeLessThan(400)
  }
})
