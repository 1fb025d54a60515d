import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { WebSocketServer, type WebSocket } from 'ws'
import { getPrimeBrainLLM } from '@mixxclub/prime-memory/prime-brain-llm'
import { close, gemini } from '@mixxclub/prime-memory/studio'
import { freshStudio } from './support/drop-ins'
import { cleanUp, until } from './support/studio'

// Gemini's live protocol, as the real @google/genai speaks it, over a WebSocket server of ours.
let server: WebSocketServer
let socket: WebSocket
const got: any[] = []

beforeAll(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (one) => {
    socket = one
    one.on('message', (data) => {
      const message = JSON.parse(String(data))
      got.push(message)
      if (message.setup) {
        one.send(JSON.stringify({ setupComplete: {} }))
        one.send(JSON.stringify({ serverContent: { outputTranscription: { text: 'hello' } } }))
      }
    })
  })
  await new Promise((resolve) => server.once('listening', resolve))
})
afterEach(async () => {
  close()
  await cleanUp()
})
afterAll(() => void server.close())

const transcript = (message: any): string | undefined => message.serverContent?.outputTranscription?.text

test('a live session: set up with a voice, hears, is heard, loses nothing said early, and closes', async () => {
  const { port } = server.address() as AddressInfo
  freshStudio({ localStorage: null, provider: gemini({ apiKey: 'key', baseUrl: `http://127.0.0.1:${port}` }) })
  const session = await getPrimeBrainLLM().createLiveSession({ voiceName: 'Kore', sampleRate: 48_000 })
  await until(() => got.some(({ setup }) => setup))
  const { setup } = got.find((message) => message.setup)
  expect(setup.model).toMatch(/native-audio/)
  expect(JSON.stringify(setup)).toContain('"voiceName":"Kore"')

  // The greeting was sent before anybody listened.
  await new Promise((resolve) => setTimeout(resolve, 50))
  const heard: string[] = []
  session.onRealtimeOutput((message) => void heard.push(transcript(message) ?? ''))
  await until(() => heard.includes('hello'))
  session.sendRealtimeInput({ media: { data: 'AAAA', mimeType: 'audio/pcm' } })
  await until(() => JSON.stringify(got).includes('AAAA'))
  expect(JSON.stringify(got)).toContain('audio/pcm;rate=48000')
  socket.send(JSON.stringify({ serverContent: { outputTranscription: { text: 'again' } } }))
  await until(() => heard.includes('again'))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  session.close()
  await closed
})

test('the SDK\'s own live.connect is handed through', async () => {
  const { port } = server.address() as AddressInfo
  freshStudio({ localStorage: null, provider: gemini({ apiKey: 'key', baseUrl: `http://127.0.0.1:${port}` }) })
  const messages: unknown[] = []
  const session = await getPrimeBrainLLM().live.connect!({
    model: 'gemini-2.5-flash-native-audio-preview-09-2025',
    callbacks: { onmessage: (message: unknown) => void messages.push(message) },
  })
  await until(() => messages.some((message) => transcript(message) === 'hello'))
  session.close()
})
