import { exposeValues } from '../calibration/expose.js'
import { floatValues } from '../calibration/floats.js'
import type { OnnxModel } from '../graph/types.js'
import { groupTensors, type SeeingOptions, visibleTensors } from '../report/tensor-groups.js'
import type { Runtime, Sample } from '../runtime.js'

/**
 * The smallest and the largest finite value of every float32 tensor over samples, inputs included. Infinities are left out: masks
 * have them on purpose, and 16 bits know them.
 *
 * @param samples At least one; each is run once for each group of tensors that memory takes.
 */
export async function activationRanges(
  model: OnnxModel,
  samples: readonly Sample[],
  runtime: Runtime,
  { memoryBytes, ...open }: SeeingOptions = {},
): Promise<Map<string, { min: number; max: number }>> {
  const ranges = new Map<string, { min: number; max: number }>()
  const [first] = samples
  if (first === undefined) return ranges
  for (const sample of samples) for (const [name, tensor] of Object.entries(sample)) widen(ranges, name, floatValues(tensor))
  const names = [...visibleTensors(model)].filter(([, { type }]) => type === 'float32').map(([name]) => name)
  for (const group of await groupTensors(model, names, first, { ...open, memoryBytes, runtime })) {
    const opened = await runtime.open(exposeValues(model, group, []).bytes, open)
    try {
      for (const sample of samples) {
        const outputs = await opened.run(sample)
        for (const name of group) widen(ranges, name, floatValues(outputs[name]!))
      }
    } finally {
      await opened.close()
    }
  }
  return ranges
}

function widen(ranges: Map<string, { min: number; max: number }>, name: string, values: Float32Array | null): void {
  if (values === null) return
  let [min, max] = [Infinity, -Infinity]
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (value < min && value !== -Infinity) min = value
    if (value > max && value !== Infinity) max = value
  }
  if (min > max) return
  const known = ranges.get(name)
  ranges.set(name, { min: Math.min(min, known?.min ?? Infinity), max: Math.max(max, known?.max ?? -Infinity) })
}
