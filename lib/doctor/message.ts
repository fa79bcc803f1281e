import { isTrtError } from '../core/errors.js'

/** Without the code: the line of a report says where it stands. */
export function messageOf(error: unknown): string {
  if (isTrtError(error)) return error.message.slice(error.code.length + 2)
  return error instanceof Error ? error.message : String(error)
}
