/** What a bench prints: where it ran, tables, targets met or missed; and the same as JSON. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, platform, release, totalmem } from 'node:os'
import { createStyle, wantsColour } from '../../cli/ui/style.mjs'
import { renderTable } from '../../cli/ui/table.mjs'

/**
 * @typedef {object} Options
 * @property {boolean} quick a smoke run: small sizes, few rounds
 * @property {string | undefined} json where to write the figures
 * @property {string[]} rest other arguments
 */

const ROOT = new URL('../../', import.meta.url)
const style = createStyle(wantsColour(process.stdout, process.env))

/** @param {string[]} argv without node and the program @returns {Options} */
export function readOptions(argv) {
  const rest = argv.filter((arg) => arg !== '--quick')
  const at = rest.indexOf('--json')
  const [, json] = at < 0 ? [] : rest.splice(at, 2)
  if (at >= 0 && !json) throw new Error('--json wants a file name')
  return { quick: argv.includes('--quick'), json, rest }
}

/** A report that prints as it grows. */
export class Report {
  /** @type {{ title: string, rows: Record<string, unknown>[], note?: string }[]} */
  tables = []
  /** @type {{ target: string, measured: string, met: boolean }[]} */
  targets = []

  /** @param {string} title @param {Options} options @param {Record<string, unknown>} [facts] versions and threads */
  constructor(title, options, facts = {}) {
    this.title = title
    this.options = options
    this.machine = { ...machine(), ...facts }
    const lines = Object.entries(this.machine).map(([name, value]) => `${name}: ${value}`)
    console.log(`${style.bold(title)}${options.quick ? style.warning('  --quick: a smoke run, its figures mean nothing') : ''}`)
    console.log(style.dim(lines.join(' · ')))
  }

  /**
   * @param {string} title
   * @param {Record<string, string | number>[]} rows one object a line, its keys the columns
   * @param {string} [note] how to read it
   */
  table(title, rows, note) {
    this.tables.push({ title, rows, note })
    console.log(`\n${style.bold(title)}`)
    if (rows.length > 0) console.log(renderTable(columnsOf(rows), { width: 200, style }).join('\n'))
    if (note) console.log(style.dim(note))
  }

  /** @param {string} target in the words @param {string} measured @param {boolean} met */
  target(target, measured, met) {
    this.targets.push({ target, measured, met })
  }

  /** Prints the targets and writes the JSON file, if one is wanted. */
  finish() {
    if (this.targets.length > 0) {
      const rows = this.targets.map(({ target, measured, met }) => ({ '': met ? 'PASS' : 'MISS', target, measured }))
      this.table('Targets', rows, this.options.quick ? 'of a smoke run: ignore' : `load at the end: ${load()}`)
    }
    if (!this.options.json) return
    const { title, machine: where, options: { quick }, tables, targets } = this
    writeFileSync(this.options.json, JSON.stringify({ title, quick, machine: { ...where, loadAtEnd: load() }, tables, targets }, null, 2) + '\n')
    console.log(style.dim(`written to ${this.options.json}`))
  }
}

/** @param {Record<string, string | number>[]} rows */
function columnsOf(rows) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const cell = (/** @type {string | number | undefined} */ value) => (typeof value === 'number' ? figure(value) : (value ?? ''))
  const isNumber = (/** @type {string} */ name) => rows.some((row) => typeof row[name] === 'number')
  return {
    columns: names.map((title) => ({ title, align: /** @type {'left' | 'right'} */ (isNumber(title) ? 'right' : 'left') })),
    rows: rows.map((row) => names.map((name) => cell(row[name])))
  }
}

/** Three figures, whole numbers whole. @param {number} value */
export function figure(value) {
  if (!Number.isFinite(value)) return '–'
  if (Number.isInteger(value)) return value.toLocaleString('en')
  return value.toFixed(Math.max(0, Math.min(3, 2 - Math.floor(Math.log10(Math.abs(value))))))
}

/** @param {import('./clock.mjs').Timing} timing */
export function timingRow({ name, p10, p50, p90, cpu, calls }) {
  return { variant: name, 'p50 ms': p50, 'p10 ms': p10, 'p90 ms': p90, 'CPU ms': cpu, calls }
}

function machine() {
  const { version } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8'))
  const [{ model }] = cpus()
  return {
    date: new Date().toISOString().slice(0, 16),
    machine: `${model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()} ${release()}`,
    load: load(),
    node: process.version,
    'prime-memory': `${version} (${commit()})`
  }
}

function load() {
  return loadavg().map((value) => value.toFixed(1)).join(' ')
}

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return 'no git'
  }
}
