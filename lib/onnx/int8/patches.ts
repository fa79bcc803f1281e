import { seededRandom } from '../../core/random.js'
import type { Tensor } from '../../core/tensor.js'
import type { Observer } from '../calibration/types.js'
import { type Layer, windowOf } from './layers.js'

/** What a layer multiplies with its weights, at positions drawn by chance: rows of patches, padding included. */
export interface Patches {
  /** Row-major [rows, groups · size]. */
  readonly values: Float32Array
  readonly rows: number
  readonly groups: number
  /** Elements of one patch of one group: in the order of a row of the weights. */
  readonly size: number
}

/** Elements of a patch over all groups. */
export function patchSize({ node, weights, group, axis }: Layer): number {
  if (node.opType === 'Conv') return group * weights.dims.slice(1).reduce((product, dim) => product * dim, 1)
  return weights.dims[1 - axis] as number
}

/** Positions for each layer in all: some times the unknowns of a dense one, fewer where each channel stands for itself. */
export function patchRows(layer: Layer): number {
  const size = patchSize(layer) / layer.group
  return layer.group > 1 && size <= 64 ? 1024 : Math.min(4096, Math.max(1024, 4 * size))
}

/** Draws patches of one layer's input, the same number from each sample. */
export class PatchSampler implements Observer {
  readonly tensors: readonly string[]
  readonly #layer: Layer
  readonly #random = seededRandom(1)
  readonly #width: number
  readonly #values: Float32Array
  readonly #perSample: number
  #rows = 0

  /** @param samples That will be observed. */
  constructor(layer: Layer, samples: number) {
    this.tensors = [layer.input]
    this.#layer = layer
    this.#width = patchSize(layer)
    this.#perSample = Math.ceil(patchRows(layer) / samples)
    this.#values = new Float32Array(this.#width * this.#perSample * samples)
  }

  observe(values: ReadonlyMap<string, Tensor>): void {
    const tensor = values.get(this.#layer.input) as Tensor
    if ((this.#rows + this.#perSample) * this.#width > this.#values.length) return
    if (this.#layer.node.opType === 'Conv') this.#fromPicture(tensor)
    else this.#fromRows(tensor)
  }

  get patches(): Patches {
    const { group } = this.#layer
    return { values: this.#values.subarray(0, this.#rows * this.#width), rows: this.#rows, groups: group, size: this.#width / group }
  }

  #fromRows({ data }: Tensor): void {
    const source = data as Float32Array
    const available = source.length / this.#width
    const wanted = Math.min(this.#perSample, available)
    for (let i = 0; i < wanted; i++) {
      const row = wanted === available ? i : Math.floor(this.#random() * available)
      this.#values.set(source.subarray(row * this.#width, (row + 1) * this.#width), this.#rows++ * this.#width)
    }
  }

  #fromPicture({ data, shape }: Tensor): void {
    const [batch, channels, ...spatial] = shape as readonly [number, number, ...number[]]
    // One dimension is a picture of height 1.
    const flat = spatial.length === 1
    const window = windowOf(this.#layer, spatial)
    const two = <T>(values: readonly T[], first: T): readonly [T, T] => (flat ? [first, values[0] as T] : (values as unknown as [T, T]))
    const geometry: Geometry = {
      channels,
      size: two(spatial, 1),
      kernel: two(window.kernel, 1),
      strides: two(window.strides, 1),
      dilations: two(window.dilations, 1),
      padding: two(window.padding, 0),
      output: two(window.size, 1),
    }
    const positions = geometry.output[0] * geometry.output[1]
    const all = batch * positions <= this.#perSample
    const wanted = Math.min(this.#perSample, batch * positions)
    for (let i = 0; i < wanted; i++) {
      const position = all ? i : Math.floor(this.#random() * batch * positions)
      const picture = (data as Float32Array).subarray(Math.floor(position / positions) * channels * geometry.size[0] * geometry.size[1])
      cut(picture, geometry, { position: position % positions, into: this.#values, at: this.#rows++ * this.#width })
    }
  }
}

type Pair = readonly [number, number]

interface Geometry {
  readonly channels: number
  readonly size: Pair
  readonly kernel: Pair
  readonly strides: Pair
  readonly dilations: Pair
  readonly padding: Pair
  readonly output: Pair
}

interface Cut {
  readonly position: number
  readonly into: Float32Array
  readonly at: number
}

/** Copies the patch under one output position; outside of the picture stays 0. */
function cut(
  picture: Float32Array,
  { channels, size, kernel, strides, dilations, padding, output }: Geometry,
  { position, into, at }: Cut,
): void {
  const top = Math.floor(position / output[1]) * strides[0] - padding[0]
  const left = (position % output[1]) * strides[1] - padding[1]
  const plane = size[0] * size[1]
  const [high, wide] = kernel
  for (let y = 0; y < high; y++) {
    const row = top + y * dilations[0]
    if (row < 0 || row >= size[0]) continue
    for (let x = 0; x < wide; x++) {
      const column = left + x * dilations[1]
      if (column < 0 || column >= size[1]) continue
      const [from, to] = [row * size[1] + column, at + y * wide + x]
      for (let c = 0; c < channels; c++) into[to + c * high * wide] = picture[from + c * plane] as number
    }
  }
}

/** Mean of each element of a patch, [groups · size]. */
export function patchMeans({ values, rows, groups, size }: Patches): Float64Array {
  const means = new Float64Array(groups * size)
  for (let row = 0, at = 0; row < rows; row++) for (let k = 0; k < means.length; k++) means[k]! += values[at++] as number
  return means.map((sum) => sum / Math.max(1, rows))
}
