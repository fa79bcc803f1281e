import type { CalibrationTable } from '../calibration/types.js'
import { observe } from '../calibration/collect.js'
import type { OnnxModel } from '../graph/types.js'
import { requireRunning } from '../calibration/iterate.js'
import type { Runtime, Sample } from '../runtime.js'
import { Covariances } from './covariance.js'
import { plainRounding, type RoundingKernels } from './kernels.js'
import type { Layer } from './layers.js'
import { patchMeans, patchRows, PatchSampler, patchSize, type Patches } from './patches.js'
import { type Rows, roundToNearest, rowsOf, scaleFloors, valuesOf, weightScales } from './rounding.js'
import { codeScale } from './scales.js'
import type { Int8Weights } from './types.js'

/** Codes of a layer's weights, and by how much its bias has to move for its mean output to stay. */
export interface RoundedLayer {
  readonly weights: Int8Weights
  readonly correction: Float32Array
}

export interface RoundOptions {
  /** 'covariance': codes are chosen together, by the error of the output; 'nearest': each on its own. */
  readonly rounding: 'nearest' | 'covariance'
  readonly signal?: AbortSignal | undefined
  readonly onLayer?: ((done: number, total: number) => void) | undefined
}

/** Patches that are held at a time. */
const patchBytes = 400 * 2 ** 20
/** Elements of a patch beyond which the covariance costs more than it gives. */
const largestPatch = 2400
/** Weights of a group that JavaScript rounds itself. */
const smallGroup = 4096

/** Rounds the weights of all layers, by what the samples show of their inputs. @returns By layer. */
export async function roundLayers(
  model: OnnxModel,
  layers: readonly Layer[],
  { table, samples, runtime }: RoundSource,
  options: RoundOptions,
): Promise<Map<string, RoundedLayer>> {
  const rounded = new Map<string, RoundedLayer>()
  const covariances = new Covariances(runtime)
  const kernels = runtime.rounding ?? plainRounding
  try {
    for (const group of portions(layers)) {
      const samplers = group.map((layer) => new PatchSampler(layer, samples.length))
      await observe(model, samplers, samples, runtime, { signal: options.signal })
      for (const [i, layer] of group.entries()) {
        requireRunning(options.signal)
        const patches = (samplers[i] as PatchSampler).patches
        rounded.set(layer.key, await roundLayer(layer, patches, { table, covariances, kernels, rounding: options.rounding }))
        options.onLayer?.(rounded.size, layers.length)
      }
    }
  } finally {
    await covariances.close()
  }
  return rounded
}

export interface RoundSource {
  readonly table: CalibrationTable
  readonly samples: readonly Sample[]
  readonly runtime: Runtime
}

function portions(layers: readonly Layer[]): Layer[][] {
  const groups: Layer[][] = []
  let bytes = Infinity
  for (const layer of layers) {
    const more = patchRows(layer) * patchSize(layer) * 4
    if (bytes + more > patchBytes) {
      groups.push([])
      bytes = 0
    }
    bytes += more
    groups.at(-1)?.push(layer)
  }
  return groups
}

interface Rounding {
  readonly table: CalibrationTable
  readonly covariances: Covariances
  readonly kernels: RoundingKernels
  readonly rounding: 'nearest' | 'covariance'
}

async function roundLayer(layer: Layer, patches: Patches, rounding: Rounding): Promise<RoundedLayer> {
  const floors = scaleFloors(layer, layer.bias?.floats() ?? null, smallestInputScale(layer, rounding.table))
  const means = patchMeans(patches)
  const together = rounding.rounding === 'covariance' && patches.size <= largestPatch && patches.rows > 1
  const weights = together ? await roundTogether(layer, patches, { ...rounding, floors, means }) : roundToNearest(layer, floors)
  return { weights, correction: correctionOf(layer, weights, means) }
}

/** Over both forms of the model: the floor has to do for either. */
function smallestInputScale({ input }: Layer, { tensors }: CalibrationTable): number {
  const ranges = tensors.get(input)
  if (ranges === undefined) return 1
  return Math.min(codeScale(ranges.asymmetric).scale, ranges.symmetric.high > 0 ? ranges.symmetric.high / 127 : 1)
}

interface Together extends Rounding {
  readonly floors: Float32Array
  readonly means: Float64Array
}

async function roundTogether(layer: Layer, patches: Patches, { covariances, kernels, floors, means }: Together): Promise<Int8Weights> {
  const rows = rowsOf(layer.weights.dims, layer.axis)
  const values = layer.weights.floats()
  const scales = weightScales(values, rows, floors)
  const codes = new Int8Array(values.length)
  const chosen = new Float32Array(rows.channels)
  const perGroup = rows.channels / patches.groups
  for (let group = 0; group < patches.groups; group++) {
    const [from, to] = [group * perGroup, (group + 1) * perGroup]
    const covariance = await covariances.of(patches, group, means)
    const part = { values: gathered(values, rows, from, to), channels: perGroup, size: rows.size, covariance }
    // A thread of its own costs more than such a group.
    const { round } = rows.size * perGroup < smallGroup ? plainRounding : kernels
    const done = await round({ ...part, scales: scales.slice(from, to), floors: floors.slice(from, to) })
    chosen.set(done.scales, from)
    for (let c = from; c < to; c++)
      for (let k = 0; k < rows.size; k++) codes[rows.at(c, k)] = done.codes[(c - from) * rows.size + k] as number
  }
  return { codes, scales: chosen, axis: layer.axis }
}

function gathered(values: Float32Array, rows: Rows, from: number, to: number): Float32Array {
  const part = new Float32Array((to - from) * rows.size)
  for (let c = from, at = 0; c < to; c++) for (let k = 0; k < rows.size; k++) part[at++] = values[rows.at(c, k)] as number
  return part
}

/** (W − Ŵ) · E[x]: what rounding moves the mean of each output channel by. */
function correctionOf(layer: Layer, weights: Int8Weights, means: Float64Array): Float32Array {
  const rows = rowsOf(layer.weights.dims, layer.axis)
  const before = layer.weights.floats()
  const after = valuesOf(weights, layer.weights.dims)
  const perGroup = rows.channels / layer.group
  return Float32Array.from({ length: rows.channels }, (_, c) => {
    const first = Math.floor(c / perGroup) * rows.size
    let sum = 0
    for (let k = 0; k < rows.size; k++) {
      const at = rows.at(c, k)
      sum += ((before[at] as number) - (after[at] as number)) * (means[first + k] as number)
    }
    return sum
  })
}
