// ES module form; locate.ts is the other one. No import of a Node module, so that a bundler for the
// browser finds nothing to stumble over.

interface NodeProcess {
  getBuiltinModule?: (name: 'node:module') => { createRequire(from: string): (name: string) => unknown } | undefined
}

function find(): ((name: string) => unknown) | null {
  const { process } = globalThis as { process?: NodeProcess }
  // Node 20.16 and newer; older ones have no way to load an addon at once from an ES module without an import.
  return process?.getBuiltinModule?.('node:module')?.createRequire(import.meta.url) ?? null
}

/** `require` of Node, seen from this package; null where there is none (a browser tab). */
export const requireFromHere: ((name: string) => unknown) | null = find()
