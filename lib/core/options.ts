import { TrtError, type ErrorDetails } from './errors.js'
import { suggestion } from './nearest.js'

/** What an error message says was received: the value where it is short, and always its type. */
export function received(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'undefined'
  if (typeof value === 'string') return `${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)} (string)`
  if (typeof value === 'number' || typeof value === 'boolean') return `${value} (${typeof value})`
  if (typeof value === 'bigint') return `${value}n (bigint)`
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'symbol') return 'a symbol'
  if (Array.isArray(value)) return `an array of ${value.length}`
  return `an object (${className(value)})`
}

function className(value: object): string {
  const name: unknown = (Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null)?.constructor?.name
  return typeof name === 'string' && name !== '' ? name : 'Object'
}

/** An error of the caller's making. */
export function invalid(message: string, details: ErrorDetails = {}): TrtError {
  return new TrtError('TRT_ERR_INVALID_ARGUMENT', message, details)
}

function refuse(name: string, expected: string, value: unknown): never {
  throw invalid(`Expected ${expected} for ${name} but received ${received(value)}.`, { name, expected, received: received(value) })
}

/** A whole number of at least `min` and at most `max`. */
export function integer(name: string, value: unknown, min: number, max: number): number {
  if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max) {
    refuse(name, `an integer from ${min} to ${max}`, value)
  }
  return value as number
}

/** A number of at least `min` and at most `max`; never NaN. Infinity passes where `max` is Infinity. */
export function number(name: string, value: unknown, min: number, max: number): number {
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    refuse(name, max === Infinity ? `a number of at least ${min}` : `a number from ${min} to ${max}`, value)
  }
  return value
}

/** A string that is not empty. */
export function text(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') refuse(name, 'a string that is not empty', value)
  return value
}

export function flag(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') refuse(name, 'true or false', value)
  return value
}

export function choice<const T extends string>(name: string, value: unknown, choices: readonly T[]): T {
  if (typeof value === 'string' && (choices as readonly string[]).includes(value)) return value as T
  const list = choices.map((item) => `'${item}'`).join(', ')
  const hint = typeof value === 'string' ? suggestion(value, choices) : ''
  throw invalid(`Expected one of ${list} for ${name} but received ${received(value)}.${hint}`, {
    name,
    expected: choices,
    received: received(value),
  })
}

export function callback<F>(name: string, value: F): F {
  if (typeof value !== 'function') refuse(name, 'a function', value)
  return value
}

export function abortSignal(name: string, value: unknown): AbortSignal {
  if (value instanceof AbortSignal) return value
  return refuse(name, 'an AbortSignal', value)
}

/** An object whose keys are names: not null, not an array, not binary data. */
export function plainObject(name: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) refuse(name, 'an object', value)
  return value as Record<string, unknown>
}

/** An object from names to strings. */
export function textRecord(name: string, value: unknown): Readonly<Record<string, string>> {
  const result: Record<string, string> = {}
  for (const [key, item] of Object.entries(plainObject(name, value))) {
    if (typeof item !== 'string') refuse(`${name}.${key}`, 'a string', item)
    result[key] = item
  }
  return result
}

/**
 * Refuses keys of `given` that are not in `known`, so that a misspelt option fails instead of being ignored. Keys whose
 * value is undefined are unknown too.
 *
 * @param where Completes "Unknown option "x" of …".
 */
export function rejectUnknown(given: object, known: readonly string[], where: string): void {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue
    throw invalid(`Unknown option "${key}" of ${where}.${suggestion(key, known)} Known are ${known.join(', ')}.`, { option: key, known })
  }
}
