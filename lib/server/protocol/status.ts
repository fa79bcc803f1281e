import { type ErrorCode, isTrtError, TrtError } from '../../core/errors.js'

/** Which HTTP status tells a client what kind of failure it was: 4xx is the client's, 503 goes away by itself, 500 is ours. */
const statuses: Readonly<Record<ErrorCode, number>> = {
  TRT_ERR_INVALID_ARGUMENT: 400,
  TRT_ERR_NAME: 400,
  TRT_ERR_SHAPE: 400,
  TRT_ERR_TYPE: 400,
  TRT_ERR_BUFFER: 400,
  // Asked for something that cannot be answered so; Triton's 501 is for servers that lack a method.
  TRT_ERR_UNSUPPORTED: 400,
  TRT_ERR_ABORTED: 499,
  TRT_ERR_DEADLINE: 503,
  TRT_ERR_OVERLOADED: 503,
  TRT_ERR_CLOSED: 503,
  TRT_ERR_UNAVAILABLE: 503,
  TRT_ERR_OUT_OF_MEMORY: 503,
  TRT_ERR_DEVICE: 500,
  TRT_ERR_DEVICE_LOST: 503,
  TRT_ERR_FILE: 500,
  TRT_ERR_MODEL: 500,
  TRT_ERR_ENGINE: 500,
  TRT_ERR_ADDON: 500,
  TRT_ERR_INTERNAL: 500,
}

/** An error with a status of its own: an unknown model, a body that is too large. */
export class StatusError extends TrtError {
  constructor(
    readonly status: number,
    code: ErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(code, message, details)
  }
}

export function notFound(message: string, details: Readonly<Record<string, unknown>> = {}): StatusError {
  return new StatusError(404, 'TRT_ERR_NAME', message, details)
}

export function tooLarge(what: string, limit: number, got: number, remedy = ''): StatusError {
  const message = `At most ${limit} bytes are taken for ${what}; received ${got}${remedy === '' ? '.' : `. ${remedy}`}`
  return new StatusError(413, 'TRT_ERR_INVALID_ARGUMENT', message, { limit, received: got })
}

/** What a client is told of a failure. */
export interface Answer {
  readonly status: number
  readonly message: string
  /** Seconds after which it may work; undefined: nothing is known. */
  readonly retryAfter: number | undefined
}

/**
 * Failures of ours may tell of files and libraries of this machine: the client learns no more than their code, and the log
 * the rest.
 */
export function answerTo(error: unknown): Answer {
  if (!isTrtError(error))
    return { status: 500, message: 'TRT_ERR_INTERNAL: the request failed in the server; its log tells more.', retryAfter: undefined }
  const trt: TrtError = error
  const status = trt instanceof StatusError ? trt.status : (statuses[trt.code] ?? 500)
  const message = status === 500 ? `${trt.code}: the request failed in the server; its log tells more.` : trt.message
  return { status, message, retryAfter: status === 503 ? retryAfter(trt) : undefined }
}

/** `retryAfter` of a refusal is in milliseconds; the header wants whole seconds. */
function retryAfter({ details }: TrtError): number {
  const wait = details['retryAfter']
  return typeof wait === 'number' && Number.isFinite(wait) ? Math.max(1, Math.ceil(wait / 1000)) : 1
}
