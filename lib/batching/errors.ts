import { isTrtError, TrtError, type ErrorCode } from '../core/errors.js'
import type { Refusal } from './rule/types.js'

/** The error for a request that its caller's signal stopped. */
export function abortedError(signal: AbortSignal): TrtError {
  return new TrtError('TRT_ERR_ABORTED', 'The run was aborted by its signal.', {}, { cause: signal.reason })
}

export function closedError(): TrtError {
  return new TrtError('TRT_ERR_CLOSED', 'The batcher has been closed. Make another with new MicroBatcher().')
}

export function sessionClosedError(cause: unknown): TrtError {
  return new TrtError('TRT_ERR_CLOSED', 'The session below the batcher has been closed. Close the batcher first.', {}, { cause })
}

/** What the shell adds to a refusal; times are absolute on the caller's clock. */
export interface RefusedAt extends Refusal {
  readonly deadline: number
  readonly now: number
  readonly depth: number
}

/** The error for a request that is not executed. */
export function refusedError({ reason, predicted, retryAfter, deadline, now, depth }: RefusedAt): TrtError {
  if (reason === 'overload') {
    const message = `The queue is full: ${depth} requests wait, as many as maxQueue allows. Try again in ${retryAfter.toFixed(1)} ms, or add lanes.`
    return new TrtError('TRT_ERR_OVERLOADED', message, { reason, retryAfter, depth })
  }
  const details = { reason, deadline, predicted, now }
  if (now >= deadline) {
    const message = `The deadline passed ${(now - deadline).toFixed(3)} ms ago, before the request could be executed. Nothing was computed.`
    return new TrtError('TRT_ERR_DEADLINE', message, details)
  }
  const message = `The request could be answered in ${(predicted - now).toFixed(3)} ms, but its deadline is in ${(deadline - now).toFixed(3)} ms. Nothing was computed.`
  return new TrtError('TRT_ERR_DEADLINE', message, details)
}

/** The error for the members of a batch that takes longer than `executionTimeout`. */
export function hungError(lane: number, executionTimeout: number): TrtError {
  const message = `The batch did not finish within executionTimeout, ${executionTimeout} ms. Lane ${lane} is not used again before it does.`
  return new TrtError('TRT_ERR_DEVICE', message, { lane, executionTimeout })
}

/** The error for requests that no lane is left to execute. */
export function noLaneError(cause: unknown): TrtError {
  const message = `No lane of the batcher can be used: ${isTrtError(cause) ? cause.message : String(cause)}`
  return new TrtError(codeOf(cause), message, isTrtError(cause) ? cause.details : {}, { cause })
}

/** The error for a member of a failed batch that would be too late if it ran alone. */
export function tooLateError(cause: unknown): TrtError {
  const message = 'The batch failed, and there was no time left to run the request alone. The failure is the cause of this error.'
  return new TrtError('TRT_ERR_DEADLINE', message, {}, { cause })
}

/** The error for a request whose buffer was given away before its batch was put together. */
export function vanishedError(): TrtError {
  const message =
    'The memory of an input was detached while the request waited: transferred, or freed with the session it came from. Keep it until run() has settled.'
  return new TrtError('TRT_ERR_BUFFER', message)
}

export function codeOf(error: unknown): ErrorCode {
  return isTrtError(error) ? error.code : 'TRT_ERR_INTERNAL'
}
