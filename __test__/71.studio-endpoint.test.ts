import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getPrimeBrainLLM } from '@mixxclub/prime-memory/prime-brain-llm'
import { close, configure, openAICompatible } from '@mixxclub/prime-memory/studio'
import { all, freshStudio } from './support/drop-ins'
import { cleanUp, failure } from './support/studio'

const llm = getPrimeBrainLLM()
const GOOD = JSON.stringify({ choices: [{ message: { content: 'cut 200 Hz' }, finish_reason: 'stop' }] })
const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`
const piece = (content: string) => event({ choices: [{ delta: { content } }] })
const END = event({ choices: [{ delta: {}, finish_reason: 'stop' }] })

let server: Server
let baseUrl: string
/** Bodies with status 200, one for each request; the last is given to all that follow. */
let bodies: string[]
let seen: number

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume().on('end', () => response.end(bodies[Math.min(seen++, bodies.length - 1)]))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
})
beforeEach(() => {
  seen = 0
  freshStudio({ localStorage: null, retries: 2, provider: openAICompatible({ model: 'm', baseUrl }) })
})
afterEach(async () => {
  close()
  await cleanUp()
})
afterAll(() => void server.close())

test.each([
  ['JSON that was cut off', '{"choices":['],
  ['the page of a proxy', '<html>Bad gateway</html>'],
])('%s is refused with a code and advice, and not kept', async (_, body) => {
  bodies = [body, GOOD]
  expect(await failure(() => llm.generateText('tame it'))).toMatchObject({ code: 'PM_PROVIDER', message: expect.stringContaining('baseUrl') })
  expect(await llm.generateText('tame it')).toBe('cut 200 Hz')
  expect(seen).toBe(2)
})

test('a broken event of a stream is refused with a code, and nothing is kept', async () => {
  bodies = [`${piece('cut ')}data: {"cho\n\n`, GOOD]
  expect(await failure(() => all(llm.generateTextStream('tame it')))).toMatchObject({ code: 'PM_PROVIDER' })
  expect(await llm.generateText('tame it')).toBe('cut 200 Hz')
})

test.each([
  ['no choice', { choices: [] }],
  ['calls of tools alone', { choices: [{ message: { content: null, tool_calls: [{}] }, finish_reason: 'tool_calls' }] }],
  ['a choice without a message', { choices: [{ finish_reason: 'stop' }] }],
])('%s is no answer', async (_, body) => {
  bodies = [JSON.stringify(body)]
  expect(await failure(() => llm.generateText('tame it'))).toMatchObject({ code: 'PM_PROVIDER' })
  expect(seen).toBe(1)
})

test('an error with status 200 reaches the caller in the words of the endpoint, from a stream too', async () => {
  const error = { error: { message: 'the model is gone', code: 404 } }
  bodies = [JSON.stringify(error)]
  expect(await failure(() => llm.generateText('tame it'))).toMatchObject({ code: 'PM_PROVIDER', status: 404, message: expect.stringContaining('the model is gone') })
  bodies = [piece('cut ') + event(error)]
  expect(await failure(() => all(llm.generateTextStream('tame it')))).toMatchObject({ code: 'PM_PROVIDER', message: expect.stringContaining('the model is gone') })
  expect(seen).toBe(2)
  seen = 0
  bodies = [event({ error: { message: 'overloaded', code: 503 } }), piece('cut 200 Hz') + END]
  expect(await all(llm.generateTextStream('tame it'))).toBe('cut 200 Hz')
})

test.each<[string, unknown]>([
  ['a date', new Headers({ 'retry-after': new Date(Date.now() + 600_000).toUTCString() })],
  ['seconds in a plain object', { 'Retry-After': '600' }],
])('what a provider asks to wait is waited: %s', async (_, headers) => {
  let calls = 0
  const provider = () => {
    calls += 1
    throw Object.assign(new Error('busy'), { status: 429, headers })
  }
  configure({ provider, timeoutMs: 300 })
  expect(await failure(() => llm.generateText('patience'))).toMatchObject({ code: 'PM_TIMEOUT' })
  expect(calls).toBe(1)
})
