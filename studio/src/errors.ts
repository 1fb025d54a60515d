/** An error as the addon makes them: a code that never changes, a message that says what to do. */
export class StudioError extends Error {
  readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'StudioError'
    this.code = code
  }
}

/** `PM_BAD_OPTION`: what was found and what to give instead. */
export const badOption = (message: string): StudioError => new StudioError('PM_BAD_OPTION', message)

/** What went wrong, in one line. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
