/** A state with audio, made (`make FILE TAKES`) or saved and told as JSON (`save FILE STORE`). */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { seeded } from '../measure/random.mjs'
import { base64 } from './session.mjs'

const [what, file, more] = process.argv.slice(2)
if (what === 'make') make(Number(more))
else await save(more)

/** Takes of 1.5 MB of samples each. */
function make(takes) {
  const random = seeded(3)
  const audioBuffers = {}
  for (let i = 0; i < takes; i++) {
    let walk = 0
    const samples = Float32Array.from({ length: 393_216 }, () => {
      walk = walk * 0.95 + (random() - 0.5) * 0.2
      return Math.round(walk * 32_767) / 32_768
    })
    audioBuffers[`buf-${i}`] = { numberOfChannels: 1, length: samples.length, sampleRate: 44_100, channelData: [base64(samples)] }
  }
  writeFileSync(file, JSON.stringify({ bpm: 120, tracks: [], audioBuffers }))
}

function resident(name) {
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024
}

async function save(path) {
  const { PrimeMemory } = createRequire(import.meta.url)('../../index.js')
  const memory = await PrimeMemory.open({ path })
  await memory.snapshots.save('warm up', { bpm: 1 })
  await memory.search('warm up', { kind: 'project_snapshot' })
  const text = readFileSync(file)
  const time = async (call) => {
    const begun = performance.now()
    const result = await call()
    return [performance.now() - begun, result]
  }
  // From here on the peak counts.
  writeFileSync('/proc/self/clear_refs', '5')
  const before = resident('VmRSS')
  const [ms, { id }] = await time(() => memory.snapshots.save('p', text))
  const growth = Math.max(0, resident('VmHWM') - before)
  const edited = Buffer.from(text.toString('latin1').replace('"bpm":120', '"bpm":121'), 'latin1')
  const [again] = await time(() => memory.snapshots.save('p', edited))
  const [restore, restored] = await time(() => memory.snapshots.restore(id, { as: 'bytes' }))
  if (!Buffer.from(restored).equals(text)) throw new Error('it came back otherwise')
  const stored = memory.snapshots.projects().find(({ project }) => project === 'p').storedBytes
  await memory.close()
  process.stdout.write(JSON.stringify({ ms, again, restore, growth, stored }))
}
