import { plainObject, rejectUnknown } from '../../core/options.js'
import { iterate } from '../../onnx/calibration/iterate.js'
import { SampleCheck, type Samples } from '../../onnx/calibration/sample.js'
import { diff, type Difference, type DiffOptions } from '../../onnx/diff.js'
import { withWeightsInside } from '../../onnx/graph/open.js'
import { writeOnnx } from '../../onnx/graph/write.js'
import type { OnnxModel } from '../../onnx/graph/types.js'
import type { Sample } from '../../onnx/runtime.js'
import { type ModelInputSource, readModel, resolveModelParts } from '../model-source.js'
import { calibrate, type Calibrated, type CalibrateOptions } from './calibrate.js'
import { modelOf } from './model-of.js'
import { cpuRuntime } from './runtime.js'

/** Where ONNX Runtime's shared library is, which runs the model. Default: as Engine.build. */
export interface WithRuntime {
  readonly onnxruntime?: string
}

/**
 * Ranges of the values of a model from samples of its inputs, in one pass: what int8 is made from. `writeTable` makes text of them.
 *
 * @throws {TrtError} By rejecting, as `calibrate` of the passes, and as `Engine.build` for the model.
 */
export async function calibrateModel(
  model: ModelInputSource,
  samples: Samples | PromiseLike<Samples>,
  { onnxruntime, ...options }: CalibrateOptions & WithRuntime = {},
): Promise<Calibrated> {
  const bytes = writeOnnx(await whole(model, options.signal))
  return calibrate(bytes, await samples, cpuRuntime({ onnxruntime, signal: options.signal }), options)
}

const diffKeys = ['tolerance', 'threads', 'optimize', 'memoryBytes', 'signal', 'onnxruntime']

/**
 * Compares two ONNX models on the same inputs, tensor by tensor where both have one of the same name, and names the first that
 * departs. Both run on ONNX Runtime.
 *
 * @throws {TrtError} By rejecting: as `Engine.build` for a model, `TRT_ERR_NAME`: other inputs or outputs, `TRT_ERR_INVALID_ARGUMENT`.
 */
export async function diffModels(
  a: ModelInputSource,
  b: ModelInputSource,
  samples: Samples | PromiseLike<Samples>,
  { onnxruntime, ...options }: DiffOptions & WithRuntime = {},
): Promise<Difference> {
  rejectUnknown(plainObject('the options of diff', options), diffKeys, 'diff')
  const { signal } = options
  const [first, second] = [await whole(a, signal), await whole(b, signal)]
  const check = new SampleCheck(first)
  const inputs: Sample[] = []
  for await (const given of iterate('the inputs', await samples, signal)) inputs.push(check.take(given, inputs.length))
  return diff([first, second], inputs, cpuRuntime({ onnxruntime, signal }), options)
}

async function whole(model: ModelInputSource, signal: AbortSignal | undefined): Promise<OnnxModel> {
  return withWeightsInside(await modelOf(await readModel(resolveModelParts(model), true, signal), signal))
}
