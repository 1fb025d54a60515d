// CommonJS form; locate.esm.ts is the other one. What only Node has is reached through here.

/** `require` of Node, seen from this package; null where there is none (a browser tab). */
export const requireFromHere: ((name: string) => unknown) | null = typeof require === 'function' ? require : null

declare const require: ((name: string) => unknown) | undefined
