/**
 * What must compile, and what must not: checked by `npx tsc --project __test__/tsconfig.json`, never run.
 */
import {
  PrimeMemory,
  type Cache, type CacheAnswer, type CacheExplanation, type CacheHit, type CacheRequest, type CacheStats, type Fact, type FreshAnswer,
  type Condition, type Explanation, type Hit, type Kind, type Memory, type MemoryTokens, type MetadataValue,
  type LearnReport, type MixxRecallData, type NewMemory, type Observation, type OpenOptions, type RecallExplanation, type RecallFact, type Recall, type Progress, type Query, type Report, type ScopeFilter, type SearchOptions, type Stats, type StoreReport, type TierForecast, type TierReport, type Tiers,
} from '@mixxclub/prime-memory'

/** Compiles only when both types are the same; `any` equals nothing but itself. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(_: Same<A, B>): void => {}

declare const memory: PrimeMemory
declare const tokens: MemoryTokens
declare const signal: AbortSignal

// What calls give.
same<ReturnType<typeof PrimeMemory.open>, Promise<PrimeMemory>>(true)
same<ReturnType<typeof PrimeMemory.openSync>, PrimeMemory>(true)
same<ReturnType<PrimeMemory['compress']>, Promise<MemoryTokens>>(true)
same<ReturnType<PrimeMemory['compressSync']>, MemoryTokens>(true)
same<ReturnType<PrimeMemory['compressMany']>, Promise<MemoryTokens[]>>(true)
same<ReturnType<PrimeMemory['compressManySync']>, MemoryTokens[]>(true)
same<ReturnType<PrimeMemory['remember']>, Promise<string>>(true)
same<ReturnType<PrimeMemory['rememberSync']>, string>(true)
same<ReturnType<PrimeMemory['rememberMany']>, Promise<string[]>>(true)
same<ReturnType<PrimeMemory['rememberManySync']>, string[]>(true)
same<ReturnType<PrimeMemory['report']>, Promise<StoreReport>>(true)
same<ReturnType<PrimeMemory['search']>, Promise<Hit[]>>(true)
same<ReturnType<PrimeMemory['searchSync']>, Hit[]>(true)
same<ReturnType<PrimeMemory['get']>, Promise<Memory | null>>(true)
same<ReturnType<PrimeMemory['getSync']>, Memory | null>(true)
same<ReturnType<PrimeMemory['tokens']>, Promise<MemoryTokens | null>>(true)
same<ReturnType<PrimeMemory['update']>, Promise<void>>(true)
same<ReturnType<PrimeMemory['updateSync']>, void>(true)
same<ReturnType<PrimeMemory['forget']>, Promise<number>>(true)
same<ReturnType<PrimeMemory['forgetSync']>, number>(true)
same<ReturnType<PrimeMemory['stats']>, Stats>(true)
same<ReturnType<PrimeMemory['verify']>, Promise<Report>>(true)
same<ReturnType<PrimeMemory['repairSync']>, Report>(true)
same<ReturnType<PrimeMemory['reindex']>, Promise<number>>(true)
same<ReturnType<PrimeMemory['close']>, Promise<void>>(true)
same<PrimeMemory['recall'], Recall>(true)
same<ReturnType<Recall['learn']>, Promise<LearnReport>>(true)
same<ReturnType<Recall['learnManySync']>, LearnReport[]>(true)
same<ReturnType<Recall['context']>, MixxRecallData>(true)
same<ReturnType<Recall['prompt']>, string>(true)
same<ReturnType<Recall['similar']>, Promise<Hit[]>>(true)
same<ReturnType<Recall['facts']>, RecallFact[]>(true)
same<ReturnType<Recall['explain']>, RecallExplanation>(true)
same<ReturnType<Recall['forget']>, Promise<number>>(true)

same<PrimeMemory['cache'], Cache>(true)
same<ReturnType<Cache['get']>, Promise<CacheHit | null>>(true)
same<ReturnType<Cache['getSync']>, CacheHit | null>(true)
same<ReturnType<Cache['set']>, Promise<string>>(true)
same<ReturnType<Cache['getOrCreate']>, Promise<CacheHit | FreshAnswer>>(true)
same<ReturnType<Cache['explain']>, Promise<CacheExplanation>>(true)
same<ReturnType<Cache['feedback']>, Promise<void>>(true)
same<ReturnType<Cache['forget']>, Promise<boolean>>(true)
same<ReturnType<Cache['invalidate']>, Promise<number>>(true)
same<ReturnType<Cache['configure']>, void>(true)
same<ReturnType<Cache['stats']>, CacheStats>(true)
same<ReturnType<Cache['clear']>, Promise<number>>(true)

// No field of a hit or memory is `any`.
same<CacheHit['match'], 'exact' | 'meaning'>(true)
same<FreshAnswer['match'], 'fresh'>(true)
same<CacheExplanation['request']['facts'], Fact[]>(true)
same<CacheStats['pairModel'], string | null>(true)
same<Hit['id'], string>(true)
same<Hit['score'], number>(true)
same<Hit['similarity'], number | null>(true)
same<Hit['text'], string | null>(true)
same<Hit['metadata'], { [key: string]: MetadataValue }>(true)
same<Hit['explain'], Explanation | undefined>(true)
same<Hit['kind'], Kind>(true)
same<Memory['data'], unknown>(true)
same<Memory['accessedAt'], number | null>(true)
same<MemoryTokens['data'], Float32Array>(true)
same<MemoryTokens['whole'], Float32Array>(true)
same<Stats['index']['mode'], 'exact' | 'binary' | 'building' | 'graph'>(true)
same<Stats['index']['recall'], number | null>(true)
same<Stats['kinds'][string]['tiers'], { hot: number; warm: number; cold: number }>(true)
same<Hit['textDroppedAt'], number | null>(true)
same<Memory['importance'], number>(true)
same<ReturnType<Tiers['move']>, Promise<TierReport>>(true)
same<ReturnType<Tiers['moveSync']>, TierReport>(true)
same<ReturnType<Tiers['simulate']>, Promise<TierForecast>>(true)
same<TierReport['why'], string | null>(true)
same<TierReport['kinds'][string]['cold'], number>(true)
same<any, Hit['score']>(false)

export async function mustCompile(): Promise<void> {
  await PrimeMemory.open({ path: 'a.db' })
  await PrimeMemory.open({ path: 'a.db', model: 'm', scope: { user: 'u', project: 'p' }, threads: 2, durability: 'full', modelMismatch: 'open', runtime: 'r' })
  await memory.compress('a')
  await memory.compress('a', { ratio: 4, signal })
  await memory.compressMany(['a'], { ratio: 4, signal, onProgress: ({ done, total }: Progress) => done + total })
  await memory.remember({ kind: 'mixx_recall', data: { any: ['json', 1, null] } }, { signal })
  await memory.remember({ kind: 'my own', text: 'a', metadata: { bpm: 1, tags: ['a', 1, null], deep: { a: true } }, ratio: 8, scope: {} })
  await memory.rememberMany([{ kind: 'note', text: 'a' }], { signal, onProgress() {} })
  await memory.search('a')
  await memory.search({ text: 'a' })
  await memory.search({ tokens }, { kind: 'cache' })
  await memory.search({ id: 'a' }, { kind: ['cache', 'own'], scope: [{ user: 'a', allProjects: true }, {}] })
  await memory.search('a', { where: { bpm: { gte: 120, lt: 140 }, key: 'C minor', on: true, gone: null, tag: { contains: 'a' }, x: { in: [1, 'a'], exists: true } } })
  await memory.search('a', { mode: 'keyword', limit: 3, threshold: 0.5, explain: true, signal })
  await memory.get('a', { scope: { user: 'a', allProjects: true } })
  await memory.update('a', { text: 'b', data: 1, metadata: {} }, { scope: {}, signal })
  await memory.remember({ kind: 'note', text: 'a', disposable: true, importance: 0.2 })
  await memory.update('a', { disposable: false, importance: 1 })
  await memory.tiers.move({ budgetBytes: 1e6, warmAfterDays: 30, coldAfterDays: 90, kinds: ['note'], disposableKinds: 'own', scope: { user: 'a' } }, { signal, onProgress() {} })
  await memory.tiers.simulate({ warmAfterDays: 0 }, { sample: 50, signal })
  await memory.reindex({ withoutText: 'dropVectors', signal })
  await memory.forget('a')
  await memory.forget(['a', 'b'], { scope: [{}] })
  await memory.recall.learn({ genre: 'Trap', bpm: 140, key: ['Am'], favourites: { eq: true }, presets: [{ name: 'Air', plugin: 'eq' }], at: 1, scope: { user: 'a' } }, { signal })
  await memory.recall.learnMany([{ presets: { eq: [{ label: 'Air', params: { gain: 1 }, savedAt: 1 }] }, states: { room: 'B' } }], { onProgress() {} })
  memory.recall.prompt({ maxTokens: 100, scope: { user: 'a' }, at: 1 })
  await memory.recall.forget({ category: 'setting', value: { plugin: 'eq' } }, { signal })
  same<ReturnType<typeof memory.recall.unlearn>, Promise<number>>(true)
  await memory.recall.unlearn(['id'], { scope: { user: 'a' } })
  await memory.snapshots.remove('id', { scope: { user: 'a' }, signal })
  await memory.reindex({ signal, onProgress() {} })
  const request: CacheRequest = { prompt: 'a', context: { bpm: 1 }, options: { model: 'm' }, scope: { user: 'u' }, recall: { typicalBPM: 1 } }
  const answer: CacheAnswer = { content: 'a', usage: { inputTokens: 1 }, cost: 1, model: 'm', ttlMs: 1, createdAt: 1 }
  await memory.cache.set(request, answer)
  await memory.cache.set({ prompt: 'a', context: null, options: null, recall: null }, 'a')
  await memory.cache.get(request, { ttlMs: 1, mode: 'shadow', signal })
  const made = await memory.cache.getOrCreate(request, async () => answer, { signal })
  if (made.match === 'fresh') made.content.length
  await memory.cache.feedback('id', false, request)
  await memory.cache.invalidate({ where: { bpm: { gte: 120 } }, project: 'p', olderThan: 1, model: 'm', scope: {} })
  memory.cache.configure({ mode: 'exact', maxErrorRate: 0.01, maxEntries: 1, maxBytes: 1 << 20, prices: { m: { input: 1, output: 1 } } })
  memory[Symbol.dispose]()
  await memory[Symbol.asyncDispose]()
  {
    using closedAtTheEnd = memory
    await using closedToo = memory
    void [closedAtTheEnd, closedToo]
  }
}

export async function mustNotCompile(): Promise<void> {
  // @ts-expect-error a path is needed
  await PrimeMemory.open({})
  // @ts-expect-error misspelled
  await PrimeMemory.open({ path: 'a', thread: 2 })
  // @ts-expect-error not a number
  await PrimeMemory.open({ path: 'a', threads: '2' })
  // @ts-expect-error a prompt is needed
  await memory.cache.get({ context: {} })
  // @ts-expect-error no such mode
  await memory.cache.get({ prompt: 'a' }, { mode: 'loose' })
  // @ts-expect-error an answer is needed
  await memory.cache.set({ prompt: 'a' })
  // @ts-expect-error both prices are needed
  memory.cache.configure({ prices: { m: { input: 1 } } })
  // @ts-expect-error no such durability
  await PrimeMemory.open({ path: 'a', durability: 'fast' })
  // @ts-expect-error two of text, tokens and id
  await memory.search({ text: 'a', id: 'b' })
  // @ts-expect-error two of text, tokens and id
  await memory.search({ text: 'a', tokens })
  // @ts-expect-error two of text, tokens and id
  await memory.search({ id: 'a', tokens })
  // @ts-expect-error none of text, tokens and id
  await memory.search({})
  // @ts-expect-error misspelled
  await memory.search('a', { limt: 3 })
  // @ts-expect-error no such mode
  await memory.search('a', { mode: 'fuzzy' })
  // @ts-expect-error no such operator
  const operator: Condition = { $gte: 3 }
  // @ts-expect-error a list is no value to compare with, `in` takes one
  const list: Condition = [1, 2]
  // @ts-expect-error a bound is a number or a text
  const bound: SearchOptions = { where: { bpm: { gte: new Date() } } }
  // @ts-expect-error blocking calls cannot be cancelled
  memory.searchSync('a', { signal })
  // @ts-expect-error blocking calls cannot be cancelled
  memory.compressSync('a', { signal })
  // @ts-expect-error one text has no progress
  await memory.compress('a', { onProgress() {} })
  // @ts-expect-error a kind is needed
  const kindless: NewMemory = { text: 'a' }
  // @ts-expect-error misspelled
  const misspelled: NewMemory = { kind: 'note', txt: 'a' }
  // @ts-expect-error metadata is JSON
  const dated: NewMemory = { kind: 'note', text: 'a', metadata: { at: new Date() } }
  // @ts-expect-error the kind of a memory stays
  await memory.update('a', { kind: 'b' })
  // @ts-expect-error misspelled
  await memory.get('a', { scop: {} })
  // @ts-expect-error misspelled
  const filter: ScopeFilter = { usr: 'a' }
  // @ts-expect-error misspelled
  const seen: Observation = { gerne: 'Trap' }
  // @ts-expect-error a fact is named by key or category
  await memory.recall.forget({ value: 'Trap' })
  // @ts-expect-error exactly one scope
  memory.recall.context({ scope: [{}] })
  // @ts-expect-error ids are strings
  await memory.forget([1])
  const [hit] = await memory.search('a')
  // @ts-expect-error similarity may be null
  hit!.similarity.toFixed()
  // @ts-expect-error a hit has no data
  hit!.data
  // @ts-expect-error null is no id
  const query: Query = { id: null }
  // @ts-expect-error strings, numbers …
  const options: OpenOptions = { path: 'a', scope: { user: 1 } }
  void [operator, list, bound, kindless, misspelled, dated, filter, query, options]
}
