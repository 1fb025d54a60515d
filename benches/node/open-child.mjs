/** One opening of the store named on the command line; prints its times as JSON. */
const start = performance.now()
const { PrimeMemory } = await import('../../index.mjs')
const imported = performance.now()
const memory = PrimeMemory.openSync({ path: process.argv[2], scope: { user: 'ana' }, threads: 1 })
const opened = performance.now()
const search = () => memory.searchSync('a warm bass for the second verse', { scope: { user: 'ana', allProjects: true } })
search()
const searched = performance.now()
search()
const end = performance.now()
const { origin } = memory.stats().index
memory.closeSync()
console.log(JSON.stringify({ importMs: imported - start, openMs: opened - imported, firstSearchMs: searched - opened, secondSearchMs: end - searched, origin }))
