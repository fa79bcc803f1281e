import type { RunOptions } from '../core/runner.js'
import { abortSignal, number, plainObject, rejectUnknown } from '../core/options.js'

/** `RunOptions` of a session. */
export interface SessionRunOptions extends RunOptions {
  /** Memory of the caller for outputs, by name. The tensors of the result then share it. */
  into?: Readonly<Record<string, unknown>>
}

const known = ['signal', 'deadline', 'priority', 'outputs', 'into']

/** @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` */
export function checkRunOptions(options: SessionRunOptions): SessionRunOptions {
  rejectUnknown(plainObject('the options of run', options), known, 'run')
  const { signal, deadline, priority, into } = options
  if (signal !== undefined) abortSignal('signal', signal)
  if (deadline !== undefined) number('deadline', deadline, -Infinity, Infinity)
  if (priority !== undefined) number('priority', priority, -Infinity, Infinity)
  if (into !== undefined) plainObject('into', into)
  return options
}
