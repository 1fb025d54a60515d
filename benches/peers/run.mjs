// Beside its peers: transformers.js for encoding; LanceDB, hnswlib, usearch and sqlite-vec for searching. Same model
// file, same texts, same vectors; transformers.js in a process of its own. `npm run bench:peers`, about 20 minutes; installs 0.7 GB here first.
//
//   node benches/peers/run.mjs [encode|search ...] [--quick] [--json FILE]

// Before anything loads: LanceDB reads its thread counts once. LANCE_IO_THREADS=1 makes 0.39.0 hang for ever.
Object.assign(process.env, { LANCE_CPU_THREADS: '1', TOKIO_WORKER_THREADS: '1', RAYON_NUM_THREADS: '1', OMP_NUM_THREADS: '1' })

import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { PrimeMemory } from '../../index.mjs'
import { Report, readOptions } from '../measure/report.mjs'
import { closureBytes, lancedbBytes, ownBytes } from './bytes.mjs'
import { versionOf } from './engines/engine.mjs'
import { installPeers } from './install.mjs'

const options = readOptions(process.argv.slice(2))
installPeers()
const folder = mkdtempSync(join(tmpdir(), 'prime-memory-peers-'))
const threads = options.quick ? [1] : [...new Set([1, Math.min(2, availableParallelism())])]
const memories = await Promise.all(threads.map(async (count) => ({ threads: count, memory: await PrimeMemory.open({ path: join(folder, `${count}.db`), threads: count }) })))
const [{ memory }] = memories
const { runtime, model } = memory.stats()
const report = new Report('prime-memory beside its peers', options, { runtime: `ONNX Runtime ${runtime.version}; transformers.js its own, ${versionOf('onnxruntime-node')}`, model: model.name, 'transformers.js': versionOf('@huggingface/transformers') })

/** @type {Record<string, () => Promise<void>>} */
const parts = { encode, search }
try {
  for (const part of options.rest.length > 0 ? options.rest : Object.keys(parts)) {
    if (!parts[part]) throw new Error(`no part "${part}"; there are ${Object.keys(parts).join(', ')}`)
    await parts[part]()
  }
  packageBytes()
  report.finish()
} finally {
  for (const { memory } of memories) await memory.close()
  rmSync(folder, { recursive: true, force: true })
}

async function encode() {
  const { encodeAgainstTransformers } = await import('./encode.mjs')
  await encodeAgainstTransformers(report, memories)
}

async function search() {
  const { corpusOf } = await import('../node/corpus.mjs')
  const { searchAgainstPeers } = await import('./search.mjs')
  const corpus = await corpusOf(PrimeMemory, options.quick ? 1000 : 100_000, model.fingerprint)
  await searchAgainstPeers(report, corpus, corpus.queries.map((text) => memory.compressSync(text).whole))
}

function packageBytes() {
  const sizes = { 'prime-memory, with model and runtime': ownBytes(), '@huggingface/transformers, without a model': closureBytes('@huggingface/transformers'), '@lancedb/lancedb': lancedbBytes() }
  for (const name of ['usearch', 'hnswlib-node', 'sqlite-vec', 'better-sqlite3']) Object.assign(sizes, { [name]: closureBytes(name) })
  report.table('Bytes on disk, with all that is needed at run time', Object.entries(sizes).map(([name, bytes]) => ({ package: name, MB: bytes / 1e6 })))
  report.target("install size for one platform at most 80 MB, the guard's model apart", `${(ownBytes() / 1e6).toFixed(1)} MB unpacked`, ownBytes() <= 80e6)
}
