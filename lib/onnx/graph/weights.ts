import { type DataType, numberOfType, type TypedArray } from '../../core/dtypes.js'
import { TrtError } from '../../core/errors.js'
import { dataLocation, externalDataProto, tensorProto } from '../schema.js'
import { writeMessage } from '../message.js'
import { byteSize, readTensor, type TensorHeader } from '../tensor.js'
import { Reader } from '../wire.js'
import { Writer } from '../writer.js'
import { externalReference } from '../external-data.js'
import { ofLength, storedBytes, storedStrings } from './stored.js'
import { floatsOf, integersOf } from './values.js'

/** A reference to bytes in a file beside the model; read when somebody asks for them. */
export interface ExternalReference {
  readonly location: string
  readonly offset: number
  readonly length: number
}

/** Where external data comes from: `openOnnx` gives one to the models that it opens. */
export interface ExternalSource {
  /** @throws {TrtError} `TRT_ERR_FILE` */
  read(reference: ExternalReference, name: string): Uint8Array
}

/** What holds the values: bytes as in `raw_data`, a TensorProto of a file, or a file beside the model. */
interface Origin {
  readonly raw?: Uint8Array
  readonly encoded?: Uint8Array
  /** What `encoded` calls it. */
  readonly name?: string
  readonly external?: ExternalReference
  readonly source?: ExternalSource | undefined
}

/**
 * A TensorProto: shape, type, and its values as a view of the file until somebody edits them. Never changed in place: an edit
 * is a new Weights. What comes from a file is written back byte for byte, however it stores its values.
 */
export class Weights {
  readonly name: string
  readonly type: DataType
  /** Row-major; the empty array for a scalar. */
  readonly dims: readonly number[]
  readonly #origin: Origin
  #decoded: Uint8Array | null = null

  private constructor(name: string, type: DataType, dims: readonly number[], origin: Origin) {
    this.name = name
    this.type = type
    this.dims = dims
    this.#origin = origin
  }

