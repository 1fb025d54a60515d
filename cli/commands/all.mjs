/** The commands by name, in the order of the help. */
import { UsageError, unknown } from '../arguments.mjs'
import { repair, verify } from './health.mjs'
import { history } from './history.mjs'
import { importing } from './import.mjs'
import { migrate } from './migrate.mjs'
import { report } from './report.mjs'
import { restore } from './restore.mjs'
import { search } from './search.mjs'
import { similar } from './similar.mjs'

/** @type {Record<string, import('../arguments.mjs').Command>} */
export const COMMANDS = { import: importing, search, similar, history, restore, report, verify, repair, migrate }

/** @param {string} name */
export function commandNamed(name) {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!command) throw new UsageError(unknown(name, Object.keys(COMMANDS)))
  return command
}
