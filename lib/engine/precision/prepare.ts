import { TrtError } from '../../core/errors.js'
import { writeOnnx } from '../../onnx/graph/write.js'
import { foldPreprocessing } from '../../onnx/passes/preprocess.js'
import type { PrecisionReport } from '../../onnx/report/types.js'
import type { NativeBuild } from '../build-native.js'
import { logLevels } from '../build-options.js'
import { prepareFp32 } from './fp32.js'
import { modelOf } from './model-of.js'
import { isTransformed, precisionText } from './options.js'
import { isPortable, prepareInt8 } from './relower.js'
import { cpuRuntime } from './runtime.js'
import { samplesKey } from './samples-key.js'
import { transform } from './transform.js'

export interface PreparedBuild {
  /** With the model that the backend is to build. */
  readonly build: NativeBuild
  /** Null: the model is built as it came, because that was asked for, or because the backend itself does what there is to do. */
  readonly report: PrecisionReport | null
}

/**
 * Gives the model the precision that was asked for, before the backend gets it.
 *
 * @throws {TrtError} As `transform`; `TRT_ERR_UNSUPPORTED`: a precision that the backend does not compute in.
 */
export async function prepare(build: NativeBuild): Promise<PreparedBuild> {
  const { precision } = build.options
  if (isTransformed(precision)) return transformed(build)
  if (build.choice.name !== 'cpu' || precision.precision !== 'fp32') return { build, report: null }
  const { source, profiles } = build
  if (!isPortable(source)) return prepared(build, await prepareFp32(source, profiles, runtimeOf(build)))
  return prepared(build, await prepareInt8(source, await modelOf(source, build.options.signal), profiles, runtimeOf(build)))
}

async function transformed(build: NativeBuild): Promise<PreparedBuild> {
  const { choice, options, source, profiles, progress } = build
  requireComputed(build)
  const { precision, signal } = options
  const onProgress = (phase: string, done: number) => progress.precision(phase, done)
  const result = await transform(await modelOf(source, signal), precision, { runtime: runtimeOf(build), profiles, signal, onProgress })
  const model = choice.name === 'cpu' ? result.cpu : result.portable
  return prepared(build, { bytes: writeOnnx(model), report: result.report })
}

function prepared(build: NativeBuild, { bytes, report }: { bytes: Uint8Array | null; report: PrecisionReport }): PreparedBuild {
  const { onLog, logLevel } = build.options
  if (logLevels.indexOf(logLevel) >= logLevels.indexOf('info')) for (const text of report.notes) onLog?.({ level: 'info', text })
  return { build: bytes === null ? build : { ...build, model: { bytes, path: null, externals: [] } }, report }
}

const runtimeOf = ({ options }: NativeBuild) => cpuRuntime({ onnxruntime: options.request.onnxruntime, signal: options.signal })

function requireComputed({ choice, options }: NativeBuild): void {
  const { precision } = options.precision
  if (options.request.library !== undefined) {
    const message = `A backend of one's own gets its models as they are: precision '${precision}' and preprocess are not for it. Transform the ONNX model with optimize() of tensorrt-node/onnx first.`
    throw new TrtError('TRT_ERR_UNSUPPORTED', message, { precision })
  }
  if (choice.name !== 'cpu' || precision !== 'bf16') return
  const message =
    "ONNX Runtime computes no bfloat16 on a CPU. Use 'fp16', 'int8' or 'fp32' here, or build for TensorRT; optimize() of tensorrt-node/onnx writes the model itself."
  throw new TrtError('TRT_ERR_UNSUPPORTED', message, { precision, backend: choice.name })
}

/** What of the precision decides an engine's bytes: options, and calibration data by content. */
export async function precisionKey({ options, source }: NativeBuild): Promise<string> {
  const { precision, signal } = options
  const text = precisionText(precision)
  if (precision.calibration === null) return text
  const { preprocess } = precision.given
  const model = await modelOf(source, signal)
  const taken = preprocess === undefined ? model : foldPreprocessing(model, preprocess)
  return `${text} ${await samplesKey(taken, await precision.calibration, signal)}`
}
