import type { OnnxModel } from '../graph/types.js'
import type { CpuPlan } from './types.js'

/** Entry of the model's metadata: which layers are in int8 in which form. */
export const planKey = 'tensorrt-node.int8'

export interface Plans {
  readonly cpu: CpuPlan
  readonly portable: CpuPlan
}

/** The same model with the plans in its metadata. Rounded weights are in the graph itself. */
export function withPlans(model: OnnxModel, { cpu, portable }: Plans): OnnxModel {
  const text = JSON.stringify({
    format: 1,
    cpu: { layers: [...cpu.layers], elementwise: [...cpu.elementwise] },
    tensorrt: { layers: [...portable.layers] },
  })
  return { ...model, metadata: new Map(model.metadata).set(planKey, text) }
}
