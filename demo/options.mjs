/** The demo's command line. */
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { resolve } from 'node:path'

export const HELP = `A studio's memory, on real music.

  npm run demo                                the songs in demo/projects
  npm run demo -- PATH…                       your own: folders, .mmp, .mmpz (LMMS) or .json (Studio project states)

  --out FILE     keep the memory there (a new file)          default: a temporary folder
  --ask TEXT     a question of your own, may be repeated     default: a few of ours
  --help         this text
`

const OWN_PROJECTS = fileURLToPath(new URL('./projects', import.meta.url))

/**
 * @typedef {object} Options
 * @property {string[]} paths
 * @property {boolean} isOwnMusic the demo's own projects, not the user's
 * @property {string} [out]
 * @property {string[]} [questions]
 * @property {boolean} help
 *
 * @param {string[]} args
 * @param {string} folder relative paths start here
 * @returns {Options}
 * @throws {TypeError} for an option that does not exist
 */
export function parseOptions(args, folder) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { out: { type: 'string' }, ask: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h' } }
  })
  return {
    paths: positionals.length > 0 ? positionals.map((path) => resolve(folder, path)) : [OWN_PROJECTS],
    isOwnMusic: positionals.length === 0,
    out: values.out === undefined ? undefined : resolve(folder, values.out),
    questions: values.ask?.filter((question) => question.trim() !== ''),
    help: values.help ?? false
  }
}
