/** Callers who wait for one provider call. It is cancelled when the last of them has left, and not before. */
export interface Waiter {
  /** Aborted when nobody waits any more. */
  signal: AbortSignal
  /** The caller has its answer or its error. */
  leave: () => void
}

interface Group {
  controller: AbortController
  waiting: number
}

const groups = new Map<string, Group>()

/** Joins those who wait for the request with this key. */
export function join(key: string, signal: AbortSignal | undefined): Waiter {
  const group = groups.get(key) ?? { controller: new AbortController(), waiting: 0 }
  groups.set(key, group)
  group.waiting += 1
  let left = false
  const leave = (cancelled: boolean) => {
    if (left) return
    left = true
    signal?.removeEventListener('abort', cancel)
    group.waiting -= 1
    if (group.waiting > 0) return
    if (groups.get(key) === group) groups.delete(key)
    if (cancelled) group.controller.abort()
  }
  const cancel = () => leave(true)
  if (signal?.aborted) cancel()
  else signal?.addEventListener('abort', cancel, { once: true })
  return { signal: group.controller.signal, leave: () => leave(false) }
}
