import { didYouMean } from '../did-you-mean.js'
import { badOption, messageOf, StudioError } from '../errors.js'
import type { GenerateOptions } from '../prime-brain-llm.js'
import { warnOnce } from '../store/session.js'
import { isRecord } from '../store/web-storage.js'

/** By name, what a value has to be: as a test, and in words. */
export type Known<T = Record<string, unknown>> = { [name in keyof Required<T>]: [test: (value: unknown) => boolean, wanted: string] }

/** @throws `PM_UNKNOWN_OPTION` for a name that does not exist, `PM_BAD_OPTION` for a value that means nothing. */
export function checkOptions(what: string, given: unknown, known: Known): void {
  if (!isRecord(given)) throw badOption(`${what}: found ${found(given)}; give an object`)
  for (const [name, value] of Object.entries(given)) {
    const one = knows(known, name) && known[name]
    if (!one) throw new StudioError('PM_UNKNOWN_OPTION', noSuchOption(what, name, known))
    const [test, wanted] = one
    if (value !== undefined && !test(value)) throw badOption(`${what}.${name}: found ${found(value)}; give ${wanted}`)
  }
}

const knows = (known: Known, name: string): boolean => Object.prototype.hasOwnProperty.call(known, name)

function noSuchOption(what: string, name: string, known: Known): string {
  const names = Object.keys(known)
  return `${what}.${name}: there is no such option${didYouMean(name, names)}; options are ${names.join(', ')}`
}

/** A value in a message, cut short. */
export function found(value: unknown): string {
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value)
  return Array.isArray(value) ? 'a list' : `an object { ${Object.keys(value).slice(0, 5).join(', ')} }`
}

export const aText: Known[string] = [(value) => typeof value === 'string', 'a string']
export const aName: Known[string] = [(value) => typeof value === 'string' && value !== '', 'a string that is not empty']
export const aFlag: Known[string] = [(value) => typeof value === 'boolean', 'true or false']
export const anObject: Known[string] = [isRecord, 'an object']
/** A time limit; `Infinity` is none. */
export const aTimeLimit: Known[string] = [(value) => typeof value === 'number' && value > 0, 'milliseconds above 0, Infinity for no limit']

/** What `generateText` may be told. */
const GENERATE_OPTIONS: Known<GenerateOptions> = {
  temperature: [Number.isFinite, 'a number'],
  maxTokens: [(value) => Number.isInteger(value) && (value as number) > 0, 'a whole number from 1'],
  systemPrompt: aText,
  model: aText,
  thinkingConfig: anObject,
  useCache: aFlag,
  useMixxRecall: aFlag,
  signal: [isSignal, 'an AbortSignal'],
  timeoutMs: aTimeLimit,
}

/**
 * The options of a call that say something, checked. A name that does not exist is only warned of: the Studio's own module
 * let it pass, and a call that worked must not fail for it. It is not sent, so it is no part of what was asked either.
 *
 * @throws `PM_BAD_OPTION`
 */
export function given(options: GenerateOptions | null | undefined): GenerateOptions {
  if (options == null) return {}
  if (!isRecord(options)) throw badOption(`options: found ${found(options)}; give an object`)
  for (const name of Object.keys(options).filter((name) => !knows(GENERATE_OPTIONS, name))) {
    warnOnce(`option ${name}`, `${noSuchOption('options', name, GENERATE_OPTIONS)}; it is not sent`)
  }
  const known = Object.entries(options).filter(([name]) => knows(GENERATE_OPTIONS, name))
  const all = known.map(([name, value]) => [name, name === 'signal' ? value : copied(`options.${name}`, value)] as const)
  const told = Object.fromEntries(all.filter(([name, value]) => !isNothing(name, value)))
  checkOptions('options', told, GENERATE_OPTIONS)
  return told
}

/**
 * A value as JSON has it, which the caller may change while the call is under way: the answer belongs to what was asked.
 *
 * @throws `PM_BAD_OPTION` for what JSON cannot say
 */
export function copied<T>(name: string, value: T): T {
  if (typeof value !== 'bigint' && (typeof value !== 'object' || value === null)) return value
  try {
    return JSON.parse(JSON.stringify(value)) as T
  } catch (error) {
    throw badOption(`${name}: ${messageOf(error).split('\n')[0]}; give what JSON can say`)
  }
}

/** Whether an option of the assistant is as good as not given. */
export function isNothing(name: string, value: unknown): boolean {
  if (name === 'thinkingConfig') return value == null || JSON.stringify(value) === '{}'
  return value == null || (value === '' && ['model', 'systemPrompt'].includes(name))
}

function isSignal(value: unknown): boolean {
  const { addEventListener, aborted } = (value ?? {}) as Partial<AbortSignal>
  return typeof addEventListener === 'function' && typeof aborted === 'boolean'
}
