import type { CalibrationTable } from '../calibration/types.js'
import { GraphIndex } from '../graph/graph-index.js'
import type { OnnxModel } from '../graph/types.js'
import { correctBiases } from './correct-bias.js'
import type { Facts } from './facts.js'
import type { Layer } from './layers.js'
import { asymmetricRanges, lowerForCpu } from './lower-cpu.js'
import { placeTensorRt } from './place-tensorrt.js'
import { chooseElementwise } from './regions.js'
import type { RoundedLayer } from './round-layers.js'
import type { CpuPlan } from './types.js'
import { unitsOf } from './units.js'

/** What all forms of one model are made from. */
export interface Source {
  /** Cleaned and equalised, float. */
  readonly model: OnnxModel
  readonly layers: readonly Layer[]
  readonly rounded: ReadonlyMap<string, RoundedLayer>
  readonly facts: Facts
}

export interface Form {
  readonly model: OnnxModel
  readonly plan: CpuPlan
}

export type MakeForm = (source: Source, table: CalibrationTable, int8: ReadonlySet<string>) => Form

/** For ONNX Runtime's CPU kernels. */
export const cpuForm: MakeForm = (source, table, int8) => {
  const model = correctBiases(source.model, source.layers, source.rounded, int8)
  const plan = planFor(source, model, table, int8)
  return { model: lowerForCpu(model, table, plan), plan }
}

/** Plain Q/DQ around zero, as TensorRT wants it. The plan is that of a CPU which lowers it again. */
export const portableForm: MakeForm = (source, table, int8) => {
  const model = correctBiases(source.model, source.layers, source.rounded, int8)
  const plan = planFor(source, model, table, int8)
  return { model: placeTensorRt(model, table, plan), plan }
}

function planFor(source: Source, { graph }: OnnxModel, table: CalibrationTable, int8: ReadonlySet<string>): CpuPlan {
  const { units } = unitsOf(graph, new GraphIndex(graph), asymmetricRanges(table))
  const sizes = new Map([...source.facts].map(([name, { size }]) => [name, size]))
  return { layers: int8, weights: weightsOf(source, int8), elementwise: chooseElementwise(units, int8, sizes) }
}

function weightsOf({ rounded }: Source, int8: ReadonlySet<string>) {
  return new Map([...rounded].flatMap(([key, { weights }]) => (int8.has(key) ? [[key, weights] as const] : [])))
}
