import { UsageError } from '../usage.js'

/** A parser of one number; `flag` and the limits make the message. */
export function numberFlag(flag: string, min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => checked(flag, text, { min, max, whole: false })
}

export function integerFlag(flag: string, min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => checked(flag, text, { min, max, whole: true })
}

/** `90,95,99.9` → [90, 95, 99.9], ascending and each once. */
export function percentilesFlag(flag: string): (text: string) => number[] {
  const parse = numberFlag(flag, 0, 100)
  return (text) => [...new Set(text.split(',').map(parse))].sort((a, b) => a - b)
}

export interface Limits {
  min: number
  max: number
  whole?: boolean
}

/** `1,2,4` → [1, 2, 4], in the order given. */
export function numbersFlag(flag: string, limits: Limits): (text: string) => number[] {
  return (text) => text.split(',').map((item) => checked(flag, item, limits))
}

function checked(flag: string, text: string, { min, max, whole = false }: Limits): number {
  // Number('') is 0 and Number('0x10') is 16: neither is what a person means here.
  const value = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN
  if (value >= min && value <= max && (!whole || Number.isSafeInteger(value))) return value
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`
  const expected = `${whole ? 'an integer' : 'a number'} ${range}`
  throw new UsageError(`Expected ${expected} for ${flag} but received "${text}".`, { flag, expected, received: text })
}
