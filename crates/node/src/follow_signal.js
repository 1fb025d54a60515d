// Calls `stop` when the signal is aborted; what comes back lets the signal go. All calls that follow one signal share a
// listener: Node warns of more than ten.
;(signal, stop) => {
  const followed = (globalThis[Symbol.for('@mixxclub/prime-memory.signals')] ??= new WeakMap())
  if (!followed.has(signal)) {
    const stops = new Set()
    const stopAll = () => stops.forEach((stop) => stop())
    signal.addEventListener('abort', stopAll)
    followed.set(signal, { stops, stopAll })
  }
  const { stops, stopAll } = followed.get(signal)
  stops.add(stop)
  return () => {
    stops.delete(stop)
    if (stops.size > 0) return
    signal.removeEventListener('abort', stopAll)
    followed.delete(signal)
  }
}
