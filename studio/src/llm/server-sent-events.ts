import { asJson } from './provider.js'

/** The JSON of each `data:` event of a response, until `[DONE]`. */
export async function* events(response: Response): AsyncGenerator<any> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const bytes of chunks(response)) {
    rest += decoder.decode(bytes, { stream: true })
    const lines = rest.split(/\r?\n/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (!line.startsWith('data:')) continue
      const data = line.slice('data:'.length).trim()
      if (data === '[DONE]') return
      yield asJson(data)
    }
  }
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
