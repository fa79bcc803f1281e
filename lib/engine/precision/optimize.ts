import { abortSignal, callback, choice, invalid, plainObject, rejectUnknown, text } from '../../core/options.js'
import { writeOnnx } from '../../onnx/graph/write.js'
import type { PrecisionReport } from '../../onnx/report/types.js'
import { type ModelInputSource, readModel, resolveModelParts } from '../model-source.js'
import { type ShapeRanges, resolveProfiles } from '../profiles.js'
import { guardAbort } from '../tasks.js'
import { modelOf } from './model-of.js'
import { type PrecisionOptions, precisionKeys, resolvePrecision } from './options.js'
import { cpuRuntime } from './runtime.js'
import { transform } from './transform.js'

export interface OptimizeOptions extends PrecisionOptions {
  /**
   * 'portable' (default): plain ONNX for TensorRT and any other tool; Engine.build takes it for every backend. 'cpu': what ONNX
   * Runtime's CPU kernels compute fastest, which TensorRT refuses.
   */
  target?: 'portable' | 'cpu'
  /** Sizes of inputs with free dimensions for trial runs, as Engine.build has them. Default: some are guessed. */
  shapes?: ShapeRanges
  /** ONNX Runtime's shared library, or its folder, which runs the model. Default: as Engine.build. */
  onnxruntime?: string
  signal?: AbortSignal
  /** `done` from 0 to 1, over everything. */
  onProgress?: (progress: { readonly phase: string; readonly done: number }) => void
}

export interface Optimized {
  /** An ONNX file. */
  readonly model: Uint8Array
  readonly report: PrecisionReport
}

const own = ['target', 'shapes', 'onnxruntime', 'signal', 'onProgress']

/**
 * An ONNX model in another precision, as an ONNX model: what Engine.build makes before its backend gets it. Runs the model on
 * ONNX Runtime, on this machine.
 *
 * @throws {TrtError} By rejecting, as `Engine.build`; `TRT_ERR_INVALID_ARGUMENT`: also precision 'as-is', which leaves nothing to do.
 */
export async function optimize(model: ModelInputSource, options: OptimizeOptions = {}): Promise<Optimized> {
  rejectUnknown(plainObject('the options of optimize', options), [...precisionKeys, ...own], 'optimize')
  const precision = resolvePrecision(options)
  if (precision.precision === 'as-is') throw invalid("Precision 'as-is' leaves the model alone. Give another one to optimize.")
  const target = choice('target', options.target ?? 'portable', ['portable', 'cpu'])
  const signal = options.signal === undefined ? undefined : abortSignal('signal', options.signal)
  const onProgress = options.onProgress === undefined ? undefined : callback('onProgress', options.onProgress)
  const onnxruntime = options.onnxruntime === undefined ? undefined : text('onnxruntime', options.onnxruntime)
  const parts = resolveModelParts(model)
  return guardAbort('optimisation', signal, async () => {
    const source = await readModel(parts, true, signal)
    const profiles = resolveProfiles(options.shapes, undefined, source.inputs)
    const result = await transform(await modelOf(source, signal), precision, {
      runtime: cpuRuntime({ onnxruntime, signal }),
      profiles,
      signal,
      onProgress: (phase, done) => onProgress?.({ phase, done }),
    })
    onProgress?.({ phase: 'done', done: 1 })
    return { model: writeOnnx(target === 'cpu' ? result.cpu : result.portable), report: result.report }
  })
}
