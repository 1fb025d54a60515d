import { requireFromHere } from './locate.js'

interface Environment {
  platform: string
  env: { [name: string]: string | undefined }
}

interface PathModule {
  join: (...parts: string[]) => string
  dirname: (path: string) => string
}

/**
 * Where the memory lies when `configure` was not told: PRIME_MEMORY_PATH, else `mixxclub/prime-memory/studio.db` in
 * `%APPDATA%` (Windows), `~/Library/Application Support` (macOS), `$XDG_DATA_HOME` or `~/.local/share` (elsewhere).
 */
export function defaultPath(): string {
  const { process } = globalThis as unknown as { process: Environment }
  if (process.env.PRIME_MEMORY_PATH) return process.env.PRIME_MEMORY_PATH
  const { join } = need<PathModule>('node:path')
  return join(dataFolder(process, need<{ homedir: () => string }>('node:os').homedir(), join), 'mixxclub', 'prime-memory', 'studio.db')
}

function dataFolder({ platform, env }: Environment, home: string, join: PathModule['join']): string {
  if (platform === 'win32') return env.APPDATA ?? join(home, 'AppData', 'Roaming')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support')
  return env.XDG_DATA_HOME ?? join(home, '.local', 'share')
}

/** Creates the folder of a file. */
export function makeFolderOf(path: string): void {
  const folder = need<PathModule>('node:path').dirname(path)
  need<{ mkdirSync: (path: string, options: { recursive: boolean }) => void }>('node:fs').mkdirSync(folder, { recursive: true })
}

function need<T>(name: string): T {
  if (!requireFromHere) throw new Error(`${name} is not available here`)
  return requireFromHere(name) as T
}
