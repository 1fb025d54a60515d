// The Studio's autosaves where they are: in IndexedDB. Read only; a database that is not there is not made.
import { isRecord } from '../store/web-storage.js'
import { AUTOSAVE_STORE, type Findings } from './files.js'
import { reason } from './report.js'
import { encoded, lookInto, timeOf } from './states.js'

export const AUTOSAVE_DATABASE = 'mixx-studio-autosave'

/** The part of an `IDBRequest` that is used here. */
export interface RequestLike<T = unknown> {
  readonly result: T
  readonly error: unknown
  onsuccess: ((event: any) => unknown) | null
  onerror: ((event: any) => unknown) | null
}

/** The part of an `IDBDatabase` that is used here. */
export interface DatabaseLike {
  readonly objectStoreNames: { contains(name: string): boolean }
  transaction(store: string, mode: 'readonly'): { objectStore(name: string): { getAllKeys(): RequestLike<unknown[]>; get(key: any): RequestLike } }
  close(): void
}

/** The part of an `IDBFactory` that is used here: `window.indexedDB`, or anything that behaves like it. */
export interface DatabaseFactoryLike {
  open(name: string): RequestLike<DatabaseLike> & {
    readonly transaction: { abort(): void } | null
    onupgradeneeded: ((event: any) => unknown) | null
    onblocked: ((event: any) => unknown) | null
  }
}

/** Autosaves in a database that is open, or in the one that the Studio keeps. */
export type AutosaveSource = DatabaseLike | DatabaseFactoryLike

/** Gives back what closes the database again. */
export async function lookThroughDatabase(source: AutosaveSource, findings: Findings): Promise<() => void> {
  const database = 'objectStoreNames' in source ? source : await open(source)
  const close = () => ('objectStoreNames' in source ? undefined : database?.close())
  if (!database?.objectStoreNames.contains(AUTOSAVE_STORE)) {
    findings.note(`IndexedDB: there is no ${AUTOSAVE_DATABASE} with ${AUTOSAVE_STORE}`)
    close()
    return () => {}
  }
  try {
    findings.reading(AUTOSAVE_DATABASE, 0)
    await lookThroughStore(database, findings)
    return close
  } catch (error) {
    close()
    throw error
  }
}

async function lookThroughStore(database: DatabaseLike, findings: Findings): Promise<void> {
  // A transaction for each, so that none holds up the Studio's own saves.
  const all = () => database.transaction(AUTOSAVE_STORE, 'readonly').objectStore(AUTOSAVE_STORE)
  for (const key of await answer(all().getAllKeys())) {
    const label = `${AUTOSAVE_DATABASE}, ${String(key)}`
    const record = async () => textOf(await answer(all().get(key)))
    try {
      const { at, text } = await record()
      findings.state({ family: 'autosaves', label, at, ...lookInto(text), read: async () => (await record()).text })
    } catch (error) {
      findings.broken('autosaves', `${label}: ${reason(error)}`)
    }
  }
}

function textOf(record: unknown): { at: number; text: Uint8Array } {
  const at = isRecord(record) ? timeOf(record.timestamp) : null
  if (at === null) throw new TypeError('no time')
  const { state } = record as { state: unknown }
  if (!isRecord(state)) throw new TypeError('no state')
  return { at, text: encoded(JSON.stringify(state)) }
}

async function open(factory: DatabaseFactoryLike): Promise<DatabaseLike | null> {
  const request = factory.open(AUTOSAVE_DATABASE)
  let isMissing = false
  // It is being made: taken back at once.
  request.onupgradeneeded = () => {
    isMissing = true
    request.transaction?.abort()
  }
  try {
    return await answer(request)
  } catch (error) {
    if (isMissing) return null
    throw error
  }
}

function answer<T>(request: RequestLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = (event: { preventDefault?: () => void }) => {
      // An error that nobody takes would end up at the window.
      event.preventDefault?.()
      reject(request.error instanceof Error ? request.error : new Error(String(request.error)))
    }
  })
}
