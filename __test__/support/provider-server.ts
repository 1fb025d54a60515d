import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How one request is answered. */
export type Behaviour =
  | { text: string; usage?: { input: number; output: number; thoughts?: number }; delayMs?: number; finish?: string }
  | { status: number; headers?: { [name: string]: string }; delayMs?: number }
  /** A stream that ends, or whose connection breaks, after some of its pieces. */
  | { text: string; cutAfter: number; broken?: boolean }
  | { malformed: true }

/** A request as the server saw it. */
export interface Seen {
  path: string
  model: string
  at: number
  /** The text of the user's part. */
  prompt: string
  system: string | undefined
  body: any
  /** The client closed the connection before the answer was whole. */
  closedEarly: boolean
}

/** A server on this machine that speaks Gemini's REST and SSE, and OpenAI's chat completions. */
export interface ProviderServer {
  /** Without a path: what Gemini's `baseUrl` wants. */
  url: string
  seen: Seen[]
  /** The next requests get these, one each; after that every request gets `answer 1`, `answer 2` … */
  next: (...behaviours: Behaviour[]) => void
  close: () => Promise<void>
}

export async function startProvider(): Promise<ProviderServer> {
  const seen: Seen[] = []
  const queue: Behaviour[] = []
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await textOf(request))
    const one = describeRequest(request.url!, body)
    seen.push(one)
    response.on('close', () => (one.closedEarly = !response.writableFinished))
    await answer(queue.shift() ?? { text: `answer ${seen.length}` }, one, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    next: (...behaviours) => void queue.push(...behaviours),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request.setEncoding('utf8')) text += part
  return text
}

function describeRequest(path: string, body: any): Seen {
  const at = Date.now()
  if (path.includes('/chat/completions')) {
    const said = (role: string) => body.messages.find((message: any) => message.role === role)?.content
    return { path, model: body.model, at, prompt: said('user'), system: said('system'), body, closedEarly: false }
  }
  const model = /models\/([^:]+):/.exec(path)![1]!
  const prompt = body.contents.flatMap(({ parts }: any) => parts.map(({ text }: any) => text ?? '')).join('')
  const system = body.systemInstruction?.parts?.[0]?.text
  return { path, model, at, prompt, system, body, closedEarly: false }
}

/** A server that is closed keeps nobody waiting. */
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms).unref())

async function answer(how: Behaviour, { path, body, model }: Seen, response: ServerResponse): Promise<void> {
  if ('delayMs' in how && how.delayMs) await pause(how.delayMs)
  if ('malformed' in how) return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"candidates": [{"content"')
  if ('status' in how) {
    const error = { error: { code: how.status, message: `status ${how.status}`, status: 'UNAVAILABLE' } }
    return void response.writeHead(how.status, { 'content-type': 'application/json', ...how.headers }).end(JSON.stringify(error))
  }
  const gemini = !path.includes('/chat/completions')
  const streams = gemini ? path.includes(':streamGenerateContent') : body.stream === true
  if (!streams) return void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify((gemini ? geminiWhole : openaiWhole)(how, model)))
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const pieces = how.text.match(/[\s\S]{1,8}/g) ?? ['']
  const cut = 'cutAfter' in how ? how.cutAfter : Infinity
  for (const [i, piece] of pieces.entries()) {
    if (i >= cut) return void ('broken' in how && how.broken ? response.destroy() : response.end())
    const last = i === pieces.length - 1
    for (const event of (gemini ? geminiPieces : openaiPieces)(piece, last, how, model)) response.write(`data: ${JSON.stringify(event)}\r\n\r\n`)
    await pause(5)
  }
  if (!gemini) response.write('data: [DONE]\n\n')
  response.end()
}

type Answer = Extract<Behaviour, { text: string }>

const usageOf = (how: Answer) => ('usage' in how ? how.usage : undefined)
const finishOf = (how: Answer, otherwise: string) => ('finish' in how && how.finish) || otherwise

function geminiWhole(how: Answer, model: string) {
  const usage = usageOf(how)
  return {
    candidates: [{ content: { role: 'model', parts: [{ text: how.text }] }, finishReason: finishOf(how, 'STOP') }],
    modelVersion: model,
    ...(usage && {
      usageMetadata: { promptTokenCount: usage.input, candidatesTokenCount: usage.output, thoughtsTokenCount: usage.thoughts ?? 0 },
    }),
  }
}

function geminiPieces(text: string, last: boolean, how: Answer, model: string) {
  const whole = geminiWhole({ ...how, text } as Answer, model)
  if (!last) delete (whole.candidates[0] as { finishReason?: string }).finishReason
  return [whole]
}

function openaiWhole(how: Answer, model: string) {
  const usage = usageOf(how)
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model,
    choices: [{ index: 0, message: { role: 'assistant', content: how.text }, finish_reason: finishOf(how, 'stop') }],
    ...(usage && { usage: { prompt_tokens: usage.input, completion_tokens: usage.output, total_tokens: usage.input + usage.output } }),
  }
}

function openaiPieces(text: string, last: boolean, how: Answer, model: string) {
  const chunk = (choices: object[], usage?: object) => ({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model, choices, ...(usage && { usage }) })
  const delta = chunk([{ index: 0, delta: { content: text }, finish_reason: null }])
  if (!last) return [delta]
  const end = chunk([{ index: 0, delta: {}, finish_reason: finishOf(how, 'stop') }])
  const usage = usageOf(how)
  return usage ? [delta, end, chunk([], { prompt_tokens: usage.input, completion_tokens: usage.output })] : [delta, end]
}
