// Where a call reads and writes. It is fixed when the call begins: `configure` counts for the calls after it.
import type { PrimeMemory } from '@mixxclub/prime-memory'
import type { Phase, StudioSettings } from '../settings.js'
import { isOpen, localStorage, memory } from './memory.js'
import { session } from './session.js'
import type { StorageLike } from './web-storage.js'

export interface Place {
  store: PrimeMemory | null
  storage: StorageLike | null
  phase: Phase
  /** As they were. */
  settings: StudioSettings
}

/** Where a call that begins now reads and writes. */
export function here(): Place {
  const { settings } = session
  return { store: memory(), storage: localStorage(), phase: settings.phase ?? 'full', settings }
}

/** The place's memory; opened anew where `close` was called meanwhile and the settings still name the same one. */
export function storeOf({ store, settings }: Place): PrimeMemory | null {
  return (store && isOpen(store)) || !sameStore(settings, session.settings) ? store : memory()
}

/** What another memory is opened for. */
const STORE_SETTINGS = ['path', 'scope', 'open'] as const

export const sameStore = (one: StudioSettings, other: StudioSettings): boolean =>
  STORE_SETTINGS.every((name) => JSON.stringify(one[name]) === JSON.stringify(other[name]))
