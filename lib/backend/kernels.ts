import { loadAddon } from './addon.js'

/** What lib/onnx/calibration asks for each element, as the addon does it. */
export interface NativeKernels {
  extent(values: Float32Array): { min: number; max: number; finite: boolean }
  count(values: Float32Array, limit: number, positive: Float64Array, negative: Float64Array): void
}

/**
 * Null: the addon is one of before, without them.
 *
 * @throws {TrtError} as `loadAddon`
 */
export function nativeKernels(): NativeKernels | null {
  const { extentOf, countInto } = loadAddon()
  if (extentOf === undefined || countInto === undefined) return null
  const into = new Float64Array(3)
  return {
    extent(values) {
      extentOf(values, into)
      const [min = 0, max = 0, finite = 0] = into
      return finite === 1 ? { min, max, finite: true } : { min: 0, max: 0, finite: false }
    },
    count: countInto,
  }
}

/** What lib/onnx/int8 asks for a layer, as the addon does it: off the JS thread. */
export interface NativeRounding {
  round(task: RoundingRows): Promise<{ codes: Int8Array; scales: Float32Array }>
}

export interface RoundingRows {
  readonly values: Float32Array
  readonly covariance: Float32Array
  readonly scales: Float32Array
  readonly floors: Float32Array
}

/**
 * Null: the addon is one of before, without it.
 *
 * @throws {TrtError} as `loadAddon`
 */
export function nativeRounding(): NativeRounding | null {
  const { roundRows } = loadAddon()
  if (roundRows === undefined) return null
  return { round: ({ values, covariance, scales, floors }) => roundRows(values, covariance, scales, floors).promise }
}
