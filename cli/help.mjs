/** What `--help` prints. */
import { COMMON } from './arguments.mjs'

/** @typedef {import('./arguments.mjs').Command} Command */

/** @param {Record<string, Command>} commands */
export function generalHelp(commands) {
  const widest = Math.max(...Object.keys(commands).map((name) => name.length))
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(widest)}  ${summary}`)
  return `A studio's memory, by hand.

  prime-memory COMMAND STORE …        STORE is the file of a memory, such as studio.db

${lines.join('\n')}

  prime-memory COMMAND --help         the options of a command
  prime-memory --version

Exit codes: 0 done, 1 a problem was found or it failed, 2 called wrongly, 130 cancelled (docs/cli.md).`
}

/** @param {string} name @param {Command} command */
export function helpOf(name, { summary, usage, options, notes }) {
  const all = Object.entries({ ...options, ...COMMON })
  const left = all.map(([long, { short, value }]) => `${short ? `-${short}, ` : ''}--${long}${value ? ` ${value}` : ''}`)
  const widest = Math.max(...left.map((text) => text.length))
  const lines = all.map(([, { help }], at) => `  ${left[at].padEnd(widest)}  ${help}`)
  return `${summary}.

  prime-memory ${name} ${usage}

${lines.join('\n')}${notes ? `\n\n${notes}` : ''}`
}
