// One provider call for all equal requests under way in this JavaScript thread: what `getOrCreate`
// does. `name` stands for the request; the request is a copy, so that nobody changes it meanwhile.
;(cache, name, request, produce, options) => {
  const failure = (code, message) => Object.assign(new Error(message), { code })
  const { signal, ...lookup } = options ?? {}
  if (typeof produce !== 'function') throw failure('PM_BAD_OPTION', `produce: found ${typeof produce}; give a function`)
  if (signal !== undefined && !(typeof signal?.addEventListener === 'function' && typeof signal.aborted === 'boolean')) {
    throw failure('PM_BAD_OPTION', 'options.signal: no AbortSignal; give an AbortSignal')
  }
  // Whose `produce` the caller is inside of, however deep: it would wait for itself. What such a `produce` began and
  // is called after its end is free to ask again.
  const { AsyncLocalStorage } = globalThis.process?.getBuiltinModule?.('node:async_hooks') ?? {}
  const callers = (globalThis[Symbol.for('@mixxclub/prime-memory.produces')] ??= AsyncLocalStorage && new AsyncLocalStorage())
  const around = callers?.getStore() ?? []
  if (around.some((outer) => outer.name === name && outer.isUnderWay)) {
    throw failure('PM_BAD_OPTION', 'request: found the one whose produce makes this call, which would wait for itself; give its answer from produce, or another request')
  }
  const aborted = () =>
    Object.assign(failure('PM_ABORTED', 'cancelled by the caller; others who wait for the same answer still get it'), { name: 'AbortError' })
  if (signal?.aborted) throw aborted()

  const flights = (globalThis[Symbol.for('@mixxclub/prime-memory.flights')] ??= new Map())
  const shared = (key, begin) => {
    if (!flights.has(key)) {
      const flight = begin().finally(() => flights.delete(key))
      flight.catch(() => {}) // All who waited may have left.
      flights.set(key, flight)
    }
    return flights.get(key)
  }
  const create = async () => {
    const own = { name, isUnderWay: true }
    const call = async () => produce()
    const answer = await (callers ? callers.run([...around, own], call) : call()).finally(() => (own.isUnderWay = false))
    const kept = await cache._keep(request, answer)
    const content = answer.content ?? String(answer)
    return { id: kept.id, content, match: 'fresh', similarity: 1, age: 0, model: kept.model, cost: kept.cost }
  }
  const look = async () => (await cache.get(request, lookup)) ?? shared(name, create)
  // Those who look in the same way share the look-up as well. A kept answer is then looked up once more by each of
  // them: every hit is counted, with what it saved.
  const key = `${name} ${JSON.stringify(lookup)}`
  const isFirst = !flights.has(key)
  const again = async (hit) => (isFirst || hit.match === 'fresh' ? null : await cache.get(request, lookup).catch(() => null))
  const own = shared(key, look).then(async (hit) => ({ ...((await again(hit)) ?? hit) }))
  if (!signal) return own
  return new Promise((resolve, reject) => {
    const leave = () => reject(aborted())
    signal.addEventListener('abort', leave, { once: true })
    own.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}
