// The parts of Node that are used here, reached so that a bundler for the browser finds nothing to stumble over.
import { requireFromHere } from './locate.js'

export interface FileSystem {
  existsSync(path: string): boolean
  mkdirSync(path: string, options: { recursive: boolean }): void
  openSync(path: string, flags: string): number
  closeSync(file: number): void
  fsyncSync(file: number): void
  readFileSync(path: string): Uint8Array
  readFileSync(path: string, encoding: 'utf8'): string
  readSync(file: number, into: Uint8Array, offset: number, length: number, position: number): number
  readdirSync(path: string, options: { withFileTypes: true }): { name: string; isDirectory(): boolean; isFile(): boolean }[]
  renameSync(from: string, to: string): void
  statSync(path: string): { size: number; mtimeMs: number; isDirectory(): boolean }
  truncateSync(path: string, bytes: number): void
  unlinkSync(path: string): void
  writeFileSync(path: string, text: string, options?: { flag: string }): void
  writeSync(file: number, text: string): number
}

export interface Paths {
  basename(path: string): string
  dirname(path: string): string
  join(...parts: string[]): string
  resolve(path: string): string
}

export interface Crypto {
  createHash(name: 'sha256'): { update(data: Uint8Array | string): { digest(encoding: 'hex'): string } }
  randomUUID(): string
}

/** A module of Node. Throws where there is none. */
function need<T>(name: string): T {
  if (!requireFromHere) throw new Error(`${name} is not available here`)
  return requireFromHere(name) as T
}

export const fileSystem = (): FileSystem => need('node:fs')
export const paths = (): Paths => need('node:path')
export const crypto = (): Crypto => need('node:crypto')
export const homeFolder = (): string => need<{ homedir(): string }>('node:os').homedir()
