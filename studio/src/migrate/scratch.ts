// A memory aside, for dry runs: what it refuses, the memory refuses; then it is deleted.
import type { PrimeMemory } from '@mixxclub/prime-memory'
import { requireFromHere } from '../store/locate.js'
import { fileSystem, paths } from '../store/node.js'
import { session } from '../store/session.js'

interface Temporary {
  mkdtempSync(prefix: string): string
  rmSync(path: string, options: { recursive: boolean; force: boolean }): void
}

/** Gives `work` an empty memory like this one, in the folder for temporary files. */
export async function withScratch<T>(store: PrimeMemory, work: (scratch: PrimeMemory) => Promise<T>): Promise<T> {
  const fs = fileSystem() as unknown as Temporary
  const { tmpdir } = requireFromHere!('node:os') as { tmpdir(): string }
  const folder = fs.mkdtempSync(paths().join(tmpdir(), 'prime-memory-'))
  try {
    const { open, scope } = session.settings
    const scratch = await (store.constructor as typeof PrimeMemory).open({ ...open, path: paths().join(folder, 'studio.db'), ...(scope && { scope }) })
    try {
      return await work(scratch)
    } finally {
      await scratch.close()
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}
