import type { OnnxModel } from '../../onnx/graph/types.js'
import { writeOnnx } from '../../onnx/graph/write.js'
import { lowerPortable } from '../../onnx/int8/lower-portable.js'
import { planKey, readPlan } from '../../onnx/int8/plan-metadata.js'
import { emptyReport } from '../../onnx/report/empty.js'
import type { Runtime } from '../../onnx/runtime.js'
import type { Profiles } from '../io-info.js'
import type { ModelSource } from '../model-source.js'
import { modelInputs } from './checked-clean.js'
import type { Prepared } from './fp32.js'
import { trialSamples, tryBoth } from './trial.js'

/** Whether the file is the portable form of an int8 model of ours: with the ranges and the plan to lower it again. */
export const isPortable = ({ summary }: ModelSource): boolean => summary !== null && planKey in summary.metadata

/**
 * A portable int8 model as ONNX Runtime's CPU kernels want it; as it came, with the reason, where that does not run.
 *
 * @throws {TrtError} `TRT_ERR_FILE`: its metadata is damaged. `TRT_ERR_ABORTED`, `TRT_ERR_OUT_OF_MEMORY`.
 */
export async function prepareInt8(source: ModelSource, model: OnnxModel, profiles: Profiles, runtime: Runtime): Promise<Prepared> {
  const original = source.bytes
  const nodes = model.graph.nodes.length
  const sizes = { before: original.byteLength, after: original.byteLength }
  const lowered = lowerPortable(model)
  const asIs = (reason: string) => ({
    bytes: null,
    report: { ...emptyReport('int8', nodes), bytes: sizes, notes: [`The int8 graph is as it came, which is slow on a CPU: ${reason}`] },
  })
  if (lowered === null) return asIs('its metadata has no ranges.')
  const bytes = writeOnnx(lowered)
  const trial = await tryBoth(runtime, { model: original }, { model: bytes }, trialSamples(modelInputs(model), profiles))
  if (trial.reason !== null) return asIs(trial.reason)
  const int8 = readPlan(model)?.layers.size ?? 0
  const note = `Lowered for ONNX Runtime's kernels from the ranges in the file: ${int8} layers in int8. Outputs are compared with the file's own on a trial input.`
  const report = { ...emptyReport('int8', lowered.graph.nodes.length - int8), bytes: { ...sizes, after: bytes.byteLength } }
  const coverage = { ...report.coverage, operators: { ...report.coverage.operators, int8 } }
  return { bytes, report: { ...report, coverage, outputs: trial.fidelity.results(), notes: [note] } }
}
