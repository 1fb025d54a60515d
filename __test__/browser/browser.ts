import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { temporaryFolder } from '../support/studio'

const PLACES = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Where a Chromium is; without one continuous integration fails, and everybody else is told. */
export function browserPath(): string | undefined {
  const found = PLACES.find((path) => path && existsSync(path))
  if (found) return found
  const words = 'no Chromium: install Debian\'s package "chromium", or set CHROMIUM_PATH'
  if (process.env.CI) throw new Error(words)
  process.stderr.write(`\n*** The page of the report is NOT tested in a browser: ${words} ***\n\n`)
  return undefined
}

/** A headless Chromium with a profile of its own, which asks the network for nothing. */
export function launch(executablePath: string): Promise<Browser> {
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
  return chromium.launch({ executablePath, args, env: { ...process.env, HOME: join(temporaryFolder()) } as Record<string, string> })
}
