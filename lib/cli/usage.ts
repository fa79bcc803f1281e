import { TrtError, type ErrorDetails } from '../core/errors.js'

/** What a shell sees; listed in docs/cli.md and in --help. */
export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130, terminated: 143 } as const

/** A wrong command line: ends with exit code 2 instead of 1. */
export class UsageError extends TrtError {
  constructor(message: string, details?: ErrorDetails) {
    super('TRT_ERR_INVALID_ARGUMENT', message, details)
  }
}
