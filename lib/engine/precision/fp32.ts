import { externalFiles } from '../../onnx/external-data.js'
import { readOnnx } from '../../onnx/graph/read.js'
import type { OnnxModel } from '../../onnx/graph/types.js'
import { liftOpset } from '../../onnx/passes/lift.js'
import { emptyReport } from '../../onnx/report/empty.js'
import type { PrecisionReport } from '../../onnx/report/types.js'
import type { Runtime } from '../../onnx/runtime.js'
import type { Profiles } from '../io-info.js'
import type { ModelSource } from '../model-source.js'
import { checkedClean } from './checked-clean.js'
import { reasonOf } from './trial.js'

/** The newest operator set that models are lifted to: it has every operator that the clean-up puts in. */
export const cleanOpset = 21

export interface Prepared {
  /** What the backend gets; null: the model as it came. */
  readonly bytes: Uint8Array | null
  readonly report: PrecisionReport
}

/**
 * The model cleaned up, if that does anything and a sample shows it to compute the same; else the model as it came, and the
 * reason in the report.
 *
 * @throws {TrtError} `TRT_ERR_ABORTED`, `TRT_ERR_OUT_OF_MEMORY`
 */
export async function prepareFp32(source: ModelSource, profiles: Profiles, runtime: Runtime): Promise<Prepared> {
  const { bytes: original } = source
  const nodes = Object.values(source.summary?.operators ?? {}).reduce((sum, count) => sum + count, 0)
  const empty = { ...emptyReport('fp32', nodes), bytes: { before: original.byteLength, after: original.byteLength } }
  const asIs = (reason: string) => ({
    bytes: null,
    report: { ...empty, notes: [`The graph is as it came: ${reason.replace(/\.$/, '')}.`] },
  })
  const lifted = lift(source)
  if ('reason' in lifted) return asIs(lifted.reason)
  const cleaned = await checkedClean({ bytes: original, lifted: lifted.model, profiles }, runtime)
  if (cleaned.model === null) return asIs(cleaned.reason)
  const { bytes, model, outputs, note } = cleaned
  const sizes = { before: original.byteLength, after: bytes.byteLength }
  return { bytes, report: { ...emptyReport('fp32', model.graph.nodes.length), bytes: sizes, outputs, notes: [note] } }
}

function lift({ bytes }: ModelSource): { readonly model: OnnxModel } | { readonly reason: string } {
  if (externalFiles(bytes).length > 0) return { reason: 'its weights are in other files' }
  try {
    return { model: liftOpset(readOnnx(bytes), cleanOpset) }
  } catch (error) {
    return { reason: reasonOf(error) }
  }
}
