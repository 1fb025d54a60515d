/** `import`: memories, texts and project states into a store. */
import { relative } from 'node:path'
import { SCOPE, UsageError, scopeOf, wholeNumber } from '../arguments.mjs'
import { filesOf, partsOf } from '../import/read.mjs'
import { withMemory } from '../store.mjs'
import { EXIT } from '../terminal.mjs'
import { counted } from '../ui/format.mjs'
import { printable } from '../ui/width.mjs'

/** Memories in one transaction. */
const BATCH = 64

/** @type {import('../arguments.mjs').Command} */
export const importing = {
  summary: 'Puts memories, texts and project states into a store',
  usage: 'STORE PATH…',
  least: 2,
  most: Infinity,
  options: {
    kind: { type: 'string', value: 'KIND', help: 'of texts, and of memories that name none; note unless said' },
    ratio: { type: 'string', value: 'N', help: 'text tokens per memory token, 1 to 256, where a memory names none' },
    ...SCOPE
  },
  notes: `A PATH is a folder (looked through, hidden ones left out) or a file:
  *.jsonl, *.ndjson   a memory a line: { kind, text or data, metadata, ratio, scope }, or just a string
  *.json              a memory, a list of them, or a project state of the Studio (kept as a snapshot of its project)
  *.txt, *.md         a text, its file's name in the metadata
The store is made where there is none. Importing the same file twice remembers it twice.
What cannot be imported is named, the rest is; exit code 1 then.`,
  async run({ positionals: [store, ...paths], values, terminal, signal }) {
    const defaults = { kind: values.kind ?? 'note', ratio: wholeNumber('ratio', values.ratio, 1, 256) }
    const files = filesOf(paths)
    if (files.length === 0) throw new UsageError(`there is nothing to import in ${paths.join(', ')}: no .json, .jsonl, .ndjson, .txt or .md file`)
    const scope = scopeOf(values)
    const done = await withMemory(store, { scope, create: true }, (memory) => importAll(memory, files, { defaults, project: values.project, scope, terminal, signal }))
    if (values.json) terminal.json(done)
    else terminal.say(`${counted(done.memories, 'memory', 'memories')} and ${counted(done.snapshots, 'snapshot')} from ${counted(done.files, 'file')}${done.problems.length > 0 ? `; ${counted(done.problems.length, 'problem')}` : ''}`)
    return done.problems.length > 0 ? EXIT.failed : EXIT.ok
  }
}

/**
 * @param {import('../store.mjs').Memory} memory @param {string[]} files
 * @param {{ defaults: { kind: string, ratio?: number }, project?: string, scope: object, terminal: import('../terminal.mjs').Output, signal: AbortSignal }} how
 */
async function importAll(memory, files, { defaults, project, scope, terminal, signal }) {
  const done = { files: files.length, memories: 0, snapshots: 0, problems: /** @type {{ file: string, line?: number, code: string, message: string }[]} */ ([]) }
  const bar = terminal.progress('Importing', files.length)
  const problem = (/** @type {string} */ file, /** @type {number | undefined} */ line, /** @type {any} */ error) => {
    if (signal.aborted) throw error
    done.problems.push({ file, ...(line && { line }), code: error.code ?? 'PM_BAD_OPTION', message: error.message })
    terminal.warn(`${printable(file)}${line ? `:${line}` : ''}: ${error.code ? `${error.code}: ` : ''}${printable(error.message)}`)
  }
  for (const [at, file] of files.entries()) {
    const name = relative(process.cwd(), file)
    /** @type {{ item: any, line?: number }[]} */
    let batch = []
    const flush = async () => {
      done.memories += await remember(memory, batch, { signal, problem: (line, error) => problem(name, line, error) })
      batch = []
      bar.update(at, `${name}, ${counted(done.memories, 'memory', 'memories')}`)
    }
    try {
      for await (const part of partsOf(file, defaults)) {
        signal.throwIfAborted()
        if (part.error) problem(name, part.line, part.error)
        else if (part.state) done.snapshots += await save(memory, part, { project, scope, signal })
        else batch.push(part)
        if (batch.length === BATCH) await flush()
      }
      await flush()
    } catch (error) {
      problem(name, undefined, error)
    }
    bar.update(at + 1, name)
  }
  bar.end()
  return done
}

/**
 * All of a batch at once; where one of them is refused, each by itself.
 * @param {import('../store.mjs').Memory} memory @param {{ item: any, line?: number }[]} batch
 * @param {{ signal: AbortSignal, problem: (line: number | undefined, error: any) => void }} how
 */
async function remember(memory, batch, { signal, problem }) {
  if (batch.length === 0) return 0
  try {
    return (await memory.rememberMany(batch.map(({ item }) => item), { signal })).length
  } catch (error) {
    if (signal.aborted) throw error
  }
  let kept = 0
  for (const { item, line } of batch) {
    try {
      await memory.remember(item, { signal })
      kept++
    } catch (error) {
      problem(line, error)
    }
  }
  return kept
}

/** @param {any} memory @param {{ state: Uint8Array, name: string }} part @param {{ project?: string, scope: { user?: string }, signal: AbortSignal }} how */
async function save(memory, { state, name }, { project, scope, signal }) {
  await memory.snapshots.save(project ?? name, state, { ...(scope.user !== undefined && { scope: { user: scope.user } }), signal })
  return 1
}
