/**
 * Stable: listed in docs/errors.md. Adding a code is a minor release, renaming one a major. Match on `code`, not on
 * `instanceof`: two copies of the package may be installed.
 */
export type ErrorCode =
  | 'TRT_ERR_INVALID_ARGUMENT'
  | 'TRT_ERR_NAME'
  | 'TRT_ERR_SHAPE'
  | 'TRT_ERR_TYPE'
  | 'TRT_ERR_BUFFER'
  | 'TRT_ERR_FILE'
  | 'TRT_ERR_MODEL'
  | 'TRT_ERR_ENGINE'
  | 'TRT_ERR_UNSUPPORTED'
  | 'TRT_ERR_UNAVAILABLE'
  | 'TRT_ERR_OUT_OF_MEMORY'
  | 'TRT_ERR_ABORTED'
  | 'TRT_ERR_DEADLINE'
  | 'TRT_ERR_OVERLOADED'
  | 'TRT_ERR_CLOSED'
  | 'TRT_ERR_DEVICE'
  | 'TRT_ERR_DEVICE_LOST'
  | 'TRT_ERR_ADDON'
  | 'TRT_ERR_INTERNAL'

/** The facts behind a message, by name: what was expected, what was received. JSON-safe. */
export type ErrorDetails = Readonly<Record<string, unknown>>

/** Every error that this package throws or rejects with. */
export class TrtError extends Error {
  override readonly name: string = 'TrtError'

  /**
   * @param code Stable code to match on.
   * @param message What was expected, what was received, what to do.
   * @param details The same facts as fields.
   * @param options `cause` keeps the error underneath.
   */
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(`${code}: ${message}`, options)
  }
}

/** Whether `error` is one of ours, from whichever copy of the package. */
export function isTrtError(error: unknown): error is TrtError {
  return error instanceof Error && typeof (error as { code?: unknown }).code === 'string' && (error as TrtError).code.startsWith('TRT_ERR_')
}
