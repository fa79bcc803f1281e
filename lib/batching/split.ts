import { arrayTypes, type TypedArray } from '../core/dtypes.js'
import { TrtError } from '../core/errors.js'
import type { Outputs } from '../core/runner.js'
import { formatShape, sizeOf } from '../core/shapes.js'
import { Tensor } from '../core/tensor.js'
import { copyBox } from './box.js'
import type { Entry } from './entry.js'
import type { Crop } from './padding.js'

/** How answers are cut out of a batch. */
export interface SplitContext {
  readonly batchAxis: number
  readonly crops: readonly Crop[]
  readonly copyOutputs: boolean
}

/** One output of a batch, ready to be cut. */
interface Piece {
  readonly name: string
  readonly tensor: Tensor
  /** Rows lie one behind the other, and `row` elements are one. */
  readonly leading: boolean
  readonly row: number
  readonly crops: readonly Crop[]
}

/** The outputs of one batch: each member gets its rows, as a view where they lie together. */
export class Split {
  readonly #context: SplitContext
  readonly #pieces: Piece[]

  /**
   * @param rows What was executed.
   * @throws {TrtError} `TRT_ERR_SHAPE`: an output has not as many rows as the inputs had.
   */
  constructor(outputs: Outputs, rows: number, context: SplitContext) {
    this.#context = context
    this.#pieces = Object.keys(outputs).map((name) => piece(name, outputs[name]!, rows, context))
  }

  /** The answer of one member, whose rows begin at its `at`. */
  of(member: Entry): Outputs {
    const answer: Record<string, Tensor> = {}
    for (const each of this.#pieces) {
      if (member.outputs !== undefined && !member.outputs.includes(each.name)) continue
      const value = this.#cut(each, member)
      // A model may name an output `__proto__`: an assignment would set the object's prototype instead.
      if (each.name === '__proto__') Object.defineProperty(answer, each.name, { value, enumerable: true })
      else answer[each.name] = value
    }
    return answer
  }

  #cut({ tensor, row, leading, crops }: Piece, member: Entry): Tensor {
    const { batchAxis, copyOutputs } = this.#context
    const shape = tensor.shape.slice()
    shape[batchAxis] = member.rows
    const cropped = crops.length > 0 && crop(shape, crops, member)
    if (!leading || cropped) return copied(tensor, shape, member.at * sizeOf(tensor.shape.slice(batchAxis + 1)))
    const data = tensor.data
    const start = member.at * row
    const length = member.rows * row
    const cut = copyOutputs
      ? data.slice(start, start + length)
      : new arrayTypes[tensor.type](data.buffer, data.byteOffset + start * data.BYTES_PER_ELEMENT, length)
    return new Tensor(tensor.type, shape, cut)
  }
}

/** Cuts `shape` to what the member's own inputs were. @returns Whether that changed it. */
function crop(shape: number[], crops: readonly Crop[], { shapes }: Entry): boolean {
  let changed = false
  for (const { axis, inputIndex, inputAxis, size } of crops) {
    const own = shapes?.[inputIndex]?.[inputAxis]
    if (own === undefined) continue
    const length = Math.min(shape[axis]!, Math.max(0, Math.trunc(size(own))))
    if (length === shape[axis]) continue
    shape[axis] = length
    changed = true
  }
  return changed
}

function copied(tensor: Tensor, shape: readonly number[], start: number): Tensor {
  const data = new arrayTypes[tensor.type](sizeOf(shape))
  copyBox({ data: tensor.data, dims: tensor.shape, start }, { data, dims: shape, start: 0 }, shape)
  return new Tensor(tensor.type, shape, data)
}

function piece(name: string, tensor: Tensor, rows: number, { batchAxis, crops }: SplitContext): Piece {
  const { shape } = tensor
  if (shape[batchAxis] !== rows) {
    const message = `Output "${name}" has shape ${formatShape(shape)} for a batch of ${rows} rows: it cannot be split along axis ${batchAxis}. Leave it out (outputs: […]), or use the session itself.`
    throw new TrtError('TRT_ERR_SHAPE', message, { output: name, shape: [...shape], rows, batchAxis })
  }
  return {
    name,
    tensor,
    leading: sizeOf(shape.slice(0, batchAxis)) === 1,
    row: sizeOf(shape) / rows,
    crops: crops.filter(({ output, axis }) => output === name && axis < shape.length),
  }
}

/** The answers of the parts of one request, one behind the other. */
export function concatenate(parts: readonly Outputs[], batchAxis: number): Outputs {
  const names = Object.keys(parts[0]!)
  const joined = names.map(
    (name) =>
      [
        name,
        concatenateOne(
          parts.map((part) => part[name]!),
          batchAxis,
        ),
      ] as const,
  )
  return Object.fromEntries(joined)
}

function concatenateOne(parts: readonly Tensor[], batchAxis: number): Tensor {
  const [first] = parts as [Tensor, ...Tensor[]]
  const rows = parts.reduce((sum, { shape }) => sum + shape[batchAxis]!, 0)
  // Outputs whose other dimensions depend on the values cannot be one tensor.
  const alike = parts.every(({ shape }) => shape.every((dim, axis) => axis === batchAxis || dim === first.shape[axis]))
  if (!alike) {
    const shapes = parts.map(({ shape }) => formatShape(shape)).join(', ')
    throw new TrtError(
      'TRT_ERR_SHAPE',
      `The parts of a request with more rows than one batch takes gave shapes that do not join: ${shapes}.`,
      {
        shapes: parts.map(({ shape }) => [...shape]),
      },
    )
  }
  const shape = first.shape.with(batchAxis, rows)
  const data = new arrayTypes[first.type](sizeOf(shape))
  const inner = sizeOf(shape.slice(batchAxis + 1))
  let at = 0
  for (const part of parts) {
    copyBox({ data: part.data, dims: part.shape, start: 0 }, { data, dims: shape, start: at * inner }, part.shape)
    at += part.shape[batchAxis]!
  }
  return new Tensor(first.type, shape, data)
}

/** Rows `from` to `to` of an input: a view where they lie together, else a copy. */
export function rowsOf(data: TypedArray, shape: readonly number[], range: { from: number; to: number; batchAxis: number }): TypedArray {
  const { from, to, batchAxis } = range
  const inner = sizeOf(shape.slice(batchAxis + 1))
  if (sizeOf(shape.slice(0, batchAxis)) === 1) return data.subarray(from * inner, to * inner)
  const size = shape.with(batchAxis, to - from)
  const copy = data.slice(0, sizeOf(size))
  copyBox({ data, dims: shape, start: from * inner }, { data: copy, dims: size, start: 0 }, size)
  return copy
}
