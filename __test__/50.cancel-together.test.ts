import { getEventListeners } from 'node:events'
import { afterEach, expect, test } from '@jest/globals'
import { cleanUp, failure, openNew } from './support/studio'

afterEach(cleanUp)

const LONG = 'a long note about the drums and the bass '.repeat(40)
const items = Array.from({ length: 40 }, (_, i) => ({ kind: 'note', text: `take ${i}: ${LONG}` }))

test('calls of one signal share a listener, which goes with the last of them', async () => {
  const memory = await openNew()
  const { signal } = new AbortController()
  const calls = Array.from({ length: 12 }, (_, i) => memory.remember({ kind: 'note', text: `take ${i}` }, { signal }))
  expect(getEventListeners(signal, 'abort').length).toBe(1)
  await Promise.all(calls)
  expect(getEventListeners(signal, 'abort').length).toBe(0)
  await memory.remember({ kind: 'note', text: 'once more' }, { signal })
  expect(memory.stats().memories).toBe(13)
})

test('one signal ends all calls that follow it, and no other', async () => {
  const memory = await openNew()
  const controller = new AbortController()
  const other = memory.remember({ kind: 'note', text: 'of its own' }, { signal: new AbortController().signal })
  const calls = Array.from({ length: 3 }, () => failure(() => memory.rememberMany(items, { signal: controller.signal })))
  setTimeout(() => controller.abort(), 40)
  for (const error of await Promise.all(calls)) expect(error).toMatchObject({ name: 'AbortError', code: 'PM_ABORTED' })
  await other
  expect(memory.stats().memories).toBe(1)
  expect(getEventListeners(controller.signal, 'abort').length).toBe(0)
})

test('a description needs no open memory', async () => {
  const memory = await openNew()
  await memory.close()
  const item = { kind: 'note', data: { mood: 'dark' } }
  expect(memory.describeSync(item)).toEqual(await memory.describe(item))
})
