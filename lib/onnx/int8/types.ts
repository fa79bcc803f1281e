/** Weights of one layer as int8 codes: value = code · scale of its channel. Symmetric: the zero point is 0. */
export interface Int8Weights {
  /** Row-major, in the shape of the weights they stand for; from -127 to 127. */
  readonly codes: Int8Array
  /** Positive, one for each channel along `axis`; a single one: the whole tensor. */
  readonly scales: Float32Array
  /** Of the channels of the output: 0 for Conv, 1 for ConvTranspose, 1 (0 with transB) for Gemm, the last one for MatMul. */
  readonly axis: number
}

/**
 * Which layers of a cleaned graph compute in int8. A layer is a Conv, ConvTranspose, Gemm or MatMul with constant weights; it
 * goes by the name of its first output, which is unique where names of nodes need not be.
 */
export interface Int8Plan {
  readonly layers: ReadonlySet<string>
  /** Rounded with more care than to the nearest, by layer; others are rounded to the nearest when they are placed. */
  readonly weights: ReadonlyMap<string, Int8Weights>
}

/** What ONNX Runtime's CPU kernels need beside the layers. */
export interface CpuPlan extends Int8Plan {
  /** Elementwise and copying operators that compute on codes, by first output. */
  readonly elementwise: ReadonlySet<string>
}
