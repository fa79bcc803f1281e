import { arrayTypes, type TensorType, type TypedArray } from '../../core/dtypes.js'
import { invalid } from '../../core/options.js'
import { Tensor } from '../../core/tensor.js'
import { parseExact } from './exact-json.js'
import { parseRequest } from './parse-request.js'
import type { InferRequest, RequestInput } from './request.js'
import { tooLarge } from './status.js'
import { valuesFromJson } from './values.js'

/** A request that has come whole. */
export interface Received {
  readonly request: InferRequest
  readonly inputs: Readonly<Record<string, Tensor>>
}

export interface BodyOptions {
  /** Of `Inference-Header-Content-Length`: how long the JSON before the tensors is; null: all is JSON. */
  readonly headBytes: number | null
  /** How many bytes the tensors may have together. */
  readonly maxTensorBytes: number
  /** How long the JSON may be: parsing it holds up everything else. */
  readonly maxJsonBytes: number
  /**
   * Called when the head is there, once for each input: refuses what the model does not take, before its bytes have come, and
   * gives memory for as many elements as the shape says.
   */
  readonly allocate?: (input: RequestInput) => TypedArray | undefined
}

/**
 * Puts the body of an inference request together as it arrives: the bytes of a tensor go straight to where the model reads
 * them, each copied once, and only the JSON before them is gathered.
 */
export class InferBody {
  readonly #options: BodyOptions
  readonly #headBytes: number | null
  readonly #head: Uint8Array[] = []
  #headReceived = 0
  #request: InferRequest | null = null
  readonly #arrays = new Map<string, TypedArray>()
  /** What is still to come, in the order of the inputs. */
  readonly #pending: Uint8Array[] = []

  constructor(options: BodyOptions) {
    this.#options = options
    this.#headBytes = options.headBytes
    if (this.#headBytes !== null) this.#requireJsonSize(this.#headBytes)
  }

  /** @throws {TrtError} As soon as it shows: the rest of the body need not be waited for. */
  write(chunk: Uint8Array): void {
    let rest = chunk
    if (this.#request === null) {
      const missing = this.#headBytes === null ? chunk.length : this.#headBytes - this.#headReceived
      this.#gather(rest.subarray(0, missing))
      rest = rest.subarray(missing)
    }
    while (rest.length > 0) rest = this.#fill(rest)
  }

  finish(): Received {
    if (this.#headBytes === null) this.#begin()
    if (this.#request === null) throw tooShort('the JSON before the tensors', this.#headBytes! - this.#headReceived)
    const missing = this.#pending.reduce((sum, { length }) => sum + length, 0)
    if (missing > 0) throw tooShort('the tensors after the JSON', missing)
    const tensor = (input: RequestInput): [string, Tensor] => [
      input.name,
      new Tensor<TensorType>(input.type, input.shape, this.#valuesOf(input)),
    ]
    return { request: this.#request, inputs: Object.fromEntries(this.#request.inputs.map(tensor)) }
  }

  #gather(part: Uint8Array): void {
    this.#head.push(part)
    this.#headReceived += part.length
    this.#requireJsonSize(this.#headReceived)
    if (this.#headReceived === this.#headBytes) this.#begin()
  }

  #begin(): void {
    const bytes = this.#head.length === 1 ? this.#head[0]! : Buffer.concat(this.#head)
    this.#head.length = 0
    this.#request = parseRequest(parseExact(utf8(bytes)))
    const expected = this.#request.inputs.reduce((sum, { type, size }) => sum + size * arrayTypes[type].BYTES_PER_ELEMENT, 0)
    if (expected > this.#options.maxTensorBytes) throw tooLarge('the tensors of a request', this.#options.maxTensorBytes, expected)
    for (const input of this.#request.inputs) {
      const array = this.#options.allocate?.(input)
      if (input.data === undefined) this.#expect(input, array ?? new arrayTypes[input.type](input.size))
    }
  }

  #requireJsonSize(bytes: number): void {
    const { maxJsonBytes } = this.#options
    if (bytes > maxJsonBytes) throw tooLarge('the JSON of a request', maxJsonBytes, bytes, 'Send tensors as bytes (binary_data_size).')
  }

  #expect(input: RequestInput, array: TypedArray): void {
    if (this.#headBytes === null)
      throw invalid(
        `The bytes of input ${JSON.stringify(input.name)} are announced, but the header Inference-Header-Content-Length is missing: it tells how long the JSON before them is.`,
      )
    this.#arrays.set(input.name, array)
    if (array.byteLength > 0) this.#pending.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
  }

  #fill(bytes: Uint8Array): Uint8Array {
    const target = this.#pending[0]
    if (target === undefined)
      throw invalid(`Expected the body to end after the last tensor but received ${bytes.length} bytes or more after it.`)
    const part = bytes.subarray(0, target.length)
    target.set(part)
    if (part.length === target.length) this.#pending.shift()
    else this.#pending[0] = target.subarray(part.length)
    return bytes.subarray(part.length)
  }

  #valuesOf({ name, type, size, data }: RequestInput): TypedArray {
    return data === undefined ? this.#arrays.get(name)! : valuesFromJson(`input ${JSON.stringify(name)}`, type, size, data)
  }
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw invalid('Expected UTF-8 in the JSON of the body but received other bytes.', { cause: String(cause) })
  }
}

function tooShort(what: string, missing: number): Error {
  return invalid(`The body ends before ${what} does: ${missing} more bytes were expected.`, { missing })
}
