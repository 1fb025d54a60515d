import { asJson } from './provider.js'

/** The JSON of each event of a response, until `[DONE]`. An event without data says nothing. */
export async function* events(response: Response): AsyncGenerator<any> {
  let data = ''
  for await (const line of lines(response)) {
    if (line.startsWith('data:')) data += `${line.slice('data:'.length)}\n`
    if (line !== '') continue
    const event = data.trim()
    data = ''
    if (event === '[DONE]') return
    if (event !== '') yield asJson(event)
  }
}

/** A CR at the end of what has come may be half of a CR LF. */
const LINE_END = /\r\n|\n|\r(?!$)/

/** The lines of a body, and an empty one where it ends: that ends its last event as well. One that breaks throws instead. */
async function* lines(response: Response): AsyncGenerator<string> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const bytes of chunks(response)) {
    const whole = (rest + decoder.decode(bytes, { stream: true })).split(LINE_END)
    rest = whole.pop() ?? ''
    yield* whole
  }
  yield* [rest + decoder.decode(), '']
}

/** Not every browser lets a body be iterated. */
async function* chunks(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  if (!reader) return
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    // Closes the connection of a stream that is no longer wanted.
    await reader.cancel().catch(() => undefined)
  }
}
