import { intAttribute, intsAttribute, textAttribute } from '../../graph/nodes.js'
import type { OnnxNode } from '../../graph/types.js'
import { Weights } from '../../graph/weights.js'
import type { Rule } from './patterns.js'
import type { Scope } from './scope.js'
import { is } from './values.js'

interface Cut {
  readonly slice: OnnxNode
  /** Where the channels stand in its starts, ends and axes. */
  readonly entry: number
  readonly from: number
  readonly to: number
}

/** Everything that reads the output of a Conv, where all of it takes channels out by Slice, perhaps behind one Resize. */
interface Readers {
  readonly cuts: Cut[]
  readonly resizes: OnnxNode[]
  readonly shapes: OnnxNode[]
}

/** Output channels of a Conv that no Slice behind it reads go, weights and all. */
export const pruneChannels: Rule = (scope, conv) => {
  if (!is(conv, 'Conv') || intAttribute(conv, 'group', 1) !== 1) return null
  const weights = scope.constant(conv.inputs[1]!)
  const bias = conv.inputs[2] ? scope.constant(conv.inputs[2]) : null
  if (weights?.type !== 'float32' || bias === undefined || (bias !== null && bias.type !== 'float32')) return null
  const count = weights.dims[0]!
  const readers: Readers = { cuts: [], resizes: [], shapes: [] }
  if (!collect(scope, conv.outputs[0]!, count, readers) || readers.cuts.length === 0) return null
  if (!readers.shapes.every((shape) => sizesOnly(scope, shape, readers.resizes))) return null
  const kept = [...new Set(readers.cuts.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i)))].sort(
    (a, b) => a - b,
  )
  if (kept.length === count) return null
  keepRows(scope, conv, 1, kept)
  if (bias !== null) keepRows(scope, conv, 2, kept)
  for (const cut of readers.cuts) moveCut(scope, cut, kept)
  for (const resize of readers.resizes) resizeTo(scope, resize, kept.length)
  for (const node of [conv, ...readers.resizes]) scope.changed(node.outputs[0]!)
  return 'pruned-channels'
}

function collect(scope: Scope, value: string, count: number, into: Readers): boolean {
  if (scope.isOutput(value)) return false
  return scope.readers(value).every((reader) => {
    if (reader.inputs.indexOf(value) !== 0 || reader.inputs.lastIndexOf(value) !== 0) return false
    if (is(reader, 'Shape')) return into.shapes.push(reader) > 0
    if (is(reader, 'Resize'))
      return keepsChannels(scope, reader, count) && into.resizes.push(reader) > 0 && collect(scope, reader.outputs[0]!, count, into)
    const cut = is(reader, 'Slice') ? cutOf(scope, reader, count) : null
    return cut !== null && into.cuts.push(cut) > 0
  })
}

function cutOf(scope: Scope, slice: OnnxNode, count: number): Cut | null {
  const [starts, ends, axes, steps] = [1, 2, 3, 4].map((at) => integers(scope, slice.inputs[at]))
  if (!starts || !ends || axes === null || steps === null || (steps && steps.some((step) => step !== 1n))) return null
  const entry = axes === undefined ? 1 : axes.indexOf(1n)
  const [start, end] = [starts[entry], ends[entry]]
  if (entry < 0 || start === undefined || end === undefined || axes?.some((axis) => axis < 0n)) return null
  const [from, to] = [start, end].map((at) => Math.min(count, Math.max(0, Number(at < 0n ? at + BigInt(count) : at)))) as [number, number]
  return from < to ? { slice, entry, from, to } : null
}

/** Undefined: not given. Null: not constant. */
function integers(scope: Scope, name: string | undefined): bigint[] | undefined | null {
  if (name === undefined || name === '') return undefined
  return scope.constant(name)?.integers() ?? null
}

