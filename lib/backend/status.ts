import type { ErrorCode, ErrorDetails } from '../core/errors.js'
import { TrtError } from '../core/errors.js'
import type { NativeError, Status } from './native.js'

/** Indexed by `backend_status` of native/include/backend.h. */
const codes: readonly ErrorCode[] = [
  'TRT_ERR_INTERNAL', // BACKEND_OK is no error
  'TRT_ERR_INVALID_ARGUMENT',
  'TRT_ERR_SHAPE',
  'TRT_ERR_TYPE',
  'TRT_ERR_MODEL',
  'TRT_ERR_ENGINE',
  'TRT_ERR_UNSUPPORTED',
  'TRT_ERR_UNAVAILABLE',
  'TRT_ERR_OUT_OF_MEMORY',
  'TRT_ERR_ABORTED',
  'TRT_ERR_DEADLINE',
  'TRT_ERR_CLOSED',
  'TRT_ERR_DEVICE',
  'TRT_ERR_DEVICE_LOST',
  'TRT_ERR_INTERNAL',
]

/** `BACKEND_CANCELLED`. */
export const cancelledStatus: Status = 9

/** The stable code of a `backend_status`. */
export function codeOf(status: Status): ErrorCode {
  return codes[status] ?? 'TRT_ERR_INTERNAL'
}

/** The public error for a status and its message. */
export function errorFrom(status: Status, message: string, details?: ErrorDetails, options?: ErrorOptions): TrtError {
  return new TrtError(codeOf(status), message, details, options)
}

/** The public error for what a native call threw or rejected with; anything else is returned as it is. */
export function toTrtError(error: unknown, context?: string, details?: ErrorDetails): unknown {
  if (!(error instanceof Error) || typeof (error as Partial<NativeError>).status !== 'number') return error
  const native = error as NativeError
  return errorFrom(native.status, context === undefined ? native.message : `${context}: ${native.message}`, details, { cause: native })
}
