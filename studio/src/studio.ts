// What the drop-ins share: settings, providers, and the move from `localStorage` to the memory.
import { closeMemory } from './store/memory.js'

export { configure, type Phase, type StudioSettings } from './settings.js'
export { gemini, type GeminiClient, type GeminiOptions } from './llm/gemini.js'
export { openAICompatible, type OpenAIClient, type OpenAIOptions } from './llm/openai.js'
export type { Provider, ProviderAnswer, ProviderFunction, ProviderPiece, ProviderRequest, ProviderUsage } from './llm/provider.js'
export { importLocalStorage, type ImportOptions } from './migrate/import.js'
export type { LocalStorageSource } from './migrate/dump.js'
export type { Family, FamilyReport, ImportReport } from './migrate/report.js'
export { Migration, migrateInstallation, type InstallationReport, type MigrationStatus, type ProjectReport } from './migrate/migration.js'
export type { InstallationFamily, InstallationSources, MigrationOptions, MigrationProgress } from './migrate/installation.js'
export type { AutosaveSource } from './migrate/autosave-database.js'
export type { BelongingOptions, UnnamedState } from './migrate/belonging.js'
export type { Naming, Run } from './migrate/journal.js'
export type { UndoReport } from './migrate/undo.js'
export { migrationReport, type MigrationReport } from './migrate/phases.js'
export type { StorageLike } from './store/web-storage.js'
export { StudioError } from './errors.js'

/** Closes the memory; the next call of a drop-in opens it again. Not needed before the process ends. */
export function close(): void {
  closeMemory()
}
