/** More than any encoder has; a longer vector would only hold more zeros. */
export const MOST_DIMENSIONS = 65_536

/** Whether a vector may be so long. */
export const isLength = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST_DIMENSIONS
