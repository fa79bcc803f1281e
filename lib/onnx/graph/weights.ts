import type { DataType, TypedArray } from '../../core/dtypes.js'

/** A reference to bytes in a file beside the model; read when somebody asks for them. */
export interface ExternalReference {
  readonly location: string
  readonly offset: number
  readonly length: number
}

/**
 * A TensorProto: shape, type, and its values as a view of the file until somebody edits them. Never changed in place: an edit
 * is a new Weights.
 */
export class Weights {
  readonly name: string
  readonly type: DataType
  readonly dims: readonly number[]
  /** Row-major and little-endian, at any alignment; null: external, not read yet. */
  readonly data: Uint8Array | null
  readonly external: ExternalReference | null

  private constructor(name: string, type: DataType, dims: readonly number[], data: Uint8Array | null, external: ExternalReference | null) {
    this.name = name
    this.type = type
    this.dims = dims
    this.data = data
    this.external = external
  }

  /** @param values As many as the shape says, in the typed array of the type. */
  static of(name: string, type: DataType, dims: readonly number[], values: TypedArray): Weights {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    return new Weights(name, type, dims, bytes, null)
  }
}
