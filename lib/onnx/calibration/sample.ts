import { arrayTypes, isTensorType, type TensorType } from '../../core/dtypes.js'
import { type ErrorCode, type ErrorDetails, TrtError } from '../../core/errors.js'
import { suggestion } from '../../core/nearest.js'
import { received } from '../../core/options.js'
import { formatShape, formatSpec, matches, shapeFromCount } from '../../core/shapes.js'
import { Tensor, type TensorLike } from '../../core/tensor.js'
import type { OnnxModel, ValueInfo } from '../graph/types.js'
import type { Sample } from '../runtime.js'

/** One tensor, or the elements of one whose shape the model fixes. */
export type SampleValue = TensorLike | ArrayBufferView

/** Inputs by name; of a model with a single input the tensor alone will do. */
export type GivenSample = Readonly<Record<string, SampleValue>> | TensorLike

/** From anywhere: an array, a generator, a file reader, what `images()` gives … */
export type Samples = Iterable<GivenSample> | AsyncIterable<GivenSample>

interface Input {
  readonly name: string
  /** Null: not known. */
  readonly type: TensorType | null
  /** -1: free. Null: rank not known. */
  readonly dims: readonly number[] | null
  readonly dimNames: readonly string[]
  readonly hasDefault: boolean
}

/**
 * Checks samples against what a model takes. Messages begin with the index of the sample in the data, from 0.
 *
 * @throws {TrtError} Its `take`: `TRT_ERR_NAME`, `TRT_ERR_TYPE`, `TRT_ERR_SHAPE`, `TRT_ERR_INVALID_ARGUMENT`.
 */
export class SampleCheck {
  readonly #inputs: ReadonlyMap<string, Input>

  constructor({ graph }: OnnxModel) {
    this.#inputs = new Map(graph.inputs.map((value) => [value.name, inputOf(value, graph.initializers.has(value.name))]))
  }

  take(given: unknown, index: number): Sample {
    const values = this.#byName(given, index)
    const sample: Record<string, Tensor> = {}
    for (const input of this.#inputs.values()) {
      const value = values[input.name]
      if (value === undefined && input.hasDefault) continue
      sample[input.name] = tensorFor(input, value, index)
    }
    return sample
  }

  #byName(given: unknown, index: number): Readonly<Record<string, unknown>> {
    const required = [...this.#inputs.values()].filter(({ hasDefault }) => !hasDefault).map(({ name }) => name)
    if (isTensorLike(given)) {
      const [only] = required
      if (only !== undefined && required.length === 1) return { [only]: given }
      throw failure('TRT_ERR_NAME', index, `is one tensor, but the model takes ${quoted(required)}. Give tensors by name.`, {
        expected: required,
      })
    }
    if (typeof given !== 'object' || given === null || Array.isArray(given) || ArrayBuffer.isView(given)) {
      throw failure('TRT_ERR_INVALID_ARGUMENT', index, `is ${received(given)}. Expected an object of tensors by input name.`, {
        received: received(given),
      })
    }
    this.#requireNames(given as Record<string, unknown>, required, index)
    return given as Record<string, unknown>
  }

  #requireNames(given: Readonly<Record<string, unknown>>, required: readonly string[], index: number): void {
    const known = [...this.#inputs.keys()]
    const missing = required.filter((name) => given[name] === undefined)
    const unknown = Object.keys(given).filter((name) => !known.includes(name))
    if (missing.length === 0 && unknown.length === 0) return
    const parts = [
      ...unknown.map((name) => `has "${name}", which is no input of the model.${suggestion(name, missing.length > 0 ? missing : known)}`),
      ...(missing.length > 0 ? [`lacks ${quoted(missing)}.`] : []),
    ]
    throw failure('TRT_ERR_NAME', index, `${parts.join(' It ')} The model takes ${quoted(known)}.`, { expected: known, missing, unknown })
  }
}

function inputOf({ name, type, dims }: ValueInfo, hasDefault: boolean): Input {
  return {
    name,
    type: type !== null && isTensorType(type) ? type : null,
    dims: dims?.map((dim) => (typeof dim === 'number' ? dim : -1)) ?? null,
    dimNames: dims?.map((dim) => (typeof dim === 'string' ? dim : '')) ?? [],
    hasDefault,
  }
}

function tensorFor(input: Input, value: unknown, index: number): Tensor {
  const tensor = isTensorLike(value) ? value : shaped(input, value, index)
  const array = arrayTypes[tensor.type] as (typeof arrayTypes)[TensorType] | undefined
  const { name, type, dims } = input
  if (array === undefined || !(tensor.data instanceof array) || (type !== null && tensor.type !== type)) {
    const what = `gives input "${name}" as ${String(tensor.type)} in ${received(tensor.data)}; the model takes ${type ?? 'a tensor'}.`
    throw failure('TRT_ERR_TYPE', index, what, { name, expected: type, received: String(tensor.type) })
  }
  if (dims !== null && !matches(tensor.shape, dims)) throw wrongShape(input, formatShape(tensor.shape), index)
  try {
    return tensor instanceof Tensor ? tensor : new Tensor(tensor.type, tensor.shape, tensor.data)
  } catch (error) {
    throw failure('TRT_ERR_SHAPE', index, `is not usable at input "${name}": ${(error as Error).message}`, { name })
  }
}

/** Elements alone: the shape must follow from the model. */
function shaped(input: Input, value: unknown, index: number): Pick<Tensor, 'type' | 'shape' | 'data'> {
  const { name, type, dims } = input
  if (!ArrayBuffer.isView(value) || !('length' in value)) {
    throw failure(
      'TRT_ERR_TYPE',
      index,
      `gives input "${name}" as ${received(value)}. Expected a tensor: tensor('float32', [1, 3], data).`,
      {
        name,
        received: received(value),
      },
    )
  }
  if (type === null || !(value instanceof arrayTypes[type])) {
    const what = `gives input "${name}" as a ${value.constructor.name}; the model takes ${type ?? 'a type that the file does not tell'}.`
    throw failure('TRT_ERR_TYPE', index, what, { name, expected: type, received: value.constructor.name })
  }
  const shape = dims === null ? undefined : shapeFromCount(dims, value.length)
  if (shape === undefined) throw wrongShape(input, `${value.length} elements`, index)
  return { type, shape, data: value }
}

function isTensorLike(value: unknown): value is TensorLike {
  if (typeof value !== 'object' || value === null) return false
  const { type, shape, data } = value as Partial<TensorLike>
  return typeof type === 'string' && Array.isArray(shape) && ArrayBuffer.isView(data)
}

function wrongShape({ name, dims, dimNames }: Input, got: string, index: number): TrtError {
  const expected = formatSpec({ shape: dims, dimNames, ranges: [] })
  return failure('TRT_ERR_SHAPE', index, `gives input "${name}" of ${got}; the model takes ${expected}.`, { name, expected, received: got })
}

function failure(code: ErrorCode, index: number, message: string, details: ErrorDetails): TrtError {
  return new TrtError(code, `Sample ${index} ${message}`, { sample: index, ...details })
}

const quoted = (names: readonly string[]) => (names.length === 0 ? 'no inputs' : names.map((name) => `"${name}"`).join(', '))
