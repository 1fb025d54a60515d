/** `verify` and `repair`. */
import { EXIT } from '../terminal.mjs'
import { withMemory } from '../store.mjs'

/** @type {import('../arguments.mjs').Command} */
export const verify = {
  summary: 'Checks every row, every version, the shape of every vector, and the index',
  usage: 'STORE',
  least: 1,
  most: 1,
  options: {},
  endsAtOnce: true,
  notes: 'Reads everything, changes nothing. A bit that flipped within a number of a vector is not noticed.\nExit code 1: something is wrong.',
  run: (call) => look(call, (memory) => memory.verify())
}

/** @type {import('../arguments.mjs').Command} */
export const repair = {
  summary: 'Mends what can be mended without guessing',
  usage: 'STORE',
  least: 1,
  most: 1,
  options: {},
  // The store is mended in one transaction, the index written aside: whatever was not done is found by the next.
  endsAtOnce: true,
  notes: 'Full text and index are built again from the memories. Keep a copy of a damaged store first.\nExit code 1: something is still wrong.',
  run: (call) => look(call, (memory) => memory.repair())
}

/** @param {import('../arguments.mjs').Call} call @param {(memory: import('../store.mjs').Memory) => Promise<{ ok: boolean, problems: string[], mended: string[] }>} check */
async function look({ positionals: [path], values, terminal }, check) {
  const { ok, problems, mended } = await withMemory(path, { modelMismatch: 'open' }, check)
  if (values.json) terminal.json({ ok, problems, mended })
  else {
    const { style } = terminal.out
    for (const what of mended) terminal.say(`${style.accent('mended')}  ${what}`)
    for (const what of problems) terminal.say(`${style.warning('wrong')}   ${what}`)
    terminal.say(ok ? `${style.accent('✓')} ${path} is sound` : style.warning(`${path}: ${problems.length} problem${problems.length === 1 ? '' : 's'}`))
  }
  return ok ? EXIT.ok : EXIT.failed
}
