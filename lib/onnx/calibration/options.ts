import { abortSignal, callback, integer, number, rejectUnknown } from '../../core/options.js'
import { type Kernels, plainKernels } from './kernels.js'
import type { Runtime } from '../runtime.js'

export interface CollectProgress {
  /** Seen so far, those left out included. */
  readonly samples: number
  readonly dropped: number
  /** Null: the data does not tell how many there are. */
  readonly total: number | null
}

export interface CollectOptions {
  /** Threads inside of one inference. Default 1. */
  readonly threads?: number
  /**
   * Bytes of tensors in flight, from 1: two runs', for one is looked at while the next one computes. Where all wanted tensors of a
   * sample are more, they are exposed in groups, and each sample is run once for each group. Default 512 MiB.
   */
  readonly memoryBytes?: number
  readonly signal?: AbortSignal | undefined
  /** After each sample. */
  readonly onProgress?: ((progress: CollectProgress) => void) | undefined
  /** Default: the runtime's, else in JavaScript. */
  readonly kernels?: Kernels
}

export interface ResolvedCollectOptions {
  readonly threads: number
  readonly memoryBytes: number
  readonly signal: AbortSignal | undefined
  readonly onProgress: ((progress: CollectProgress) => void) | undefined
  readonly kernels: Kernels
}

const known = ['threads', 'memoryBytes', 'signal', 'onProgress', 'kernels']
const defaultMemory = 512 * 2 ** 20

/** @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` */
export function resolveCollectOptions(given: CollectOptions, runtime: Runtime): ResolvedCollectOptions {
  rejectUnknown(given, known, 'calibration')
  const { signal, onProgress } = given
  return {
    threads: integer('threads', given.threads ?? 1, 0, 1024),
    memoryBytes: number('memoryBytes', given.memoryBytes ?? defaultMemory, 1, Infinity),
    signal: signal === undefined ? undefined : abortSignal('signal', signal),
    onProgress: onProgress === undefined ? undefined : callback('onProgress', onProgress),
    kernels: given.kernels ?? runtime.kernels ?? plainKernels,
  }
}
