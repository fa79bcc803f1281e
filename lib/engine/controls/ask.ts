import type { NativeEngine, NativeSession } from '../../backend/native.js'
import { isTrtError, TrtError } from '../../core/errors.js'
import { abortSignal, plainObject, rejectUnknown } from '../../core/options.js'
import { isTensorRt } from '../tensorrt/check-options.js'
import { finish } from '../tasks.js'

/** Options of what is asked of an engine. */
export interface ControlOptions {
  /** Rejects with `TRT_ERR_ABORTED`. What TensorRT has begun it ends all the same. */
  signal?: AbortSignal
}

/** Who answers, and on which backend. */
export interface Asked {
  readonly native: Pick<NativeEngine | NativeSession, 'control'>
  readonly backend: string
}

export interface Question {
  readonly verb: string
  /** For messages: 'refitting', 'the layers of an engine'. */
  readonly what: string
  readonly arguments?: object
  readonly signal?: AbortSignal | undefined
}

/**
 * Asks a backend what only some can answer.
 *
 * @throws {TrtError} By rejecting. `TRT_ERR_UNSUPPORTED`: this backend cannot, or the engine was not built for it.
 */
export async function ask<T>({ native, backend }: Asked, { verb, what, arguments: given, signal }: Question): Promise<T> {
  const task = native.control(verb, given === undefined ? null : JSON.stringify(given))
  try {
    return JSON.parse(await finish(task, what, signal)) as T
  } catch (error) {
    if (!isTrtError(error) || error.code !== 'TRT_ERR_UNSUPPORTED' || isTensorRt(backend)) throw error
    const remedy = "Build the engine with backend: 'tensorrt' or 'tensorrt-rtx', on a machine with a GPU."
    const message = `The backend '${backend}' does not offer ${what}. ${remedy}`
    throw new TrtError('TRT_ERR_UNSUPPORTED', message, { backend, verb, remedy }, { cause: error })
  }
}

/** @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` */
export function controlOptions<T extends ControlOptions>(
  where: string,
  given: T | undefined,
  known: readonly (keyof T & string)[] = [],
): T {
  const options = plainObject(`the options of ${where}`, given ?? {}) as unknown as T
  rejectUnknown(options, [...known, 'signal'], where)
  if (options.signal !== undefined) abortSignal('signal', options.signal)
  return options
}
