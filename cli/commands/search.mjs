/** `search`: memories by meaning and keywords. */
import { SCOPE, UsageError, oneOf, scopeOf, wholeNumber } from '../arguments.mjs'
import { withMemory } from '../store.mjs'
import { formatScore } from '../ui/format.mjs'
import { renderTable } from '../ui/table.mjs'

/** @type {import('../arguments.mjs').Command} */
export const search = {
  summary: 'Finds memories by what they mean',
  usage: 'STORE QUESTION',
  least: 2,
  most: 2,
  options: {
    kind: { type: 'string', multiple: true, value: 'KIND', help: 'only this kind; may be repeated' },
    limit: { type: 'string', value: 'N', help: 'the most hits, 1 to 1000; 10 unless said' },
    mode: { type: 'string', value: 'MODE', help: 'hybrid (meaning and keywords), semantic or keyword' },
    where: { type: 'string', value: 'JSON', help: 'conditions on facts: \'{"bpm":{"gte":120}}\'' },
    ...SCOPE,
    'all-projects': { type: 'boolean', help: "every project of the user" }
  },
  async run({ positionals: [path, question], values, terminal, signal }) {
    const scope = { ...scopeOf(values), ...(values['all-projects'] && { allProjects: true }) }
    const options = {
      scope,
      ...(values.kind && { kind: values.kind }),
      limit: wholeNumber('limit', values.limit, 1, 1000) ?? 10,
      mode: /** @type {any} */ (oneOf('mode', values.mode, ['hybrid', 'semantic', 'keyword']) ?? 'hybrid'),
      ...(values.where && { where: parsed(values.where) })
    }
    const hits = await withMemory(path, {}, (memory) => memory.search(question, { ...options, signal }))
    if (values.json) return terminal.json(hits)
    if (hits.length === 0) return terminal.say('Nothing found.')
    terminal.say(...renderTable(table(hits), terminal.out))
  }
}

/** @param {string} json */
function parsed(json) {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new UsageError(`--where is no JSON: ${/** @type {Error} */ (error).message}`)
  }
}

/** @param {import('../../index.js').Hit[]} hits @returns {import('../ui/table.mjs').Table} */
function table(hits) {
  return {
    columns: [
      { title: 'score', align: 'right' },
      { title: 'kind', optional: true, shrinks: true },
      { title: 'text', shrinks: true },
      { title: 'id' }
    ],
    rows: hits.map(({ score, kind, text, id }) => [formatScore(score), kind, text ?? '(its text is gone)', id])
  }
}
