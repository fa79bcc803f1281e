import { type ErrorCode, isTrtError } from '../../core/errors.js'

/** The runner said no, as it should when it cannot keep a promise. */
const refusals: ReadonlySet<string> = new Set<ErrorCode>(['TRT_ERR_DEADLINE', 'TRT_ERR_OVERLOADED'])

/** The runner could not, although it was asked rightly: counted, and the measurement goes on. */
const failures: ReadonlySet<string> = new Set<ErrorCode>(['TRT_ERR_ABORTED', 'TRT_ERR_DEVICE', 'TRT_ERR_OUT_OF_MEMORY'])

/** Under what name an error is counted: its code, and its reason where it gives one (`TRT_ERR_DEADLINE expired`). Null: it ends the measurement. */
export function outcomeName(error: unknown): string | null {
  if (!isTrtError(error) || !(refusals.has(error.code) || failures.has(error.code))) return null
  const { reason } = error.details
  return typeof reason === 'string' ? `${error.code} ${reason}` : error.code
}

export function isRefusal(outcome: string): boolean {
  return refusals.has(outcome.split(' ', 1)[0]!)
}

/** Milliseconds after which a refused request may be tried again; 1 where the error does not tell. */
export function retryAfter(error: unknown): number {
  const told = isTrtError(error) ? error.details['retryAfter'] : undefined
  return typeof told === 'number' && told >= 0 ? told : 1
}
