import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@jest/globals'
import { PrimeMemory, type OpenOptions } from '@mixxclub/prime-memory'

/** The committed default model. */
export const DEFAULT_MODEL = join(__dirname, '..', '..', 'npm', 'model-minilm-l6')

/** A folder for one test; everything in it is deleted by `cleanUp`. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'prime-memory-'))
  folders.push(folder)
  return folder
}

/** Opens a new store in a folder of its own; closed by `cleanUp`. */
export async function openNew(options: Partial<OpenOptions> = {}): Promise<PrimeMemory> {
  return openAt(join(temporaryFolder(), 'studio.db'), options)
}

/** Opens the store at `path`; closed by `cleanUp`. */
export async function openAt(path: string, options: Partial<OpenOptions> = {}): Promise<PrimeMemory> {
  const memory = await PrimeMemory.open({ path, ...options })
  memories.push(memory)
  return memory
}

/** For `afterEach`: closes and deletes what the helpers above made. */
export async function cleanUp(): Promise<void> {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const memory of memories.splice(0)) await memory.close()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
}

const folders: string[] = []
const memories: PrimeMemory[] = []
const children: ChildProcess[] = []

/** What a call throws or rejects with; fails when it does neither. */
export async function failure(call: () => unknown): Promise<Error & { code?: string }> {
  let result: unknown
  try {
    result = await call()
  } catch (error) {
    return error as Error
  }
  throw new Error(`it did not fail but gave ${JSON.stringify(result)?.slice(0, 200)}`)
}

/** Both forms of a call fail with the same code, and `says` stands in both messages. */
export async function failAlike(
  forms: [asynchronous: () => unknown, synchronous: () => unknown],
  code: string,
  says: string | RegExp = '',
): Promise<void> {
  for (const form of forms) {
    const error = await failure(form)
    expect({ code: error.code, message: error.message }).toEqual({ code, message: expect.stringMatching(pattern(says)) })
    expect(error).toBeInstanceOf(Error)
  }
}

function pattern(says: string | RegExp): RegExp {
  return says instanceof RegExp ? says : new RegExp(says.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
}

type Manifest = { name: string; maxTokens: number; [field: string]: unknown }

/** A copy of the default model whose files may be replaced and whose model.json may be changed. */
export function modelCopy(change: (manifest: Manifest) => void, replaced: { [file: string]: Uint8Array } = {}): string {
  const folder = temporaryFolder()
  for (const file of ['model.onnx', 'tokenizer.json']) {
    if (replaced[file]) writeFileSync(join(folder, file), replaced[file])
    else symlinkSync(join(DEFAULT_MODEL, file), join(folder, file))
  }
  const manifest = JSON.parse(readFileSync(join(DEFAULT_MODEL, 'model.json'), 'utf8'))
  change(manifest)
  writeFileSync(join(folder, 'model.json'), JSON.stringify(manifest))
  return folder
}

/** A model that gives other vectors for long texts: its window is half as long. */
export const secondModel = (): string =>
  modelCopy((manifest) => {
    manifest.name = 'second-model'
    manifest.maxTokens = 128
  })

/** A child process of ours: what it printed, line by line, and how it ended. */
export interface Child {
  process: ChildProcess
  lines: string[]
  /** Resolves with the first line that is printed from now on. */
  nextLine: () => Promise<string>
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; lines: string[]; stderr: string; ms: number }>
}

/** Starts `fixtures/<name>` with arguments; killed by `cleanUp`. */
export function start(name: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): Child {
  const script = join(__dirname, '..', 'fixtures', name)
  const begun = Date.now()
  const child = spawn(process.execPath, [script, ...args], { env: { ...process.env, NODE_OPTIONS: '', ...env } })
  children.push(child)
  const lines: string[] = []
  const waiting: ((line: string) => void)[] = []
  let [rest, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) {
      lines.push(line)
      waiting.splice(0).forEach((resolve) => resolve(line))
    }
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<Awaited<Child['ended']>>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, lines, stderr, ms: Date.now() - begun }))
  })
  const nextLine = () =>
    new Promise<string>((resolve, reject) => {
      waiting.push(resolve)
      void ended.then(() => reject(new Error(`it ended first: ${stderr}`)))
    })
  return { process: child, lines, nextLine, ended }
}

/** Runs `fixtures/<name>` to its end. */
export const run = (name: string, args: string[] = [], env: NodeJS.ProcessEnv = {}) => start(name, args, env).ended

/** The files of a folder that hold these bytes, by name. */
export function filesHolding(folder: string, needle: string | Buffer): string[] {
  const holds = (file: string) => readFileSync(join(folder, file)).includes(needle)
  return readdirSync(folder).filter(holds).sort()
}

/** Waits until `reached` is true, at most `ms`. */
export async function until(reached: () => boolean, ms = 30_000): Promise<void> {
  const end = Date.now() + ms
  while (!reached()) {
    if (Date.now() > end) throw new Error(`not reached within ${ms} ms: ${reached}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Numbers from 0 to 1, the same every time. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** 16-bit floats as the store writes them; the numbers given are such floats already. */
export function halves(numbers: Float32Array): Buffer {
  const bytes = Buffer.alloc(numbers.length * 2)
  const bits = new DataView(new ArrayBuffer(4))
  numbers.forEach((number, i) => {
    bits.setFloat32(0, number)
    const whole = bits.getUint32(0)
    const [sign, exponent, fraction] = [whole >>> 31, ((whole >>> 23) & 0xff) - 127, whole & 0x7fffff]
    const half = exponent < -14 ? (number === 0 ? 0 : Math.round(Math.abs(number) * 2 ** 24)) : ((exponent + 15) << 10) | (fraction >>> 13)
    bytes.writeUInt16LE((sign << 15) | half, i * 2)
  })
  return bytes
}