/** Whether a Resize leaves batch and channels alone, as far as constants tell; sizes that are computed are looked at later. */
function keepsChannels(scope: Scope, resize: OnnxNode, count: number): boolean {
  if (intsAttribute(resize, 'axes') !== undefined) return false
  if (textAttribute(resize, 'coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize') return false
  const [, , scales = '', sizes = ''] = resize.inputs
  const scale = scales === '' ? undefined : scope.constant(scales)
  if (scales !== '' && scale === undefined) return false
  if (scale !== undefined && scale.size > 0) return sizes === '' && scale.floats()[1] === 1
  const size = scope.constant(sizes)
  return size === undefined ? isSizeOf(scope, sizes, resize.inputs[0]!) : size.integers()[1] === BigInt(count)
}

/** Whether sizes begin with those of `value`: Concat of a Slice of its Shape, and others. */
function isSizeOf(scope: Scope, sizes: string, value: string): boolean {
  const concat = scope.producer(sizes)
  const slice = is(concat, 'Concat') ? scope.producer(concat.inputs[0]!) : undefined
  const shape = is(slice, 'Slice') ? scope.producer(slice.inputs[0]!) : undefined
  return is(shape, 'Shape') && shape.inputs[0] === value
}

/** Whether of a Shape only batch and channels are read, and only to be the first two sizes of the Resize. */
function sizesOnly(scope: Scope, shape: OnnxNode, resizes: readonly OnnxNode[]): boolean {
  const slice = scope.soleReader(shape.outputs[0]!)
  if (shape.attributes.size > 0 || !is(slice, 'Slice')) return false
  const [starts, ends, axes, steps] = [1, 2, 3, 4].map((at) => integers(scope, slice.inputs[at]))
  const one = (list: bigint[] | undefined | null, value: bigint) => list?.length === 1 && list[0] === value
  const whole = (axes === undefined || one(axes, 0n)) && (steps === undefined || one(steps, 1n))
  if (!one(starts, 0n) || !one(ends, 2n) || !whole) return false
  const concat = scope.soleReader(slice.outputs[0]!)
  if (!is(concat, 'Concat') || concat.inputs[0] !== slice.outputs[0]) return false
  const resize = scope.soleReader(concat.outputs[0]!)
  return resize !== undefined && resizes.includes(resize) && resize.inputs[3] === concat.outputs[0]
}

function keepRows(scope: Scope, conv: OnnxNode, at: number, kept: readonly number[]): void {
  const weights = scope.constant(conv.inputs[at]!)!
  const row = weights.size / weights.dims[0]!
  const values = weights.floats()
  const rows = new Float32Array(kept.length * row)
  kept.forEach((from, to) => rows.set(values.subarray(from * row, (from + 1) * row), to * row))
  const dims = [kept.length, ...weights.dims.slice(1)]
  scope.setInput(
    conv,
    at,
    scope.store(conv.inputs[at]!, (name) => Weights.of(name, 'float32', dims, rows)),
  )
}

/** Its channels are all kept, so they still stand side by side. */
function moveCut(scope: Scope, { slice, entry, from, to }: Cut, kept: readonly number[]): void {
  const start = kept.indexOf(from)
  replaceInteger(scope, slice, 1, { entry, value: start })
  replaceInteger(scope, slice, 2, { entry, value: start + to - from })
}

function resizeTo(scope: Scope, resize: OnnxNode, count: number): void {
  if (resize.inputs[3] && scope.constant(resize.inputs[3])) replaceInteger(scope, resize, 3, { entry: 1, value: count })
}

function replaceInteger(scope: Scope, node: OnnxNode, at: number, { entry, value }: { entry: number; value: number }): void {
  const before = scope.constant(node.inputs[at]!)!
  const values = BigInt64Array.from(before.integers().with(entry, BigInt(value)))
  const data = before.type === 'int32' ? Int32Array.from(values, Number) : values
  scope.setInput(
    node,
    at,
    scope.store(node.inputs[at]!, (name) => Weights.of(name, before.type, before.dims, data)),
  )
}
