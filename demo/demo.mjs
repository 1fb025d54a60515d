#!/usr/bin/env node
/**
 * The main job, from music to memory and back: projects are read, described, compressed into memory tokens and kept in one
 * SQLite file; the file is opened again and asked by meaning. `npm run demo -- --help` says what can be chosen.
 */
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProjects } from './find.mjs'
import { HELP, parseOptions } from './options.mjs'
import { answerLines, ask, askSimilar, questionsFor } from './questions.mjs'
import { dataLine, kindLines } from './report.mjs'
import { counted, formatBytes, formatDuration } from '../cli/ui/format.mjs'
import { createStyle, wantsColour } from '../cli/ui/style.mjs'
import { printable } from '../cli/ui/width.mjs'
import { readProjects, reasonOf, rememberProjects } from './work.mjs'

// `npm run demo | head` closes the pipe early: that is no error.
process.stdout.on('error', (error) => {
  if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EPIPE') process.exit(0)
  throw error
})

const EXIT = { ok: 0, nothingUsable: 1, wrongUsage: 2 }
const WIDEST = 110
const SKIPPED_SHOWN = 12
/** The song whose kin is looked for among the demo's own. */
const OWN_EXAMPLE = 'CapDan-ReggaeTry'

const style = createStyle(wantsColour(process.stdout, process.env))
const terminal = { stream: process.stdout, style, width: Math.min(process.stdout.columns || WIDEST, WIDEST) }
const say = (/** @type {string[]} */ ...lines) => void process.stdout.write(`${lines.join('\n')}\n`)

process.exitCode = await main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${style.warning('The demo stopped:')} ${reasonOf(error)}\n`)
  return EXIT.nothingUsable
})

/** @param {string[]} args */
async function main(args) {
  const options = readOptions(args)
  if (!options) return EXIT.wrongUsage
  if (options.help) return say(HELP), EXIT.ok
  if (options.out && existsSync(options.out)) {
    say(`${style.warning('There is a file already:')} ${options.out}`, 'Give --out a new name, the demo overwrites nothing.')
    return EXIT.wrongUsage
  }
  const projects = await gather(options.paths)
  if (projects.length === 0) return say('No project to work with.', style.dim('npm run demo -- --help')), EXIT.nothingUsable
  const PrimeMemory = await loadPackage()
  const path = options.out ?? join(mkdtempSync(join(tmpdir(), 'prime-memory-')), 'studio.db')
  const remembered = await keep(PrimeMemory, path, projects)
  if (remembered.length === 0) return EXIT.nothingUsable
  await recall(PrimeMemory, path, remembered, options)
  farewell(path, options)
  return EXIT.ok
}

/** @param {string[]} args */
function readOptions(args) {
  try {
    return parseOptions(args, process.env.INIT_CWD ?? process.cwd()) // npm runs us in the package's folder, and says where the user is
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n\n${HELP}`)
    return undefined
  }
}

/** The package itself, by its public name. */
async function loadPackage() {
  try {
    return (await import('@mixxclub/prime-memory')).PrimeMemory
  } catch (error) {
    throw new Error(`the package cannot be loaded; "npm run build" makes its native part. ${reasonOf(error)}`, { cause: error })
  }
}

/** @param {string[]} paths */
async function gather(paths) {
  const start = performance.now()
  const { files, missing } = await findProjects(paths)
  const { projects, skipped } = await readProjects(files, terminal)
  reportSkipped([...missing.map((name) => ({ name, reason: 'there is nothing to read' })), ...skipped])
  const tracks = projects.reduce((sum, project) => sum + project.state.tracks.length, 0)
  if (projects.length > 0) done(`Read ${counted(projects.length, 'project')} with ${counted(tracks, 'track')}`, start)
  return projects
}

/** @param {any} PrimeMemory @param {string} path @param {import('./project.mjs').Project[]} projects */
async function keep(PrimeMemory, path, projects) {
  let start = performance.now()
  const memory = await PrimeMemory.open({ path })
  const { model } = memory.stats()
  done(`Opened a new memory; ${model.name}, ${model.dims} numbers a memory token`, start)
  start = performance.now()
  const { remembered, skipped } = await rememberProjects(memory, projects, terminal)
  reportSkipped(skipped)
  const { memories, kinds } = memory.stats()
  if (remembered.length > 0) {
    done(`Remembered ${counted(memories, 'memory', 'memories')}`, start)
    const legend = 'source: what is said of the projects. ratio: text tokens per memory token. byte ratio: bytes of source per byte stored.'
    say('', ...kindLines(kinds, terminal), style.dim(legend), dataLine(projects, kinds), '')
  }
  await memory.close()
  return remembered
}

/** @param {any} PrimeMemory @param {string} path @param {import('./work.mjs').Remembered[]} remembered @param {import('./options.mjs').Options} options */
async function recall(PrimeMemory, path, remembered, options) {
  const start = performance.now()
  const memory = await PrimeMemory.open({ path })
  const { kinds, store } = memory.stats()
  done(`Closed the file, ${formatBytes(store.fileBytes)} on disk, and opened it again`, start)
  for (const question of questionsFor(options.questions, new Set(Object.keys(kinds)))) say('', ...answerLines(await ask(memory, question), terminal))
  const example = remembered.find((item) => item.project === OWN_EXAMPLE) ?? remembered[0]
  for (const kind of ['project_snapshot', 'musical_context']) {
    const id = example.ids[kind]
    if (id && remembered.length > 1) say('', ...answerLines(await askSimilar(memory, { id, kind, project: example.project }), terminal))
  }
  await memory.close()
}

/** @param {string} path @param {import('./options.mjs').Options} options */
function farewell(path, { isOwnMusic }) {
  const next = isOwnMusic ? 'npm run demo -- path/to/your/projects' : 'npm run demo -- path/to/your/projects --ask "what you look for"'
  say('', `The memory is in ${style.bold(path)}`, `Next: ${style.accent(next)}`)
}

/** @param {string} what @param {number} start */
function done(what, start) {
  say(`${style.accent('✓')} ${what} ${style.dim(`in ${formatDuration(performance.now() - start)}`)}`)
}

/** @param {import('./work.mjs').Skipped[]} skipped */
function reportSkipped(skipped) {
  for (const { name, reason } of skipped.slice(0, SKIPPED_SHOWN)) say(`${style.warning('! skipped')} ${printable(name)}: ${printable(reason)}`)
  if (skipped.length > SKIPPED_SHOWN) say(style.warning(`! and ${skipped.length - SKIPPED_SHOWN} more`))
}
