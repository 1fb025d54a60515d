import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'

export const PROGRAM = join(__dirname, '../../cli/prime-memory.mjs')

export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  out: string
  err: string
}

/** The command line as a process of its own, its output piped. */
export function start(args: string[], cwd?: string): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd, env: { ...process.env, NODE_OPTIONS: '' }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout!.setEncoding('utf8').on('data', (text) => (out += text))
  child.stderr!.setEncoding('utf8').on('data', (text) => (err += text))
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, out, err }))
  })
  return { child, ended }
}

export const run = (args: string[], cwd?: string): Promise<Ended> => start(args, cwd).ended
