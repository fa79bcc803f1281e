import { seededRandom } from '../../lib/core/random.js'
import { tensor } from '../../lib/core/tensor.js'
import { cpuRuntime } from '../../lib/engine/precision/runtime.js'
import { calibrationTensors } from '../../lib/onnx/calibration/tensors.js'
import { readOnnx } from '../../lib/onnx/graph/read.js'
import type { OnnxModel } from '../../lib/onnx/graph/types.js'
import { factsOf } from '../../lib/onnx/int8/facts.js'
import { cleanModel } from '../../lib/onnx/passes/clean/clean.js'
import { foldConstants } from '../../lib/onnx/passes/fold-constants.js'
import { liftOpset } from '../../lib/onnx/passes/lift.js'
import type { Runtime, Sample } from '../../lib/onnx/runtime.js'
import type { RealModel } from '../support/real-models.js'

/** A model as calibration sees it: cleaned up, with the values that it collects. */
export interface Subject {
  readonly name: string
  readonly model: OnnxModel
  readonly tensors: readonly string[]
  /** Of all of them together, in one sample. */
  readonly elements: number
  readonly runtime: Runtime
  sample(random: () => number): Sample
}

export async function subjectOf(real: RealModel): Promise<Subject> {
  const runtime = cpuRuntime()
  const { model } = cleanModel(foldConstants(liftOpset(readOnnx(real.bytes), 21)))
  // The range of the published input, another sample each time.
  const [low, high] = real.data.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [0, 0])
  const sample = (random: () => number) => ({
    [real.input]: tensor(
      'float32',
      real.shape,
      real.data.map(() => low + (high - low) * random()),
    ),
  })
  const facts = await factsOf(model, sample(seededRandom(1)), runtime)
  const tensors = calibrationTensors(model.graph).filter((name) => facts.get(name)?.type === 'float32')
  const elements = tensors.reduce((sum, name) => sum + (facts.get(name)?.size ?? 0), 0)
  return { name: real.name, model, tensors, elements, runtime, sample }
}
