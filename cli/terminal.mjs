/** Where the command line writes: results to stdout, everything else to stderr. */
import { createProgress } from './ui/progress.mjs'
import { createStyle, wantsColour } from './ui/style.mjs'

/** Exit codes: docs/cli.md. */
export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130, terminated: 143 }

/** Columns where nothing says how many there are: in a pipe or a file. */
const USUAL = 120

/**
 * @typedef {object} Output
 * @property {import('./ui/progress.mjs').Terminal} out where tables go
 * @property {(...lines: string[]) => void} say lines to stdout
 * @property {(value: unknown) => void} json one JSON document to stdout
 * @property {(line: string) => void} warn a line to stderr
 * @property {(label: string, total: number) => { update(done: number, detail?: string): void, end(): void }} progress a bar on a terminal, nothing in a pipe
 * @property {() => void} clear takes a bar away
 */

/** @param {{ stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream, env: NodeJS.ProcessEnv }} process @returns {Output} */
export function createTerminal({ stdout, stderr, env }) {
  const out = { stream: stdout, width: stdout.columns || USUAL, style: createStyle(wantsColour(stdout, env)) }
  const err = { stream: stderr, width: stderr.columns || USUAL, style: createStyle(wantsColour(stderr, env)) }
  let showsBar = false
  const clear = () => {
    if (showsBar) stderr.write('\r\x1b[K')
    showsBar = false
  }
  return {
    out,
    say: (...lines) => void stdout.write(`${lines.join('\n')}\n`),
    json: (value) => void stdout.write(`${JSON.stringify(value, null, 2)}\n`),
    warn: (line) => {
      clear()
      stderr.write(`${line}\n`)
    },
    progress: (label, total) => {
      if (!stderr.isTTY) return { update: () => {}, end: () => {} }
      const bar = createProgress(label, total, err)
      return {
        update: (done, detail) => {
          showsBar = true
          bar.update(done, detail)
        },
        end: clear
      }
    },
    clear
  }
}
