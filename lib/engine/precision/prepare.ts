import type { PrecisionReport } from '../../onnx/report/types.js'
import type { NativeBuild } from '../build-native.js'
import { logLevels, type ResolvedBuildOptions } from '../build-options.js'
import { prepareFp32 } from './fp32.js'
import { cpuRuntime } from './runtime.js'

export interface PreparedBuild {
  /** With the model that the backend is to build. */
  readonly build: NativeBuild
  /** Null: the model is built as it came, because that was asked for, or because the backend itself does what there is to do. */
  readonly report: PrecisionReport | null
}

/**
 * Gives the model the precision that was asked for, before the backend gets it.
 *
 * @throws {TrtError} `TRT_ERR_ABORTED`, `TRT_ERR_OUT_OF_MEMORY`
 */
export async function prepare(build: NativeBuild): Promise<PreparedBuild> {
  const { choice, options, source, profiles } = build
  if (choice.name !== 'cpu' || options.precision !== 'fp32') return { build, report: null }
  const runtime = cpuRuntime({ onnxruntime: options.request.onnxruntime, signal: options.signal })
  const { bytes, report } = await prepareFp32(source, profiles, runtime)
  for (const text of report.notes) info(options, text)
  return { build: bytes === null ? build : { ...build, model: { bytes, path: null, externals: [] } }, report }
}

function info({ onLog, logLevel }: ResolvedBuildOptions, text: string): void {
  if (logLevels.indexOf(logLevel) >= logLevels.indexOf('info')) onLog?.({ level: 'info', text })
}