  /**
   * @param values As many as the shape says, in the typed array of the type (float16 and bfloat16: their bits). Not copied.
   * @throws {TrtError} `TRT_ERR_MODEL`: more or fewer.
   */
  static of(name: string, type: DataType, dims: readonly number[], values: TypedArray): Weights {
    return Weights.fromBytes(name, type, dims, new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  }

  /**
   * @param bytes The elements row-major and little-endian, two of four bits in a byte; at any alignment. Not copied.
   * @throws {TrtError} `TRT_ERR_MODEL`: more or fewer bytes than type and shape say.
   */
  static fromBytes(name: string, type: DataType, dims: readonly number[], bytes: Uint8Array): Weights {
    return new Weights(name, type, dims, { raw: ofLength(bytes, name, byteSize(type, dims, 0) ?? bytes.length) })
  }

  /** Values in a file beside the model: to be written so, nobody can ask for them. */
  static external(name: string, type: DataType, dims: readonly number[], external: ExternalReference): Weights {
    return new Weights(name, type, dims, { external })
  }

  /** A tensor of strings, in UTF-8. */
  static ofStrings(name: string, dims: readonly number[], values: readonly string[]): Weights {
    const stringData = values.map((value) => new TextEncoder().encode(value))
    const message = writeMessage(tensorProto, { dims, dataType: numberOfType('string'), stringData, name })
    return new Weights(name, 'string', dims, { encoded: message.finish(), name })
  }

  /** Null: of an element type unknown here. */
  static read(reader: Reader, source?: ExternalSource): Weights | null {
    const header = readTensor(reader.again())
    const { name, type, dims } = header
    if (type === null) return null
    const encoded = reader.view
    return new Weights(
      name,
      type,
      dims,
      header.external === null ? { encoded, name } : { encoded, name, external: reference(header), source },
    )
  }

  /** Number of elements. */
  get size(): number {
    return this.dims.includes(0) ? 0 : this.dims.reduce((product, dim) => product * dim, 1)
  }

  /** Bytes of the values by type and shape, wherever they are kept; 0 for strings. */
  get byteLength(): number {
    return byteSize(this.type, this.dims, 0) ?? 0
  }

  /** Null: the values are inside of the model. */
  get external(): ExternalReference | null {
    return this.#origin.external ?? null
  }

  /**
   * The values, row-major and little-endian, at any alignment: a view where the file stores them so. External data is read by
   * each call and not kept. Null: external, and the model was not opened from a path; or strings.
   *
   * @throws {TrtError} `TRT_ERR_MODEL`: not as many values as type and shape say. `TRT_ERR_FILE`: external data is gone.
   */
  get data(): Uint8Array | null {
    const { raw, encoded, external, source } = this.#origin
    if (raw !== undefined) return raw
    if (this.type === 'string') return null
    if (external !== undefined) return source?.read(external, this.name) ?? null
    this.#decoded ??= storedBytes(encoded as Uint8Array, this.name, this.type, this.byteLength)
    return this.#decoded
  }

  /** `data`, or an error. @throws {TrtError} `TRT_ERR_UNSUPPORTED`: external and not opened from a path, or strings. */
  bytes(): Uint8Array {
    const { data } = this
    if (data !== null) return data
    const reason =
      this.type === 'string'
        ? 'its elements are strings, which have no fixed size. Take strings()'
        : `they are in the file "${this.external?.location}" beside the model. Open the model with openOnnx(path), which knows the folder`
    throw new TrtError('TRT_ERR_UNSUPPORTED', `The values of ${JSON.stringify(this.name)} cannot be had as bytes: ${reason}.`, {
      name: this.name,
      type: this.type,
      external: this.external,
    })
  }

  /**
   * The values of float32 (a view where it is aligned: do not write to it), float16, bfloat16 or float64 (rounded).
   *
   * @throws {TrtError} `TRT_ERR_TYPE`: of another type.
   */
  floats(): Float32Array {
    return floatsOf(this.type, this.bytes()) ?? this.#wrongType('floats (float32, float16, bfloat16 or float64)')
  }

  /** The values of an integer type or bool, exact. @throws {TrtError} `TRT_ERR_TYPE`: of another type. */
  integers(): bigint[] {
    return integersOf(this.type, this.bytes(), this.size) ?? this.#wrongType('integers or bools')
  }

  /** The elements of a tensor of strings, as bytes. @throws {TrtError} `TRT_ERR_TYPE`: of another type. */
  strings(): Uint8Array[] {
    if (this.type !== 'string') return this.#wrongType('strings')
    return storedStrings(this.#origin.encoded as Uint8Array, this.name, this.size)
  }

  /** The same values under another name. */
  renamed(name: string): Weights {
    return name === this.name ? this : new Weights(name, this.type, this.dims, this.#origin)
  }

  /** The same values in another shape. @throws {TrtError} `TRT_ERR_MODEL`: of another number of elements. */
  reshaped(dims: readonly number[]): Weights {
    return Weights.fromBytes(this.name, this.type, dims, this.bytes())
  }

  /** The same values, to be read from a file beside the model: for `saveOnnx`. */
  movedTo(external: ExternalReference): Weights {
    return new Weights(this.name, this.type, this.dims, { external })
  }

  /** The same values, read in where they were external. @throws {TrtError} as `bytes`. */
  inside(): Weights {
    return this.external === null ? this : Weights.fromBytes(this.name, this.type, this.dims, this.bytes())
  }

  /** As a TensorProto. */
  write(): Writer {
    const { raw, encoded, external } = this.#origin
    if (encoded !== undefined) return this.#rewrite(encoded)
    const { name, dims } = this
    const header = { dims, dataType: numberOfType(this.type), name }
    if (external === undefined) return writeMessage(tensorProto, { ...header, rawData: raw as Uint8Array })
    const entry = (key: 'location' | 'offset' | 'length') => writeMessage(externalDataProto, { key, value: `${external[key]}` })
    const externalData = [entry('location'), entry('offset'), entry('length')]
    return writeMessage(tensorProto, { ...header, externalData, dataLocation: dataLocation.external })
  }

  /** As it stands in the file, but for a new name. */
  #rewrite(encoded: Uint8Array): Writer {
    const writer = new Writer()
    if (this.#origin.name === this.name) return writer.raw(encoded)
    const reader = new Reader(encoded)
    let named = false
    while (reader.next()) {
      // Where the old one stood, or where protobuf's own writers would have put one.
      if (!named && reader.field >= tensorProto.name.number) {
        writer.text(tensorProto.name.number, this.name)
        named = true
      }
      if (reader.field !== tensorProto.name.number) writer.raw(reader.raw())
    }
    return named ? writer : writer.text(tensorProto.name.number, this.name)
  }

  #wrongType(expected: string): never {
    const message = `Expected ${expected} in ${JSON.stringify(this.name)}, received ${this.type}.`
    throw new TrtError('TRT_ERR_TYPE', message, { name: this.name, expected, received: this.type })
  }
}

function reference(tensor: TensorHeader): ExternalReference {
  const { location, offset, length } = externalReference(tensor, tensor.name)
  return { location, offset, length }
}
