import { fileSystem, homeFolder, paths, type Paths } from './node.js'

interface Environment {
  platform: string
  env: { [name: string]: string | undefined }
}

/**
 * Where the memory lies when `configure` was not told: PRIME_MEMORY_PATH, else `mixxclub/prime-memory/studio.db` in
 * `%APPDATA%` (Windows), `~/Library/Application Support` (macOS), `$XDG_DATA_HOME` or `~/.local/share` (elsewhere).
 */
export function defaultPath(): string {
  const { process } = globalThis as unknown as { process: Environment }
  if (process.env.PRIME_MEMORY_PATH) return process.env.PRIME_MEMORY_PATH
  const { join } = paths()
  return join(dataFolder(process, homeFolder(), join), 'mixxclub', 'prime-memory', 'studio.db')
}

function dataFolder({ platform, env }: Environment, home: string, join: Paths['join']): string {
  if (platform === 'win32') return env.APPDATA ?? join(home, 'AppData', 'Roaming')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support')
  return env.XDG_DATA_HOME ?? join(home, '.local', 'share')
}

/** Creates the folder of a file. */
export function makeFolderOf(path: string): void {
  fileSystem().mkdirSync(paths().dirname(path), { recursive: true })
}
