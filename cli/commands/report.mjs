/** `report`: what a store costs and what it is worth. */
import { UsageError, wholeNumber } from '../arguments.mjs'
import { FORCE, checkOutput, writeOutput } from '../output.mjs'
import { page } from '../report/page.mjs'
import { reportLines } from '../report/terminal.mjs'
import { withMemory } from '../store.mjs'

/** @type {import('../arguments.mjs').Command} */
export const report = {
  summary: 'Tells what a store takes, what other ratios would take, and how well its memories are found',
  usage: 'STORE',
  least: 1,
  most: 1,
  options: {
    html: { type: 'string', value: 'FILE', help: 'also write a page with pictures there; it needs no network' },
    force: FORCE,
    ratios: { type: 'string', value: 'LIST', help: 'text tokens per memory token to compare; 1,2,4,8,16,32,64,128 unless said' },
    sample: { type: 'string', value: 'N', help: 'items of each kind to measure, 0 to 1000; 200 unless said; 0 measures nothing' },
    kind: { type: 'string', multiple: true, value: 'KIND', help: 'only this kind; may be repeated' }
  },
  notes: 'Reads only, also while another program uses the store. docs/report.md tells how it measures.',
  async run({ positionals: [path], values, terminal, signal }) {
    const options = {
      ...(values.ratios !== undefined && { ratios: ratios(values.ratios) }),
      ...(values.sample !== undefined && { sample: wholeNumber('sample', values.sample, 0, 1000) }),
      ...(values.kind && { kinds: values.kind })
    }
    const how = { store: path, force: values.force }
    if (values.html !== undefined) checkOutput('html', values.html, how)
    const found = await withMemory(path, { modelMismatch: 'open' }, async (memory) => {
      /** @type {ReturnType<typeof terminal.progress> | undefined} */
      let bar
      const onProgress = (/** @type {{ done: number, total: number }} */ { done, total }) => {
        bar ??= terminal.progress('Measuring', total)
        bar.update(done)
      }
      const report = await memory.report({ ...options, onProgress, signal })
      bar?.end()
      return report
    })
    if (values.html !== undefined) writeOutput('html', values.html, page(found), how)
    if (values.json) return terminal.json(found)
    terminal.say(...reportLines(found, terminal.out))
    if (values.html !== undefined) terminal.say('', `The page with pictures is ${values.html}`)
  }
}

/** @param {string} list */
function ratios(list) {
  return list.split(',').map((text) => {
    if (!/^\s*\d+\s*$/.test(text) || Number(text) < 1 || Number(text) > 256) throw new UsageError(`--ratios wants whole numbers from 1 to 256 with commas between, found "${list}"`)
    return Number(text)
  })
}
