#!/usr/bin/env node
/** `npx prime-memory COMMAND …`: the library by hand. It converts and prints; the library does the work (docs/cli.md). */
import { readFileSync } from 'node:fs'
import { COMMANDS, commandNamed } from './commands/all.mjs'
import { UsageError, parse } from './arguments.mjs'
import { generalHelp, helpOf } from './help.mjs'
import { EXIT, createTerminal } from './terminal.mjs'

// `prime-memory search … | head` closes the pipe early: that is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(EXIT.ok)
  })
}

const cancelling = new AbortController()
/** @type {NodeJS.Signals | undefined} */
let stoppedBy
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, () => {
    if (stoppedBy) process.exit(exitOf(stoppedBy)) // asked twice: at once
    stoppedBy = signal
    cancelling.abort()
  })
}

process.exitCode = await main(process.argv.slice(2))

/** @param {string[]} args @returns {Promise<number>} the exit code */
async function main(args) {
  const terminal = createTerminal(process)
  const [name, ...rest] = args
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const asked = name === 'help' && rest[0] ? COMMANDS[rest[0]] : undefined
    terminal.say(asked ? helpOf(rest[0], asked) : generalHelp(COMMANDS))
    return name === undefined ? EXIT.usage : EXIT.ok
  }
  if (name === '--version' || name === '-v') {
    terminal.say(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version)
    return EXIT.ok
  }
  try {
    const command = commandNamed(name)
    const { values, positionals } = parse(command, rest)
    if (values.help) return terminal.say(helpOf(name, command)), EXIT.ok
    if (command.endsAtOnce) cancelling.signal.addEventListener('abort', () => process.exit(failed(undefined, name, terminal)))
    return (await command.run({ values, positionals, terminal, signal: cancelling.signal })) ?? EXIT.ok
  } catch (error) {
    return failed(error, name, terminal)
  }
}

/** @param {any} error @param {string} name @param {import('./terminal.mjs').Output} terminal */
function failed(error, name, terminal) {
  terminal.clear()
  if (stoppedBy) {
    terminal.warn('prime-memory: cancelled; what was acknowledged is kept')
    return exitOf(stoppedBy)
  }
  if (error instanceof UsageError) {
    terminal.warn(`prime-memory: ${error.message}\n${COMMANDS[name] ? `prime-memory ${name} --help` : 'prime-memory --help'} says how.`)
    return EXIT.usage
  }
  // Errors of the library and of the system have a code; anything else is a fault of ours, whose stack helps.
  const known = typeof error?.code === 'string'
  terminal.warn(`prime-memory: ${known ? withCode(error) : (error?.stack ?? error)}`)
  return EXIT.failed
}

/** The system's messages begin with their code, ours do not. @param {{ code: string, message: string }} error */
function withCode({ code, message }) {
  return message.startsWith(`${code}:`) ? message : `${code}: ${message}`
}

/** @param {NodeJS.Signals} signal as a shell counts it */
function exitOf(signal) {
  return signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated
}
