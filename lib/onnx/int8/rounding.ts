import { Weights } from '../graph/weights.js'
import type { Layer } from './layers.js'
import type { Int8Weights } from './types.js'

/** Where channel `c` of the weights lies: elements `offset + i · step` for i < size. */
export interface Rows {
  readonly channels: number
  readonly size: number
  /** Calls back with the index into the weights of element `i` of channel `c`. */
  at(channel: number, element: number): number
}

/** @param dims Of the weights. @param axis Of the channels: the first or, for two dimensions, the last one. */
export function rowsOf(dims: readonly number[], axis: number): Rows {
  const channels = dims[axis] as number
  const size = dims.reduce((product, dim) => product * dim, 1) / Math.max(1, channels)
  return axis === 0
    ? { channels, size, at: (channel, element) => channel * size + element }
    : { channels, size, at: (channel, element) => element * channels + channel }
}

/**
 * Scales below which the bias of a channel would not fit into 32 bits in units of input scale times weight scale: channels that
 * a folded batch normalisation has left with weights of 1e-20 and a bias.
 *
 * @param inputScale The smallest that any form of the model uses.
 */
export function scaleFloors(layer: Layer, bias: Float32Array | null, inputScale: number): Float32Array {
  const floors = new Float32Array(layer.channels)
  if (bias === null || bias.length !== layer.channels) return floors
  return floors.map((_, c) => Math.abs(bias[c] as number) / (inputScale * 2 ** 28))
}

const largest = 127
/** Shares of the largest magnitude that are tried as the largest code. */
const shares = [1, 0.96, 0.92, 0.88, 0.84, 0.8, 0.75, 0.7]

/** The scale of each channel that gives the least squared error when rounding to the nearest, never below its floor. */
export function weightScales(values: Float32Array, rows: Rows, floors: Float32Array): Float32Array {
  return Float32Array.from({ length: rows.channels }, (_, c) => {
    let limit = 0
    for (let i = 0; i < rows.size; i++) limit = Math.max(limit, Math.abs(values[rows.at(c, i)] as number))
    const floor = Math.max(floors[c] as number, 1e-30)
    if (limit / largest <= floor) return floor
    let best = { scale: limit / largest, error: Infinity }
    for (const share of shares) {
      const scale = Math.max((share * limit) / largest, floor)
      const error = channelError(values, rows, { channel: c, scale })
      if (error < best.error) best = { scale, error }
    }
    return best.scale
  })
}

function channelError(values: Float32Array, rows: Rows, { channel, scale }: { channel: number; scale: number }): number {
  let error = 0
  for (let i = 0; i < rows.size; i++) {
    const value = values[rows.at(channel, i)] as number
    error += (clampCode(value / scale) * scale - value) ** 2
  }
  return error
}

export function clampCode(value: number): number {
  return Math.max(-largest, Math.min(largest, Math.round(value)))
}

/** Weights of a layer to the nearest code, each channel with the scale of least squared error. */
export function roundToNearest(layer: Layer, floors: Float32Array): Int8Weights {
  const values = layer.weights.floats()
  const rows = rowsOf(layer.weights.dims, layer.axis)
  const scales = weightScales(values, rows, floors)
  const codes = new Int8Array(values.length)
  for (let c = 0; c < rows.channels; c++) {
    for (let i = 0; i < rows.size; i++) codes[rows.at(c, i)] = clampCode((values[rows.at(c, i)] as number) / (scales[c] as number))
  }
  return { codes, scales, axis: layer.axis }
}

/** What the codes stand for. */
export function valuesOf({ codes, scales, axis }: Int8Weights, dims: readonly number[]): Float32Array {
  const rows = rowsOf(dims, axis)
  const values = new Float32Array(codes.length)
  for (let c = 0; c < rows.channels; c++) {
    for (let i = 0; i < rows.size; i++)
      values[rows.at(c, i)] = (codes[rows.at(c, i)] as number) * (scales[scales.length === 1 ? 0 : c] as number)
  }
  return values
}

/** The bias as ONNX Runtime's kernels add it: in units of input scale times weight scale. */
export function biasCodes(bias: Float32Array, inputScale: number, scales: Float32Array): { codes: Int32Array; scales: Float32Array } {
  const products = Float32Array.from({ length: bias.length }, (_, c) =>
    Math.fround(inputScale * (scales[scales.length === 1 ? 0 : c] as number)),
  )
  const limit = 2 ** 31 - 1
  const codes = Int32Array.from(bias, (value, c) => Math.max(-limit, Math.min(limit, Math.round(value / (products[c] as number)))))
  return { codes, scales: products }
}

export function int32Weights(name: string, values: Int32Array): Weights {
  return Weights.of(name, 'int32', [values.length], values)
}
