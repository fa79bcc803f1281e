import { intAttribute, intsAttribute, tensorAttribute } from '../../graph/nodes.js'
import type { OnnxNode } from '../../graph/types.js'
import { maxRank } from '../../tensor.js'
import { allocate, axisOf, integers, isTooLarge, pick, sizeOf, toValue, type Value } from './values.js'

/** Operators that move elements without computing with them. Null: not done. */

export function squeeze(node: OnnxNode, [x, axes]: readonly Value[]): Value | null {
  const given = axesOf(node, axes)
  if (x === undefined || given === null) return null
  const gone = given?.map((axis) => axisOf(axis, x.dims.length)) ?? x.dims.flatMap((dim, i) => (dim === 1 ? [i] : []))
  if (gone.some((axis) => axis === null || x.dims[axis] !== 1)) return null
  return { ...x, dims: x.dims.filter((_, i) => !gone.includes(i)) }
}

export function unsqueeze(node: OnnxNode, [x, axes]: readonly Value[]): Value | null {
  const given = axesOf(node, axes)
  if (x === undefined || !given) return null
  const rank = x.dims.length + given.length
  if (rank > maxRank) return null
  const added = new Set(given.map((axis) => axisOf(axis, rank)))
  if (added.size !== given.length || added.has(null)) return null
  const old = x.dims.values()
  return { ...x, dims: Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : (old.next().value as number))) }
}

/** Undefined: none given. Null: given, but not as integers. */
function axesOf(node: OnnxNode, axes: Value | undefined): readonly number[] | null | undefined {
  return intsAttribute(node, 'axes') ?? (axes === undefined ? undefined : integers(axes))
}

export function reshape(node: OnnxNode, [x, shape]: readonly Value[]): Value | null {
  const wanted = shape && integers(shape)
  if (x === undefined || !wanted) return null
  const keepsZero = intAttribute(node, 'allowzero', 0) === 1
  const dims = wanted.map((size, i) => (size === 0 && !keepsZero ? (x.dims[i] ?? -2) : size))
  const known = dims.reduce((product, size) => (size === -1 ? product : product * size), 1)
  const open = dims.indexOf(-1)
  if (open >= 0 && known !== 0) dims[open] = x.data.length / known
  if (dims.length > maxRank || dims.some((size) => !Number.isInteger(size) || size < 0) || sizeOf(dims) !== x.data.length) return null
  return { ...x, dims }
}

export function concat(node: OnnxNode, values: readonly Value[]): Value | null {
  const [first] = values
  const axis = first && axisOf(intAttribute(node, 'axis', 0), first.dims.length)
  if (first === undefined || typeof axis !== 'number') return null
  const fits = ({ type, dims }: Value) =>
    type === first.type && dims.length === first.dims.length && dims.every((size, i) => i === axis || size === first.dims[i])
  if (!values.every(fits)) return null
  const total = values.reduce((sum, { dims }) => sum + (dims[axis] as number), 0)
  const dims = first.dims.with(axis, total)
  const inner = sizeOf(first.dims.slice(axis + 1))
  const data = allocate(first.type, sizeOf(dims))
  let offset = 0
  for (const value of values) {
    const run = (value.dims[axis] as number) * inner
    for (let row = 0; row * run < value.data.length; row++) {
      data.set(value.data.subarray(row * run, (row + 1) * run) as never, row * total * inner + offset)
    }
    offset += run
  }
  return { type: first.type, dims, data }
}

/** Indices from the front or the back; one out of range is the model's error, left to whoever runs it. */
export function gather(node: OnnxNode, [x, indices]: readonly Value[]): Value | null {
  const axis = x && axisOf(intAttribute(node, 'axis', 0), x.dims.length)
  const wanted = indices && integers(indices)
  if (x === undefined || typeof axis !== 'number' || !wanted || indices === undefined) return null
  const size = x.dims[axis] as number
  const counted = wanted.map((index) => (index < 0 ? index + size : index))
  if (counted.some((index) => index < 0 || index >= size)) return null
  const inner = sizeOf(x.dims.slice(axis + 1))
  const dims = [...x.dims.slice(0, axis), ...indices.dims, ...x.dims.slice(axis + 1)]
  if (isTooLarge(sizeOf(dims), [x, indices])) return null
  return pick(x, dims, (i) => {
    const outer = Math.floor(i / (inner * counted.length))
    const which = Math.floor(i / inner) % counted.length
    return (outer * size + (counted[which] as number)) * inner + (i % inner)
  })
}

/** Of one axis, forwards. */
export function slice(_node: OnnxNode, [x, starts, ends, axes, steps]: readonly Value[]): Value | null {
  const [from, to, along, by] = [starts, ends, axes, steps].map((value) => (value === undefined ? undefined : integers(value)))
  if (x === undefined || from?.length !== 1 || to?.length !== 1 || by === null || (by?.[0] ?? 1) !== 1 || along === null) return null
  const axis = axisOf(along?.[0] ?? 0, x.dims.length)
  if (axis === null) return null
  const size = x.dims[axis] as number
  const inside = (index: number) => Math.min(Math.max(index < 0 ? index + size : index, 0), size)
  const start = inside(from[0] as number)
  const count = Math.max(inside(to[0] as number) - start, 0)
  const inner = sizeOf(x.dims.slice(axis + 1))
  return pick(x, x.dims.with(axis, count), (i) => Math.floor(i / (inner * count)) * size * inner + start * inner + (i % (inner * count)))
}

export function transpose(node: OnnxNode, [x]: readonly Value[]): Value | null {
  if (x === undefined) return null
  const rank = x.dims.length
  const order = intsAttribute(node, 'perm') ?? x.dims.map((_, i) => rank - 1 - i)
  if (order.length !== rank || new Set(order).size !== rank || order.some((axis) => axisOf(axis, rank) !== axis)) return null
  const dims = order.map((axis) => x.dims[axis] as number)
  const steps = order.map((axis) => sizeOf(x.dims.slice(axis + 1)))
  return pick(x, dims, (i) => {
    let rest = i
    let at = 0
    for (let axis = rank - 1; axis >= 0; axis--) {
      at += (rest % (dims[axis] as number)) * (steps[axis] as number)
      rest = Math.floor(rest / (dims[axis] as number))
    }
    return at
  })
}

const int64 = (values: readonly number[], dims: readonly number[]): Value => ({
  type: 'int64',
  dims,
  data: BigInt64Array.from(values, BigInt),
})

export function shape(node: OnnxNode, dims: readonly number[]): Value {
  // As slice(): out of range is cut off, below zero counts from the end.
  const part = dims.slice(intAttribute(node, 'start', 0), intAttribute(node, 'end', dims.length))
  return int64(part, [part.length])
}

export function size(_node: OnnxNode, dims: readonly number[]): Value {
  return int64([sizeOf(dims)], [])
}

export function constantOfShape(node: OnnxNode, [given]: readonly Value[]): Value | null {
  const dims = given && integers(given)
  if (!dims || dims.some((dim) => dim < 0) || isTooLarge(sizeOf(dims), [given])) return null
  const tensor = tensorAttribute(node, 'value')
  const value = tensor === undefined ? { type: 'float32' as const, dims: [1], data: Float32Array.of(0) } : toValue(tensor)
  return value?.data.length === 1 ? pick(value, dims, () => 0) : null
}
