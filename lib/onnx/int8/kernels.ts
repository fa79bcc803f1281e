/** One layer's weights of one group, to be rounded together. */
export interface RoundingTask {
  /** Row-major [channels, size]. */
  readonly values: Float32Array
  readonly channels: number
  readonly size: number
  /** Of what the weights are multiplied with: row-major [size, size], symmetric; its diagonal is positive. */
  readonly covariance: Float32Array
  /** To begin with, one for each channel. */
  readonly scales: Float32Array
  /** Below which no scale may go, one for each channel. */
  readonly floors: Float32Array
}

export interface RoundedRows {
  readonly codes: Int8Array
  readonly scales: Float32Array
}

/** What takes seconds for a large layer: in native code, off the JS thread, where there is any. */
export interface RoundingKernels {
  round(task: RoundingTask): Promise<RoundedRows>
}

const largest = 127
const scaleShares = [1, 0.85]
const sweeps = 4

/**
 * In JavaScript: GPTQ's order of decisions in the form of a nearest-plane search on the Cholesky factor, then one code after the
 * other to where the error of the output is least given all others, in some sweeps; for two scales, the better one of each channel.
 *
 * @see Frantar et al., GPTQ (2022); Chen et al., The Geometry of LLM Quantization: GPTQ as Babai's Nearest Plane Algorithm (2025).
 */
export const plainRounding: RoundingKernels = {
  async round({ values, channels, size, covariance, scales, floors }) {
    const factor = choleskyFactor(covariance, size)
    const codes = new Int8Array(values.length)
    const chosen = new Float32Array(channels)
    for (let c = 0; c < channels; c++) {
      const row = values.subarray(c * size, (c + 1) * size)
      let least = Infinity
      for (const share of scaleShares) {
        const scale = Math.fround(Math.max((scales[c] as number) * share, floors[c] as number))
        const rounded = roundRow(row, { covariance, factor, scale })
        if (!(rounded.error < least)) continue
        least = rounded.error
        chosen[c] = scale
        codes.set(rounded.codes, c * size)
      }
    }
    return { codes, scales: chosen }
  },
}

interface Metric {
  readonly covariance: Float32Array
  /** Null: the covariance is not positive definite. */
  readonly factor: Float64Array | null
  readonly scale: number
}

function roundRow(row: Float32Array, { covariance, factor, scale }: Metric): { codes: Int8Array; error: number } {
  const size = row.length
  const codes = new Int8Array(size)
  const residual = new Float64Array(size)
  const lost = new Float64Array(size)
  // From the last weight to the first: each makes up for what those after it have lost.
  for (let k = size - 1; k >= 0; k--) {
    const value = row[k] as number
    const wanted = factor === null ? value : value + (lost[k] as number) / (factor[k * size + k] as number)
    codes[k] = Math.max(-largest, Math.min(largest, Math.round(wanted / scale)))
    const rest = value - (codes[k] as number) * scale
    residual[k] = rest
    if (factor !== null) for (let i = 0, at = k * size; i < k; i++, at++) lost[i]! += rest * (factor[at] as number)
  }
  const gradient = product(covariance, residual)
  for (let sweep = 0; sweep < sweeps && descend({ codes, residual, gradient, covariance, scale }); sweep++);
  let error = 0
  for (let k = 0; k < size; k++) error += (residual[k] as number) * (gradient[k] as number)
  return { codes, error }
}

interface Descent {
  readonly codes: Int8Array
  /** Weights minus what the codes stand for. */
  readonly residual: Float64Array
  /** Covariance times residual. */
  readonly gradient: Float64Array
  readonly covariance: Float32Array
  readonly scale: number
}

/** @returns Whether any code has moved. */
function descend({ codes, residual, gradient, covariance, scale }: Descent): boolean {
  const size = codes.length
  let moved = false
  for (let k = 0; k < size; k++) {
    const before = codes[k] as number
    const ideal = before + Math.round((gradient[k] as number) / ((covariance[k * size + k] as number) * scale))
    const after = Math.max(-largest, Math.min(largest, ideal))
    if (after === before) continue
    moved = true
    codes[k] = after
    const change = (after - before) * scale
    residual[k]! -= change
    for (let i = 0, at = k * size; i < size; i++, at++) gradient[i]! -= change * (covariance[at] as number)
  }
  return moved
}

function product(matrix: Float32Array, vector: Float64Array): Float64Array {
  const size = vector.length
  const result = new Float64Array(size)
  for (let row = 0, at = 0; row < size; row++) {
    let sum = 0
    for (let column = 0; column < size; column++, at++) sum += (matrix[at] as number) * (vector[column] as number)
    result[row] = sum
  }
  return result
}

/** Lower triangle L of matrix = L · transposed(L), row-major. Null: not positive definite. */
function choleskyFactor(matrix: Float32Array, size: number): Float64Array | null {
  const factor = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j] as number
      for (let k = 0, a = i * size, b = j * size; k < j; k++, a++, b++) sum -= (factor[a] as number) * (factor[b] as number)
      if (j < i) factor[i * size + j] = sum / (factor[j * size + j] as number)
      else if (sum > 0) factor[i * size + i] = Math.sqrt(sum)
      else return null
    }
  }
  return factor
}
