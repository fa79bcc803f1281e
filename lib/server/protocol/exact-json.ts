import { randomUUID } from 'node:crypto'
import { invalid } from '../../core/options.js'

/** Before the digits of a whole number that a double does not hold. Random: no string of a request begins like it. */
const mark = `integer ${randomUUID()} `

/** A string, or a number as JSON writes it. Strings are matched so that digits inside of them are passed over. */
const tokens = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const long = /^-?\d{16,}$/

/**
 * `JSON.parse` that keeps integers of more than 53 bits: they come as text that `longInteger` knows.
 *
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`: no JSON.
 */
export function parseExact(text: string): unknown {
  try {
    if (!/\d{16}/.test(text)) return JSON.parse(text)
    return JSON.parse(text.replaceAll(tokens, (token) => (long.test(token) ? JSON.stringify(mark + token) : token)))
  } catch (cause) {
    throw invalid(`Expected a JSON document as the body but received something else: ${(cause as Error).message}.`, {})
  }
}

/** The integer behind a long number of `parseExact`; undefined: something else. */
export function longInteger(value: unknown): bigint | undefined {
  return typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : undefined
}
