import { isTrtError, type TrtError } from '../../lib/core/errors.js'

/** The TrtError that `body` throws. Anything else, nothing included, fails the test. */
export function failure(body: () => unknown): TrtError {
  try {
    body()
  } catch (error) {
    return requireTrtError(error)
  }
  throw new Error('nothing was thrown')
}

/** The TrtError that `promise` rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<TrtError> {
  try {
    await promise
  } catch (error) {
    return requireTrtError(error)
  }
  throw new Error('the promise did not reject')
}

function requireTrtError(error: unknown): TrtError {
  if (!isTrtError(error)) throw error
  return error
}
