import { TrtError } from '../../core/errors.js'

export function abortedError({ reason }: { reason: unknown }): TrtError {
  return new TrtError('TRT_ERR_ABORTED', 'The run was aborted by its signal.', {}, { cause: reason })
}

/** The deadline had passed before anything was begun. */
export function pastError(deadline: number, now: number): TrtError {
  const message = `The deadline passed ${(now - deadline).toFixed(3)} ms before the run was begun. Nothing was computed.`
  return new TrtError('TRT_ERR_DEADLINE', message, { deadline, now })
}
