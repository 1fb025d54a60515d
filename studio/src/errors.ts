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

/** What the memory says of an item that is wrong. Anything else it says is no item's fault. */
const ITEM_CODES = [
  'PM_EMPTY_TEXT', 'PM_BAD_TEXT', 'PM_TOO_LONG', 'PM_BAD_OPTION', 'PM_UNKNOWN_OPTION', 'PM_BAD_RATIO', 'PM_BAD_VECTOR', 'PM_NOT_FOUND',
]

/** Whether the memory took an item for wrong: then nothing of it was added. */
export const isRefusal = (error: unknown): boolean => ITEM_CODES.includes((error as { code?: string }).code ?? '')
