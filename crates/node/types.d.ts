/// <reference lib="esnext.disposable" />

/** `using memory = …` closes the memory at the end of the block. */
export interface PrimeMemory {
  /** As `closeSync`. */
  [Symbol.dispose](): void
  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** Whose a memory is. A hard partition: a search sees only the scopes it was given. */
export interface Scope {
  /** @default nobody's in particular */
  user?: string
  /** @default no project */
  project?: string
}

/** Whose memories a call may see: exactly those of this user and this project. */
export interface ScopeFilter extends Scope {
  /** Also the memories of this user that belong to any project. @default false */
  allProjects?: boolean
}

/** How to open a memory. */
export interface OpenOptions {
  /** The store's file; created when it does not exist (`:memory:` is refused). The index lies beside it as `<path>.index`; another file of that name is left alone, and no index is saved then. */
  path: string
  /** Folder of a model package. @default the package @mixxclub/prime-memory-model-minilm-l6 */
  model?: string
  /** Whose memories: the default of every call. @default { } (no user, no project) */
  scope?: Scope
  /** Most threads that encode at once, 1 to 64. @default the number of cores, at most 4 */
  threads?: number
  /** An acknowledged write survives the end of the process always, with 'full' a power cut too. @default 'normal' */
  durability?: 'normal' | 'full'
  /** A store filled with another model is refused (`PM_MODEL_MISMATCH`), or opened to be re-encoded by `reindex()`. @default 'fail' */
  modelMismatch?: 'fail' | 'open'
  /** Folder of the package of the pair model, which decides where the guard's rules leave it open. @default the package @mixxclub/prime-memory-guard-minilm-l6 where it is installed, else the rules alone */
  guard?: string
  /** The ONNX Runtime library file. A process loads one: another than the one at work is refused. @default ORT_DYLIB_PATH, beside the addon, or in onnxruntime-node */
  runtime?: string
}

/** How a call is cancelled. A cancelled call rejects with an `AbortError` whose code is `PM_ABORTED`; nothing of it is stored, but what `reindex` or `tiers.move` was through with. */
export interface CancelOptions {
  /** Already aborted, queued or running: the call ends within tens of milliseconds. */
  signal?: AbortSignal
}

/** How a long call is followed and cancelled. */
export interface JobOptions extends CancelOptions {
  /** Called at most every 30 ms and at the end. What it throws cancels the job and rejects the promise; a promise it returns is neither waited for nor caught. */
  onProgress?: (progress: Progress) => void
}

/** How far a job is, in items. */
export interface Progress {
  done: number
  total: number
}

/** Options of `compressSync`. */
export interface CompressOptionsSync {
  /** Text tokens per memory token, a whole number from 1 to 256. @default 16 */
  ratio?: number
}

/** Options of `compress`. */
export interface CompressOptions extends CompressOptionsSync, CancelOptions {}

/** Options of `compressMany`. */
export interface CompressManyOptions extends CompressOptionsSync, JobOptions {}

/** A text as a few vectors of one model's space. Every vector has length 1. */
export interface MemoryTokens {
  /** How many memory tokens: ceil(sourceTokens / ratio). */
  count: number
  /** Numbers in each vector. */
  dims: number
  /** Text tokens per memory token that was asked for. */
  ratio: number
  /** Text tokens of the source, special tokens not counted. */
  sourceTokens: number
  /** UTF-8 bytes of the source. */
  sourceBytes: number
  /** Fingerprint of the model that made them. */
  model: string
  /** The memory tokens, one after the other: count * dims numbers. */
  data: Float32Array
  /** One vector for the text as a whole: dims numbers. */
  whole: Float32Array
}

/** The Studio's kinds, or your own. */
export type Kind = 'mixx_recall' | 'project_snapshot' | 'musical_context' | 'cache' | (string & {})

/** What a metadata value can be compared with. */
export type MetadataValue = string | number | boolean | null | MetadataValue[] | { [key: string]: MetadataValue }

/** Something to remember: a text, or data of the Studio that is described in words. */
export interface NewMemory {
  kind: Kind
  /** At most 4 MiB. Left out, `data` is described (docs/describe.md). */
  text?: string
  /** Any JSON; kept beside the text, character for character. */
  data?: unknown
  /** Facts to filter by. Those found in `data` (BPM, key, genre …) are added unless given here. */
  metadata?: { [key: string]: MetadataValue }
  /** Text tokens per memory token, 1 to 256. @default mixx_recall 64, project_snapshot 128, musical_context 32, else 16 */
  ratio?: number
  /** @default the scope given to `open` */
  scope?: Scope
  /** Whether a tier policy may drop its text and data; metadata and memory tokens stay (docs/tiers.md). @default false */
  disposable?: boolean
  /** From 0, moves to a smaller tier first, to 1, never moved. @default 0.5 */
  importance?: number
}

/** Data to put into words. */
export interface DescribableItem {
  kind: Kind
  /** Any JSON of the Studio. */
  data: unknown
}

/** What data says (docs/describe.md). */
export interface Description {
  /** English, most telling facts first, at most 6,000 characters. */
  text: string
  /** The facts worth filtering by. */
  metadata: { [key: string]: MetadataValue }
}

/** What to change in a memory; what is left out stays, and null is refused. */
export interface MemoryChange {
  /** The new text; encoded anew with the memory's ratio, the old text is erased. */
  text?: string
  /** New data; described anew unless a text is given too. Facts found in the old data follow, metadata of your own stay. */
  data?: unknown
  /** Replaces all metadata. */
  metadata?: { [key: string]: MetadataValue }
  /** Whether a tier policy may drop its text and data from now on. */
  disposable?: boolean
  /** Its importance from now on, 0 to 1. */
  importance?: number
}

/** One memory as it is stored. */
export interface Memory {
  id: string
  kind: Kind
  scope: Scope
  tier: 'hot' | 'warm' | 'cold'
  /** Null once a policy dropped it. */
  text: string | null
  data: unknown
  metadata: { [key: string]: MetadataValue }
  /** Text tokens per memory token. */
  ratio: number
  /** Text tokens of the text. */
  sourceTokens: number
  /** Memory tokens. */
  tokenCount: number
  /** Numbers per memory token. */
  dims: number
  /** UTF-8 bytes of the text. */
  sourceBytes: number
  /** Bytes stored for text and memory tokens. */
  storedBytes: number
  /** Milliseconds since 1970. */
  createdAt: number
  /** Milliseconds since 1970. */
  updatedAt: number
  /** Milliseconds since 1970; null when never found or read. Written with the next write or at `close`: until then as before. */
  accessedAt: number | null
  /** How often it was found or read; written as `accessedAt` is. */
  accessCount: number
  /** Whether a tier policy may drop its text and data. */
  disposable: boolean
  /** From 0, moves to a smaller tier first, to 1, never moved. */
  importance: number
  /** When its text was dropped, milliseconds since 1970; null while it is there, or when it was lost to damage. */
  textDroppedAt: number | null
}

/** What to look for: exactly one of the three, or just a string. Of `tokens` the `whole` is compared, the other parts must fit it. */
export type Query =
  | { text: string; tokens?: never; id?: never }
  | { tokens: MemoryTokens; text?: never; id?: never }
  | { id: string; text?: never; tokens?: never }

/** A single value. */
export type Scalar = string | number | boolean | null

/** What a metadata field must be: a value, or conditions that must all hold. */
export type Condition =
  | Scalar
  | {
      eq?: Scalar
      ne?: Scalar
      gt?: number | string
      gte?: number | string
      lt?: number | string
      lte?: number | string
      in?: Scalar[]
      nin?: Scalar[]
      /** Whether the field is there. */
      exists?: boolean
      /** A list that holds this value, or a text that holds this part. */
      contains?: string | number
    }

/** Options of `searchSync`. */
export interface SearchOptionsSync {
  /** One or several, an empty list is refused. @default every kind */
  kind?: Kind | Kind[]
  /** Whose memories; a list means any of them, an empty one is refused. @default the scope given to `open`, never everybody's */
  scope?: ScopeFilter | ScopeFilter[]
  /** Conditions on metadata, all of which must hold: `{ bpm: { gte: 120, lte: 140 }, key: 'Cm' }`; `key` and `keys` in any usual spelling. */
  where?: { [field: string]: Condition }
  /** Meaning and keywords together, or one alone. @default 'hybrid' */
  mode?: 'hybrid' | 'semantic' | 'keyword'
  /** The most hits, 1 to 1000. @default 10 */
  limit?: number
  /** Hits whose meaning is less similar than this are left out, -1 to 1. @default none */
  threshold?: number
  /** Whether each hit carries the parts of its score. @default false */
  explain?: boolean
}

/** Options of `search`. */
export interface SearchOptions extends SearchOptionsSync, CancelOptions {}

/** A memory that was found. */
export interface Hit {
  id: string
  kind: Kind
  scope: Scope
  /** What the list is sorted by; comparable within one search only. */
  score: number
  /** Cosine similarity of meaning, -1 to 1; null in keyword mode, where no meaning is looked at. */
  similarity: number | null
  /** Null once a policy dropped it. */
  text: string | null
  metadata: { [key: string]: MetadataValue }
  /** 'cold': only memory tokens and metadata are left of it. */
  tier: 'hot' | 'warm' | 'cold'
  /** When its text was dropped, milliseconds since 1970; null while it is there, or when it was lost to damage. */
  textDroppedAt: number | null
  /** Milliseconds since 1970. */
  createdAt: number
  /** The parts of the score, with `explain: true`. */
  explain?: Explanation
}

/** The parts of a hit's score. */
export interface Explanation {
  /** Half best token, half whole text; null in keyword mode. */
  meaning: number | null
  /** Cosine with the best memory token; null in keyword mode. */
  bestToken: number | null
  /** Cosine with the whole-text vector; null in keyword mode. */
  whole: number | null
  /** BM25 of the question's words, higher is better; 0 when none matches. */
  keyword: number
  /** What BM25 added to a hybrid score. */
  keywordPart: number
  /** What holding every word of a question of one or two words added. */
  lookUpPart: number
}

/** Whose memory a call means. */
export interface ScopeOptions {
  /** @default the scope given to `open` */
  scope?: ScopeFilter | ScopeFilter[]
}

/** How many memories, and what they take. */
export interface Sizes {
  memories: number
  /** Text tokens of all texts. */
  sourceTokens: number
  memoryTokens: number
  /** UTF-8 bytes of all texts. */
  sourceBytes: number
  /** Bytes stored for texts (zstd). */
  textBytes: number
  /** Bytes stored for data (zstd). */
  dataBytes: number
  /** Bytes stored for memory tokens. */
  tokenBytes: number
}

/** Counts and bytes of one kind. */
export interface KindStats extends Sizes {
  /** Memories per tier. */
  tiers: { hot: number; warm: number; cold: number }
}

/** What is at work and how much it holds. Nothing falls back in silence: it would show here. */
export interface Stats {
  memories: number
  kinds: { [kind: string]: KindStats }
  store: {
    /** Bytes of the SQLite file. */
    fileBytes: number
    /** Bytes of its write-ahead log. */
    walBytes: number
    /** Bytes inside the file that erasing left unused. */
    unusedBytes: number
    journalMode: string
    durability: 'normal' | 'full'
    /** Grows by one with every write that changes vectors. */
    generation: number
    /** Erased bytes still wait in the write-ahead log for another reader to finish. */
    pendingErase: boolean
    /** Removals that a saved index may still have to be told. */
    tombstones: number
  }
  model: { name: string; fingerprint: string; dims: number; threads: number; matchesStore: boolean }
  index: {
    /** Memories in the index. */
    rows: number
    vectors: number
    /** Removed vectors whose slots wait for compaction. */
    dead: number
    /** Vectors in the graph, which there is from half a million on. */
    graphed: number
    /**
     * How most searches are answered: all vectors compared (few of them); the signs of all, then the vectors most alike in
     * signs (from some thousands on); a graph (from half a million on), or signs while it grows.
     */
    mode: 'exact' | 'binary' | 'building' | 'graph'
    /** Vectors compared after the signs, or nodes kept while the graph is walked; raised until recall is at least .99. */
    expansion: number
    /** Recall@10 against the exact answer, measured on a sample; null where all are compared, and before the first probe. */
    recall: number | null
    memoryBytes: number
    /** 'loaded', 'new', or 'rebuilt: ' and why. */
    origin: string
    fileBytes: number
  }
  runtime: { path: string; version: string; executionProvider: string }
}

/** How to encode again. */
export interface ReindexOptions {
  /**
   * What happens to memories whose text is gone, which nothing can encode again: the call fails with `PM_TEXT_GONE` and
   * changes nothing, or they lose their memory tokens: their metadata stay, `get` finds them, no search does. @default 'fail'
   */
  withoutText?: 'fail' | 'dropVectors'
}

/** What `verify` or `repair` found. */
export interface Report {
  ok: boolean
  /** What is wrong, a sentence each. */
  problems: string[]
  /** What was mended, a sentence each. */
  mended: string[]
}

/** One question to a language model. Two that differ in anything but `recall` never share an exact entry. */
export interface CacheRequest {
  /** What is asked, without the recall text. */
  prompt: string
  /** Audio and project context (`{ bpm, key }`): counts where the prompt uses it or points at it ("this track"). */
  context?: { [name: string]: unknown } | null
  /**
   * Everything that can change the answer: model, temperature, systemPrompt, maxTokens, thinkingConfig. A default given
   * explicitly (temperature 0.7, model gemini-2.5-flash, useCache, useMixxRecall) is the same as none given.
   */
  options?: { [name: string]: unknown } | null
  /** @default the scope given to `open` */
  scope?: Scope
  /**
   * What the assistant was told about this user, as facts by name (`{ favouritePlugins: ['Serum'], typicalBPM: 128 }`).
   * An entry is refused only when a fact changed that its answer or its prompt mentions.
   */
  recall?: { [fact: string]: unknown } | null
}

/** What a language model answered. */
export interface CacheAnswer {
  content: string
  /** Tokens as the provider counted them. Left out, they are estimated and marked so. */
  usage?: { inputTokens?: number; outputTokens?: number }
  /** US dollars. @default from `usage` and the price table; 0 for a model that has no price there */
  cost?: number
  /** The model that answered. @default options.model */
  model?: string
  /** Milliseconds until this entry expires, whatever the reader asks. @default none */
  ttlMs?: number
  /** Milliseconds since 1970, for imports. @default now */
  createdAt?: number
}

/** What may be served: equal requests only, the same while meaning is tried out beside it, or what the guard lets through. */
export type CacheMode = 'exact' | 'shadow' | 'guarded'

/** How to look up. */
export interface CacheGetOptions {
  /** The oldest answer accepted, in milliseconds, judged at reading; 0 or less accepts nothing. @default 86_400_000 */
  ttlMs?: number
  /** @default the mode set by `configure` */
  mode?: CacheMode
}

/** A cached answer that was served. */
export interface CacheHit {
  id: string
  content: string
  /** The request is equal, or means the same by the guard. */
  match: 'exact' | 'meaning'
  /** Cosine of the two prompts; 1 for an equal request. */
  similarity: number
  /** Milliseconds since it was stored. */
  age: number
  /** The model that answered. */
  model: string
  /** What the answer cost, in US dollars. */
  cost: number
}

/** An answer that `getOrCreate` had made. */
export interface FreshAnswer extends Omit<CacheHit, 'match'> {
  match: 'fresh'
}

/** What to change in the settings of the cache; what is left out stays. */
export interface CacheSettings {
  /** @default 'guarded' */
  mode?: CacheMode
  /** The highest share of wrong answers, 0 to 0.2. @default 0.01 */
  maxErrorRate?: number
  /** Answers kept at most, in all scopes, 1 to 1,000,000. @default 10_000 */
  maxEntries?: number
  /** Bytes of their texts and vectors at most, from 1 MiB. @default 256 MiB */
  maxBytes?: number
  /** US dollars per million tokens by model; added to the list that is built in. */
  prices?: { [model: string]: { input: number; output: number } }
}

/** Whose answers a call means. */
export interface CacheScopeOptions {
  /** @default the scope given to `open` */
  scope?: Scope
}

/** Which answers to remove: those that fulfil all of it. At least one besides `scope` is needed. */
export interface CacheFilter extends CacheScopeOptions {
  /** Conditions on fields of the context, as in `search`. */
  where?: { [field: string]: Condition }
  /** Those of this project of the scope's user. */
  project?: string
  /** Those stored before this, in milliseconds since 1970. */
  olderThan?: number
  /** Those that this model answered. */
  model?: string
}

/** What the cache did in one scope, counted exactly, and how it decides. */
export interface CacheStats {
  /** Look-ups that were served. */
  hits: number
  exactHits: number
  meaningHits: number
  /** Look-ups that were not. */
  misses: number
  /** Misses with an answer near by, by the code of why it was not served. */
  refusals: { [reason: string]: number }
  /** Answers kept. */
  entries: number
  /** Bytes of their texts and vectors. */
  bytes: number
  /** What the hits would have cost, in US dollars. */
  saved: number
  /** The part of `saved` that rests on estimated tokens. */
  savedEstimated: number
  feedback: { right: number; wrong: number }
  /** What shadow mode would have served, and whether the fresh answer said the same. */
  shadow: { would: number; agreed: number; disagreed: number }
  /** Answers removed to stay within the limits. */
  evicted: number
  /** Answers removed past their own expiry. */
  expired: number
  mode: CacheMode
  maxErrorRate: number
  /** The pair model at work; null when the rules decide alone. */
  pairModel: string | null
  /** Why there is no pair model. */
  pairModelMissing: string | null
  /** The score from which the pair model is believed; null without one, or when evidence leaves none to be believed. */
  threshold: number | null
}

/** One exact fact in a request. */
export interface Fact {
  /** Its kind, such as 'number'. */
  family: string
  /** Its value in one spelling. */
  value: string
  /** As it stands in the request. */
  text: string
}

/** Why a request is, or is not, served. */
export interface CacheExplanation {
  request: { prompt: string; facts: Fact[] }
  /** Whether an equal request is stored. */
  exact: boolean
  /** The nearest answers, best first, an equal request before all. */
  candidates: {
    id: string
    prompt: string
    similarity: number
    facts: Fact[]
    decision: 'serve' | 'refuse'
    /** A stable short code, such as 'number'. */
    reason: string
    by: 'exact' | 'rules' | 'pair-model' | 'feedback' | 'recall' | 'expired'
    /** The pair model's, 0 to 1; null when it was not asked. */
    score: number | null
    /** The reason in words. */
    sentence: string
  }[]
  decision: 'serve' | 'refuse'
  /** All of it in one sentence. */
  sentence: string
}

// ---- memory.recall

/** Something seen of a user at one time. Everything may be left out, but not all of it. Null and a bpm of 0 are unknown. */
export interface Observation {
  /** The project's name. */
  project?: string | null
  /** Case makes no difference. */
  genre?: string | string[] | null
  /** Beats per minute, up to 1000, exact: 119.99 stays 119.99. */
  bpm?: number | string | null
  /** In any usual spelling: 'Am' and 'A minor' are one key. */
  key?: string | string[] | null
  /** The scale of a single key given without one. */
  scale?: string | null
  /** Loudness mixed to, -100 to 20 LUFS. A state: the newest supersedes the one before. */
  lufs?: number | string | null
  /** Ids of plugins in use. */
  plugins?: string | string[] | null
  /** A list, or the Studio's map of plugin id to presets. */
  presets?: ObservedPreset[] | { [plugin: string]: { label: string; params?: { [name: string]: unknown }; [field: string]: unknown }[] } | null
  /** Settings in use: plugin, parameter, value. */
  settings?: { [plugin: string]: { [parameter: string]: number } } | null
  /** Plugins marked (true) or unmarked (false), or a list of marked ones. A state for each plugin. */
  favourites?: { [plugin: string]: boolean } | string[] | null
  /** Other facts to count, by a category of your own. */
  facts?: { [category: string]: string | number | boolean | (string | number | boolean)[] } | null
  /** Other states, by a name of your own: the newest value supersedes. */
  states?: { [name: string]: string | number | boolean } | null
  /** When it was seen, milliseconds since 1970. @default now */
  at?: number
  /** Exactly whose. @default the scope given to `open` */
  scope?: Scope
}

/** A preset in use. */
export interface ObservedPreset {
  name: string
  /** The plugin's id. @default 'unknown' */
  plugin?: string
  /** Its parameters: told in the memory, not counted. */
  settings?: { [parameter: string]: unknown }
}

/** What an observation changed. */
export interface LearnReport {
  /** The id of the memory made from it. */
  memory: string
  /** The keys of the facts it holds. */
  facts: string[]
  /** States that have another value now. */
  superseded: { key: string; from: MetadataValue; to: MetadataValue }[]
}

/** Whose facts, and of when. */
export interface RecallOptions {
  /** Exactly this scope. @default the scope given to `open` */
  scope?: Scope
  /** As things stood then, milliseconds since 1970. @default now */
  at?: number
}

/** How to say what is known. */
export interface RecallPromptOptions extends RecallOptions {
  /** Most tokens of the text, counted by the model's tokenizer, 1 to 10000. @default 200 */
  maxTokens?: number
}

/** Which projects. */
export interface HistoryOptions {
  /** Exactly this scope. @default the scope given to `open` */
  scope?: Scope
  /** @default all of them */
  limit?: number
  /** Only those seen before, milliseconds since 1970. @default all of them */
  before?: number
}

/** How many, and whose. */
export interface SimilarOptions {
  /** Exactly this scope. @default the scope given to `open` */
  scope?: Scope
  /** The most hits, 1 to 1000. @default 10 */
  limit?: number
  /** Hits whose meaning is less similar than this are left out, -1 to 1. @default none */
  threshold?: number
}

/** What the assistant remembers of a user; strongest first in every list. A field left out is unknown. */
export interface MixxRecallData {
  /** At most 5. */
  preferredGenres?: string[]
  /** Plugins used most, at most 10. */
  preferredPlugins?: string[]
  /** At most 10. */
  commonPresets?: { name: string; plugin: string }[]
  /** The tempo worked at most: one that was seen, never an average. */
  typicalBPM?: number
  /** At most 5, as given. */
  commonKeys?: string[]
  /** LUFS mixed to now. */
  preferredMixLevel?: number
  /** The last five, newest last. */
  recentProjects?: { genre?: string; bpm?: number; key?: string }[]
  /** Plugins marked as favourites, most used first. */
  favoritePlugins?: string[]
  /** The usual value of each parameter, of at most 10 plugins. */
  commonSettings?: { [plugin: string]: { [parameter: string]: number } }
}

/** One entry of the project history. */
export interface ProjectRecord {
  project?: string
  /** The first genre. */
  genre?: string
  /** All of them, when there are several. */
  genres?: string[]
  bpm?: number
  key?: string
  lufs?: number
  /** When it was seen, milliseconds since 1970. */
  at: number
  /** The id of the memory made from it; null when that was forgotten. */
  memory: string | null
}

/** Something known of a user, counted and dated. */
export interface RecallFact {
  /** Its name, such as 'bpm:128'; of a state, such as 'lufs', the same whatever its value. */
  key: string
  category: 'project' | 'genre' | 'bpm' | 'key' | 'lufs' | 'plugin' | 'preset' | 'setting' | 'favourite' | (string & {})
  /** The value as last given. */
  value: MetadataValue
  /** How many observations held it. */
  count: number
  /** The same count, each sighting faded by its age. */
  weight: number
  /** Milliseconds since 1970. */
  firstAt: number
  /** Milliseconds since 1970. */
  lastAt: number
  /** Since when it is so, milliseconds since 1970; of a state, since when it has this value. */
  validFrom: number
  /** Until when a state had this value; null while it has. */
  validTo: number | null
}

/**
 * Which facts: one by its key, or all of a category, or those of it with a value, in any spelling that `learn` reads as
 * it (or part of one: `{ plugin: 'mixx-eq8' }`).
 */
export type FactSelector = string | { category: string; value?: MetadataValue }

/** Why something is said of a user. */
export interface RecallExplanation extends RecallFact {
  /** All of it in words. */
  sentence: string
  /** Days after which a sighting counts half; null for a state, which does not fade. */
  halfLifeDays: number | null
  /** Where it was seen, newest first, at most 100. */
  observations: { at: number; project?: string; memory: string | null }[]
  /** Values a state had before, oldest first. */
  formerly: { value: MetadataValue; validFrom: number; validTo: number }[]
}

/** A track, or another channel that has plugins or a fader (`master`, a bus), as in the newer version. */
export interface ChangedTrack {
  id?: string
  name: string
}

/** A clip, as in the newer version; of a removed clip, as in the older one. */
export interface ChangedClip {
  id?: string
  name: string
}

/** Both values as in the states; a missing side was not there. Over 200 characters: `{ omitted, size }`. */
export interface ChangedValues {
  before?: JsonValue
  after?: JsonValue
}

/** Any JSON. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue }

/** One thing that is otherwise than before; positions count from 1, times are in the unit of the state (docs/changes.md). */
export type Change =
  | ProjectChange
  | TrackChange
  | InsertChange
  | MixerChange
  | ClipChange
  | NotesChange
  | AutomationChange
  | AudioChange
  | OtherChange

/** A setting of the project. */
export interface ProjectChange extends ChangedValues {
  kind: 'projectName' | 'tempo' | 'meter' | 'key' | 'scale' | 'genre' | 'mood' | 'masterVolume' | 'masterPan' | 'loop'
}

/** A track that came or went with all it holds, was named, coloured, grouped, cast or locked, or moved in the list. */
export type TrackChange =
  | { kind: 'trackAdded'; track: ChangedTrack; group?: string; copyOf?: string; clips: number; notes: number; plugins: string[] }
  | { kind: 'trackRemoved'; track: ChangedTrack; group?: string; clips: number; notes: number; plugins: string[] }
  | ({ kind: 'trackRenamed' | 'trackRecoloured' | 'trackRegrouped' | 'trackRole' | 'trackLocked'; track: ChangedTrack } & ChangedValues)
  | { kind: 'trackMoved'; track: ChangedTrack; before: number; after: number }

/** A plugin that came, went, moved in its chain, was replaced, switched off or on, or set otherwise. */
export type InsertChange =
  | { kind: 'insertAdded' | 'insertRemoved'; track: ChangedTrack; plugin: string; position: number; bypassed?: true }
  | { kind: 'insertMoved'; track: ChangedTrack; plugin: string; before: number; after: number }
  | { kind: 'insertReplaced'; track: ChangedTrack; position: number; before: string; after: string }
  | { kind: 'insertBypassed' | 'insertEnabled'; track: ChangedTrack; plugin: string }
  | ({ kind: 'insertPreset'; track: ChangedTrack; plugin: string } & ChangedValues)
  | ({ kind: 'insertParameter'; track: ChangedTrack; plugin: string; parameter: string } & ChangedValues)

/** A fader, pan, mute, solo or send. */
export type MixerChange =
  | ({ kind: 'trackVolume' | 'trackPan' | 'trackMuted' | 'trackSolo'; track: ChangedTrack } & ChangedValues)
  | ({ kind: 'trackSend'; track: ChangedTrack; send: string } & ChangedValues)

/** A clip of the arrangement. */
export type ClipChange =
  | { kind: 'clipAdded'; clip: ChangedClip; track: ChangedTrack; start?: JsonValue; copyOf?: string }
  | { kind: 'clipRemoved'; clip: ChangedClip; track: ChangedTrack; start?: JsonValue }
  | ({ kind: 'clipMoved' | 'clipRenamed' | 'clipGain' | 'clipMuted'; clip: ChangedClip; track: ChangedTrack } & ChangedValues)
  | ({ kind: 'clipResized'; clip: ChangedClip; track: ChangedTrack; edge: 'start' | 'end' | 'both' } & ChangedValues)
  | ({ kind: 'clipFade'; clip: ChangedClip; track: ChangedTrack; fade: string } & ChangedValues)
  | { kind: 'clipSplit' | 'clipsJoined'; clip: ChangedClip; track: ChangedTrack; at: number[]; pieces: number }
  | { kind: 'clipToTrack'; clip: ChangedClip; before: ChangedTrack; after: ChangedTrack }

/** Notes of one track; `by` is missing when they changed by different amounts. */
export type NotesChange =
  | { kind: 'notesAdded' | 'notesRemoved'; track: ChangedTrack; count: number }
  | { kind: 'notesTransposed' | 'notesMoved' | 'notesResized' | 'notesVelocity'; track: ChangedTrack; count: number; by?: number }
  | { kind: 'notesQuantised'; track: ChangedTrack; count: number; grid: number }
  | { kind: 'notesField'; track: ChangedTrack; count: number; field: string }

/** A lane of automation, by points. */
export type AutomationChange =
  | { kind: 'automationAdded' | 'automationRemoved'; lane: string; points: number }
  | { kind: 'automationChanged'; lane: string; added: number; removed: number; changed: number }

/** An audio buffer, never its samples, or an entry of the import history. */
export type AudioChange =
  | { kind: 'audioAdded' | 'audioRemoved' | 'audioReplaced'; buffer: string; seconds?: number }
  | { kind: 'ingestAdded' | 'ingestRemoved'; name: string }

/** Anything else by its path; the view, or ids given anew, only when nothing else changed. */
export type OtherChange =
  | ({ kind: 'field'; path: string; track?: ChangedTrack } & ChangedValues)
  | { kind: 'view'; fields: string[] }
  | { kind: 'ids'; count: number }
/** Who caused a version: the Studio by itself, the user, the user to keep it. */
export type SnapshotType = 'auto' | 'manual' | 'milestone'

/** Whose projects: a user's are never seen by another. @default the user given to `open` */
export interface SnapshotScopeOptions {
  scope?: { user?: string }
}

/** How to keep a version. */
export interface SaveOptions extends SnapshotScopeOptions {
  /** A name for it, at most 1000 bytes. */
  name?: string
  /** @default 'manual' */
  type?: SnapshotType
  /** The branch it goes on. @default 'main' */
  branch?: string
  /** The id of the version it was made from. @default the newest of the branch */
  parent?: string
  /** Words to find it by; a version with tags is never pruned. */
  tags?: string[]
  /** When it was made, milliseconds since 1970. @default now */
  at?: number
}

/** In which form a state comes back. */
export interface RestoreOptions<As extends 'state' | 'text' | 'bytes' = 'state'> extends SnapshotScopeOptions {
  /** `state`: what `JSON.parse` makes of the text; `text` and `bytes`: the text as it was saved. @default 'state' */
  as?: As
}

/** What `restore` gives. */
export type Restored<As extends 'state' | 'text' | 'bytes'> = As extends 'bytes' ? Uint8Array : As extends 'text' ? string : any

/** Which versions of a project. */
export interface SnapshotHistoryOptions extends SnapshotScopeOptions {
  /** One that the project has. @default all branches */
  branch?: string
  /** @default all types */
  type?: SnapshotType | SnapshotType[]
  /** Only those with this tag. */
  tag?: string
  /** Only those made then or later, milliseconds since 1970 (`date.getTime()`, no `Date`). */
  since?: number
  /** Only those made before, milliseconds since 1970. */
  before?: number
  /** @default all of them */
  limit?: number
}

/** Where a branch begins. */
export interface BranchOptions extends SnapshotScopeOptions {
  /** The id of the version. */
  from: string
}

/** How to go back. */
export interface RevertOptions extends SnapshotScopeOptions {
  /** A name for the new version. */
  name?: string
  /** The branch it goes on. @default that of the version gone back to */
  branch?: string
}

/** A version of a project. */
export interface Snapshot {
  id: string
  project: string
  /** Null when it was given none. */
  name: string | null
  type: SnapshotType
  branch: string
  /** The id of the version it was made from; null for a first one. */
  parent: string | null
  /** Sorted. */
  tags: string[]
  /** Milliseconds since 1970. */
  createdAt: number
  /** UTF-8 bytes of its state. */
  bytes: number
  /** Bytes stored for what differs from an earlier state; 0 when it equals one. Audio is not counted here. */
  storedBytes: number
  /** BLAKE3 of the text of its state, in hex. */
  hash: string
  /** What changed against its parent, in words; empty when nothing did, or only the spelling. */
  summary: string
  /** How many changes there are. */
  changes: number
  scope: Scope
}

/** A line of versions of a project. */
export interface Branch {
  name: string
  /** The id of its newest version, or of the one it begins at; null before the first. */
  head: string | null
  /** The id of the version it begins at, for one made by a save that of its first version's parent; null for the first branch. */
  from: string | null
  /** Versions on it. */
  snapshots: number
}

/** What is kept of a project. */
export interface ProjectSummary {
  project: string
  snapshots: number
  branches: number
  /** UTF-8 bytes of all states. */
  bytes: number
  /** Bytes of the file that restoring them needs. Audio that several projects use is counted in each. */
  storedBytes: number
  /** When the first version was made, milliseconds since 1970. */
  firstAt: number
  /** When the last version was made, milliseconds since 1970. */
  lastAt: number
}

/** What one version has otherwise than another. */
export interface Diff {
  /** One by one; `kind` says which (docs/changes.md). */
  changes: Change[]
  /** In a sentence or two. */
  summary: string
}

/** Which versions stay: one that any rule keeps. At least one rule must be given. */
export interface PrunePolicy extends SnapshotScopeOptions {
  /** So many of the newest versions of each branch, 1 or more. */
  keepLast?: number
  /** The last version of each of so many days (UTC) that have one, per branch. */
  keepDaily?: number
  /** The last version of each of so many weeks (UTC, from Monday) that have one, per branch. */
  keepWeekly?: number
  /** Those made within so many days, 0.04 (about an hour) or more. */
  olderThanDays?: number
  /** The types that may go, at least one. @default ['auto', 'manual'] */
  types?: SnapshotType | SnapshotType[]
  /** Only tell what would go; `freedBytes` is then what that takes now: what stays may become dearer or cheaper by it. @default false */
  dryRun?: boolean
}

/** What to find similar projects to: a snapshot, whose own project is then left out, or a project's state. */
export type SimilarTo = string | { id: string } | { state: object | string | Uint8Array }

/** Which similar projects. */
export interface SnapshotSimilarOptions extends SnapshotScopeOptions {
  /** 1 to 1000. @default 10 */
  limit?: number
  /** A project to leave out. */
  excludeProject?: string
}

/** A project that is like another, by its version that is most like it (docs/similar.md). */
export interface SimilarProject {
  /** The id of that version. */
  id: string
  project: string
  /** 0 to 1: nothing in common, or the same in every part. */
  score: number
  /** What the score is made of, each 0 to 1; missing where neither project says anything of it. */
  parts: { notes?: number; rhythm?: number; harmony?: number; sound?: number; form?: number; tempo?: number; groups?: number }
  /** Plugins that both use, sorted. */
  sharedPlugins: string[]
  /** Its key, as it says or as its notes suggest: `'A minor'`. */
  key?: string
  bpm?: number
  /** Semitones by which it lies above what was asked for, -5 to 6, where they share notes. */
  transposed?: number
  /** What they have in common, in a sentence. */
  why: string
}

/** What pruning removed. */
export interface PruneReport {
  /** The ids of the versions that are gone, oldest first. */
  removed: string[]
  /** Versions that stay. */
  kept: number
  /** Bytes that restoring needed and that are free now. */
  freedBytes: number
}

// ---- memory.tiers

/**
 * Which memories move to a smaller tier, longest unused, least used and least important first; at least one of the first
 * three. With a budget moves end once it holds, without one all moves that is old enough.
 */
export interface TierPolicy {
  /** Bytes that text, data and memory tokens of the memories it covers may take (`textBytes + dataBytes + tokenBytes` of `stats()`). */
  budgetBytes?: number
  /** Days without use after which a memory may become warm. @default 0 with a budget, never without */
  warmAfterDays?: number
  /** Days without use after which a disposable memory may become cold. @default 0 with a budget, never without */
  coldAfterDays?: number
  /** @default every kind */
  kinds?: Kind | Kind[]
  /** Kinds whose memories count as disposable, marked so or not. @default none */
  disposableKinds?: Kind | Kind[]
  /** Whose memories; a list means any of them. @default everybody's, as in `stats()` */
  scope?: ScopeFilter | ScopeFilter[]
}

/** How much of a forecast is tried. */
export interface SimulateOptions {
  /** Memories looked for by a part of their text, 0 to 1000; some 10 ms each among 100,000. @default 200 */
  sample?: number
}

/** What moved, or would, of one kind. */
export interface KindMoves {
  /** Memories that became warm. */
  warm: number
  /** Memories that became cold: their text is gone. */
  cold: number
  warmFreedBytes: number
  coldFreedBytes: number
}

/** Why bytes stay that a policy could free otherwise. */
export interface TierKept {
  /** Importance 1, or no memory tokens. */
  important: { memories: number; bytes: number }
  /** Used too recently for the days given. */
  recent: { memories: number; bytes: number }
  /** Texts and data not marked disposable. */
  undisposable: { memories: number; bytes: number }
}

/** What `move` did. */
export interface TierReport {
  /** Memories the policy covers. */
  memories: number
  /** Memories that moved. */
  moved: number
  kinds: { [kind: string]: KindMoves }
  /** Memories left alone because they were found, changed or removed meanwhile, or are damaged. */
  skipped: number
  /** Bytes of text, data and memory tokens before. */
  bytesBefore: number
  bytesAfter: number
  budgetBytes: number | null
  /** Whether the budget holds; true without one. */
  budgetReached: boolean
  /** Bytes over the budget. */
  missingBytes: number
  /** Why the budget does not hold, in words. */
  why: string | null
  kept: TierKept
  /** Traces of dropped texts still stand in the files, because a reader holds them; it is tried again until they are gone. */
  pendingErase: boolean
  durationMs: number
}

/** How well questions find what they are about. */
export interface Retrieval {
  /** Share of questions whose memory comes first. */
  recallAt1: number
  /** Mean of one over the place of the memory. */
  mrr: number
}

/** What `move` would do. */
export interface TierForecast extends Omit<TierReport, 'skipped' | 'pendingErase'> {
  /** What it would cost in finding things; null when nothing was tried. */
  quality: {
    /** Memories tried: looked for by a sentence of theirs, by half of an only sentence, or by all of a short text. */
    sample: number
    /** Memories that would move. */
    of: number
    /** By meaning and keywords, as they are stored now. */
    now: Retrieval
    /** By meaning and keywords, as they would be stored. */
    then: Retrieval
    /** By meaning alone, now. */
    meaningNow: Retrieval
    /** By meaning alone, as they would be stored. */
    meaningThen: Retrieval
    /** By how much a similarity moves, on average. */
    similarityError: number
    /** By how much at most. */
    mostSimilarityError: number
  } | null
}
// ---- memory.report

/** What a report looks at. */
export interface ReportOptions {
  /** Ratios to compare: whole numbers from 1 to 256, at most 32 of them. @default [1, 2, 4, 8, 16, 32, 64, 128] */
  ratios?: number[]
  /** Items of each kind whose retrieval and encoding are measured, 0 to 1000; 0 measures neither, which takes a moment only. @default 200 */
  sample?: number
  /** Only these kinds. @default all */
  kinds?: Kind | Kind[]
}

/** What some memories take, and how that compares with their texts. */
export interface Footprint extends Sizes {
  /** Their share of the index by meaning, by vectors. */
  indexBytes: number
  /** Their share of the full-text index, by bytes of text. */
  wordBytes: number
  /** Text tokens per memory token; null without memories. */
  ratio: number | null
  /** Bytes of text per byte stored for it (text, memory tokens, both indexes); null without memories. */
  byteRatio: number | null
}

/** How often an item was found among the sampled items of its kind. */
export interface RetrievalQuality {
  questions: number
  /** Share of questions whose item came first, 0 to 1. */
  r1: number
  /** Mean of 1 / place among the first ten, 0 below. */
  mrr10: number
}

/** How often an item was found, by how it was asked for; null where nothing was asked that way. */
export interface RetrievalFigures {
  /** By a sentence of it that was left out when it was remembered. */
  heldOut: RetrievalQuality | null
  /** By a sentence of it that was remembered with it. */
  kept: RetrievalQuality | null
  /** Items of one sentence: by its second half, only the first being remembered. */
  half: RetrievalQuality | null
}

/** What a kind would take, and be worth, at one ratio. Null: nothing was measured. */
export interface RatioFigures {
  /** Text tokens per memory token. */
  ratio: number
  /** Memory tokens of all items, counted exactly. */
  memoryTokens: number
  /** Bytes of their vectors in the hot tier (16-bit floats). */
  hotBytes: number
  /** Bytes of their vectors in the warm and cold tiers (8-bit integers). */
  warmBytes: number
  /** Bytes of text per byte of hot vectors. */
  hotByteRatio: number | null
  /** Bytes of text per byte of warm vectors. */
  warmByteRatio: number | null
  /** CPU seconds to encode all items, extrapolated from the sample by text tokens. */
  encodeCpuSeconds: number | null
  /** CPU milliseconds to compare one question with 1,000 items, one by one. */
  scanCpuMs: number | null
  /** Found by meaning alone. */
  meaning: RetrievalFigures | null
  /** Found as `search()` does unless told otherwise: by meaning and keywords. */
  hybrid: RetrievalFigures | null
}

/** One kind in a report. Null: nothing was measured (`sample: 0`, or all its texts are gone). */
export interface KindFigures {
  kind: Kind
  all: Footprint
  /** A tier without memories is left out. */
  tiers: { hot?: Footprint; warm?: Footprint; cold?: Footprint }
  /** At each ratio, rising. */
  ratios: RatioFigures[]
  /** What the same questions find without memory tokens: by keywords (BM25), by one mean vector for each item. */
  baselines: { keyword: RetrievalFigures; meanVector: RetrievalFigures } | null
  /** CPU time of encoding: measured on the sample, extrapolated to all items by text tokens. One run of the model serves every ratio. */
  encode: { sampleTokens: number; sampleCpuSeconds: number | null; cpuSeconds: number | null; questionCpuMs: number | null } | null
  /** What text costs without memory tokens: packing it (zstd) and indexing its words, extrapolated to all items by bytes; looking one question's words up among the sample. */
  text: { packCpuSeconds: number | null; indexCpuSeconds: number | null; searchCpuMs: number | null } | null
  sample: {
    /** Items looked at, each a distractor of all others. */
    items: number
    singleSentence: number
    /** Items that nothing asks for: what they say is too short, or stands in others too. */
    withoutQuestion: number
    /** Items of which only the first 8 kB were read. */
    shortened: number
    /** How many are stored at which ratio. */
    ratiosInUse: { [ratio: string]: number }
  } | null
}

/** What a store costs and what it is worth. */
export interface StoreReport {
  /** When it was made, milliseconds since 1970. */
  at: number
  path: string
  /** Seconds it took. */
  seconds: number
  stats: Stats
  /** All kinds asked for together. */
  all: Footprint
  /** By name. */
  kinds: KindFigures[]
  /** All memories there are, by when they were added; days up to 100 of them, else months, in UTC. Steps without any are left out. */
  growth: { bucket: 'day' | 'month'; points: { at: number; items: number; sourceBytes: number; storedBytes: number }[] }
  /** The versions of all projects of all users: bytes of their texts, bytes of the file that restoring them needs (audio once). */
  history: { projects: number; versions: number; bytes: number; storedBytes: number; byteRatio: number | null }
  /** The response cache, in all scopes. */
  cache: {
    entries: number
    bytes: number
    hits: number
    misses: number
    /** What the hits would have cost, in US dollars. */
    saved: number
    /** The part of `saved` that rests on estimated tokens. */
    savedEstimated: number
    /** The same by day or month. `undated`: saved before days were counted. */
    savings: { bucket: 'day' | 'month'; points: { at: number; saved: number }[]; undated: number }
  }
}
