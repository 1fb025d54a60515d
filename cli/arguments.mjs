/** Options of a command: strict about names, clear about values. */
import { parseArgs } from 'node:util'

/** The command was called in a way it is not made for: exit code 2. */
export class UsageError extends Error {}

/**
 * @typedef {object} Option
 * @property {'string' | 'boolean'} type
 * @property {string} [short] one letter
 * @property {boolean} [multiple]
 * @property {string} [value] what stands for its value in the help: `FILE`
 * @property {string} help
 *
 * @typedef {object} Command
 * @property {string} summary one line
 * @property {string} usage what follows the command's name
 * @property {number} least positional arguments
 * @property {number} most
 * @property {Record<string, Option>} options
 * @property {string} [notes] more lines of its help
 * @property {boolean} [endsAtOnce] Ctrl-C waits for nothing: the library's call takes no signal, and cut off anywhere it leaves a whole store
 * @property {(call: Call) => Promise<number | void>} run gives the exit code
 *
 * @typedef {object} Call
 * @property {Record<string, any>} values
 * @property {string[]} positionals
 * @property {import('./terminal.mjs').Output} terminal
 * @property {AbortSignal} signal
 */

/** Of every command. @type {Record<string, Option>} */
export const COMMON = {
  json: { type: 'boolean', help: 'print JSON' },
  help: { type: 'boolean', short: 'h', help: 'this text' }
}

/** Of commands that look at memories. @type {Record<string, Option>} */
export const SCOPE = {
  user: { type: 'string', value: 'USER', help: "whose memories; left out: nobody's in particular" },
  project: { type: 'string', value: 'PROJECT', help: 'of which project' }
}

/** @param {Command} command @param {string[]} args @returns {{ values: Record<string, any>, positionals: string[] }} */
export function parse(command, args) {
  const options = { ...command.options, ...COMMON }
  const { tokens } = parseArgs({ args, options, allowPositionals: true, strict: false, tokens: true })
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const option = options[token.name]
    if (!option) throw new UsageError(unknown(token.rawName, Object.keys(options).map((name) => `--${name}`)))
    if (option.type === 'boolean' && token.value !== undefined) throw new UsageError(`${token.rawName} takes no value`)
    if (option.type === 'string' && !token.value) throw new UsageError(`${token.rawName} wants a value: ${token.rawName} ${option.value ?? 'VALUE'}`)
  }
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  if (!values.help) checkCount(command, positionals.length)
  return { values, positionals }
}

/** @param {Command} command @param {number} count */
function checkCount({ usage, least, most }, count) {
  if (count < least) throw new UsageError(`something is missing: ${usage}`)
  if (count > most) throw new UsageError(`${count - most} argument${count - most === 1 ? '' : 's'} too many: ${usage}`)
}

/** @param {string} name @param {string[]} known */
export function unknown(name, known) {
  const near = nearest(name, known)
  return `there is no ${name}${near ? `; did you mean ${near}?` : `; known here: ${known.join(', ')}`}`
}

/** The name that was most likely meant. @param {string} name @param {string[]} known */
export function nearest(name, known) {
  const [best] = known.map((one) => ({ one, distance: edits(name.toLowerCase(), one.toLowerCase()) })).sort((a, b) => a.distance - b.distance)
  return best && best.distance <= Math.ceil(best.one.replace(/^-+/, '').length / 3) ? best.one : undefined
}

/** Levenshtein distance. @param {string} a @param {string} b */
function edits(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) next.push(Math.min(row[j + 1] + 1, next[j] + 1, row[j] + (a[i] === b[j] ? 0 : 1)))
    row = next
  }
  return row[b.length]
}

/** @param {string} name @param {string | undefined} text @param {number} least @param {number} most @returns {number | undefined} */
export function wholeNumber(name, text, least, most) {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least || value > most) throw new UsageError(`--${name} wants a whole number from ${least} to ${most}, found "${text}"`)
  return value
}

/** @param {string} name @param {string | undefined} text @param {readonly string[]} allowed */
export function oneOf(name, text, allowed) {
  if (text === undefined || allowed.includes(text)) return text
  const near = nearest(text, [...allowed])
  throw new UsageError(`--${name} wants one of ${allowed.join(', ')}, found "${text}"${near ? `; did you mean ${near}?` : ''}`)
}

const DATE = /^(\d{4}-\d{2}-\d{2})(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,3})?)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?$/

/** The store keeps no later times. */
const YEAR_10000 = 253_402_300_800_000

/** A date that exists, or milliseconds since 1970. @param {string} name @param {string | undefined} text */
export function time(name, text) {
  if (text === undefined) return undefined
  const at = /^\d{9,15}$/.test(text) ? Number(text) : dateOf(text)
  if (!(at >= 0 && at < YEAR_10000)) throw new UsageError(`--${name} wants a date such as 2025-03-31 or 2025-03-31T14:00, from 1970 on and in UTC unless it ends with a zone such as +02:00, or milliseconds since 1970; found "${text}"`)
  return at
}

/** NaN for one that does not exist. @param {string} text */
function dateOf(text) {
  const [, day, zone] = DATE.exec(text) ?? []
  const midnight = Date.parse(`${day}T00:00Z`)
  // 30 February would be taken for 2 March.
  if (!Number.isFinite(midnight) || !new Date(midnight).toISOString().startsWith(day)) return NaN
  return Date.parse(text.length === day.length ? text : `${text.replace(' ', 'T')}${zone ? '' : 'Z'}`)
}

/** @param {Record<string, any>} values @returns {{ user?: string, project?: string }} */
export function scopeOf({ user, project }) {
  return { ...(user !== undefined && { user }), ...(project !== undefined && { project }) }
}
