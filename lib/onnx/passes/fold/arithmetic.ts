import type { TypedArray } from '../../../core/dtypes.js'
import { intAttribute } from '../../graph/nodes.js'
import { typeFromNumber } from '../../../core/dtypes.js'
import type { OnnxNode } from '../../graph/types.js'
import { allocate, isArithmetic, isTooLarge, sizeOf, type Value } from './values.js'

type Numbers = (a: number, b: number) => number
type BigInts = (a: bigint, b: bigint) => bigint

interface Operation {
  readonly float: Numbers
  readonly int: BigInts
}

const operations: Readonly<Record<string, Operation>> = {
  Add: { float: (a, b) => a + b, int: (a, b) => a + b },
  Sub: { float: (a, b) => a - b, int: (a, b) => a - b },
  Mul: { float: (a, b) => a * b, int: (a, b) => a * b },
  // Towards zero, as C++ does.
  Div: { float: (a, b) => a / b, int: (a, b) => a / b },
}

/** Add, Sub, Mul, Div of float32, int32 or int64, with broadcasting; rounded and wrapped as those types do. Null: not done. */
export function arithmetic(node: OnnxNode, [a, b]: readonly Value[]): Value | null {
  const operation = operations[node.opType]
  if (operation === undefined || a === undefined || b === undefined || a.type !== b.type || !isArithmetic(a.type)) return null
  const dims = broadcast(a.dims, b.dims)
  if (dims === null || isTooLarge(sizeOf(dims), [a, b])) return null
  if (node.opType === 'Div' && a.type !== 'float32' && Array.prototype.some.call(b.data, (value) => Number(value) === 0)) return null
  const [left, right] = [strides(a.dims, dims), strides(b.dims, dims)]
  const result = allocate(a.type, sizeOf(dims))
  for (let i = 0; i < result.length; i++) {
    store(result, i, operation, a.data[offset(i, dims, left)]!, b.data[offset(i, dims, right)]!)
  }
  return { type: a.type, dims, data: result }
}

/** float32 and int64 round and wrap when they are stored; int32 goes through bigints, since a product may pass 2^53. */
function store(result: TypedArray, at: number, { float, int }: Operation, ...[a, b]: [number | bigint, number | bigint]): void {
  if (result instanceof Float32Array) result[at] = float(Number(a), Number(b))
  else if (result instanceof BigInt64Array) result[at] = int(BigInt(a), BigInt(b))
  else result[at] = Number(BigInt.asIntN(32, int(BigInt(a), BigInt(b))))
}

export function broadcast(a: readonly number[], b: readonly number[]): number[] | null {
  const rank = Math.max(a.length, b.length)
  const dims: number[] = []
  for (let i = 0; i < rank; i++) {
    const [m, n] = [a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1]
    if (m !== n && m !== 1 && n !== 1) return null
    dims.push(m === 1 ? n : m)
  }
  return dims
}

/** Steps in a tensor along the dimensions of what it is broadcast to: 0 where it is repeated. */
function strides(from: readonly number[], to: readonly number[]): number[] {
  const steps = new Array<number>(to.length).fill(0)
  let step = 1
  for (let i = from.length - 1; i >= 0; i--) {
    const size = from[i] as number
    if (size !== 1) steps[to.length - from.length + i] = step
    step *= size
  }
  return steps
}

function offset(index: number, dims: readonly number[], steps: readonly number[]): number {
  let rest = index
  let at = 0
  for (let i = dims.length - 1; i >= 0; i--) {
    const size = dims[i] as number
    at += (rest % size) * (steps[i] as number)
    rest = Math.floor(rest / size)
  }
  return at
}

const unaryOperations: Readonly<Record<string, (value: number) => number>> = {
  Neg: (value) => -value,
  Sqrt: Math.sqrt,
  Floor: Math.floor,
  Ceil: Math.ceil,
}

/** Of float32 alone: for integers only Neg is defined, and nobody writes it. */
export function unary(node: OnnxNode, [x]: readonly Value[]): Value | null {
  const operation = unaryOperations[node.opType]
  if (operation === undefined || x?.type !== 'float32') return null
  return { ...x, data: (x.data as Float32Array).map(operation) }
}

/** Between float32, int32 and int64, where the result does not depend on the machine. */
export function cast(node: OnnxNode, [x]: readonly Value[]): Value | null {
  const to = typeFromNumber(intAttribute(node, 'to', 0))
  if (x === undefined || to === undefined || !isArithmetic(to) || !isArithmetic(x.type)) return null
  if (to === x.type) return x
  const numbers = Array.from(x.data as ArrayLike<number | bigint>)
  const result = allocate(to, numbers.length)
  for (const [i, value] of numbers.entries()) {
    if (result instanceof Float32Array) {
      // Twice rounded where a bigint passes 2^53: not the same as C++'s cast.
      if (typeof value === 'bigint' && !Number.isSafeInteger(Number(value))) return null
      result[i] = Number(value)
      continue
    }
    const whole = typeof value === 'bigint' ? Number(value) : Math.trunc(value)
    const limit = to === 'int32' ? 2 ** 31 - 1 : Number.MAX_SAFE_INTEGER
    if (!(Math.abs(whole) <= limit)) return null
    if (result instanceof BigInt64Array) result[i] = BigInt(whole)
    else result[i] = whole
  }
  return { type: to, dims: x.dims, data: result }
}
