import { writeMessage } from '../../lib/onnx/message.js'
import * as schema from '../../lib/onnx/schema.js'
import { Writer } from '../../lib/onnx/writer.js'
import type { Dim } from './onnx.js'
import { model } from './onnx.js'

/** Models that use what a reader may get wrong and a lift must know. */
export function graphModels(): Uint8Array[] {
  return [everyForm(), oldOperators(), constants()]
}

const f32 = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer)
const f64 = (...values: number[]) => new Uint8Array(Float64Array.from(values).buffer)

/** A TensorProto by its fields, as any exporter may order and pack them. */
export function tensorProto(name: string, type: number, dims: readonly number[], data: (writer: Writer) => Writer): Writer {
  const writer = new Writer()
  for (const size of dims) writer.int64(1, size)
  return data(writer.int64(2, type)).text(8, name)
}

/** Varints in one field, packed. */
export function packed(field: number, values: readonly (number | bigint)[]): Writer {
  const inner = new Writer()
  // A varint field of one value without its tag.
  for (const value of values) inner.raw(new Writer().int64(1, value).finish().subarray(1))
  return new Writer().bytes(field, inner.finish())
}

/** Initializers (1, 2), (1, 2) … in every field that TensorProto has for values, one by one and packed. */
export function everyForm(): Uint8Array {
  const raw = (writer: Writer) => (bytes: Writer) => bytes.raw(writer.finish())
  const initializers = [
    tensorProto('raw', 1, [2], (writer) => writer.bytes(9, f32(1, 2))),
    tensorProto('float_data', 1, [2], (writer) => writer.float(4, 1).float(4, 2)),
    tensorProto('float_data packed', 1, [2], (writer) => writer.bytes(4, f32(1, 2))),
    tensorProto('float_data in two packs', 1, [2], (writer) => writer.bytes(4, f32(1)).float(4, 2)),
    tensorProto('double_data', 11, [2], (writer) => writer.bytes(10, f64(1, 2))),
    tensorProto('int32_data', 6, [2], (writer) => writer.int64(5, 1).int64(5, -2)),
    tensorProto('int32_data packed', 6, [2], raw(packed(5, [1, -2]))),
    tensorProto('int8', 3, [2], raw(packed(5, [1, -2]))),
    tensorProto('uint16', 4, [2], raw(packed(5, [1, 65_535]))),
    tensorProto('float16', 10, [2], raw(packed(5, [0x3c00, 0xc000]))),
    tensorProto('bfloat16', 16, [2], raw(packed(5, [0x3f80, 0xc000]))),
    tensorProto('int4', 22, [3], raw(packed(5, [0xf1, 0x07]))),
    tensorProto('bool', 9, [2], raw(packed(5, [1, 0]))),
    tensorProto('int64_data', 7, [2], raw(packed(7, [1, -(2n ** 63n)]))),
    tensorProto('uint64_data', 13, [2], (writer) => writer.int64(11, 1).int64(11, 2n ** 64n - 1n)),
    tensorProto('uint32', 12, [2], raw(packed(11, [1, 2 ** 32 - 1]))),
    tensorProto('strings', 8, [2], (writer) => writer.text(6, 'a').text(6, 'b')),
    tensorProto('scalar', 1, [], (writer) => writer.float(4, 7)),
    tensorProto('empty', 1, [0, 3], (writer) => writer),
    tensorProto('newer type', 30, [1], (writer) => writer.bytes(9, Uint8Array.of(1))),
  ]
  return withGraph({ initializer: initializers })
}

/** A model around fields of a graph, with further fields that no schema of ours knows at every level. */
export function withGraph(fields: {
  initializer?: readonly Writer[]
  node?: readonly Writer[]
  sparseInitializer?: readonly Writer[]
}): Uint8Array {
  const graph = writeMessage(schema.graphProto, { ...fields, name: 'g' })
  graph.text(10, 'documentation of the graph').text(99, 'unknown to anybody')
  const opset = writeMessage(schema.operatorSetIdProto, { domain: '', version: 21 })
  return writeMessage(schema.modelProto, { irVersion: 10, graph, opsetImport: [opset] })
    .message(20, new Writer().text(1, 'training_info'))
    .message(25, new Writer().text(1, 'a function'))
    .text(99, 'unknown')
    .finish()
}

const value = (name: string, dims: readonly Dim[]) => ({ name, type: 'float32' as const, dims })
const ints = (name: string, ...values: number[]) => ({
  name,
  type: 'int64' as const,
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
})

/** Operator set 7, one of each operator that is written otherwise today. */
function oldOperators(): Uint8Array {
  return model({
    opset: 7,
    ir: 3,
    inputs: [value('x', ['N', 2, 4, 4]), value('unused', [1])],
    outputs: [value('y', ['N', 1])],
    nodes: [
      { op: 'Clip', inputs: ['x'], outputs: ['a'], attributes: { min: { float: 0 }, max: { float: 6 } } },
      { op: 'Slice', inputs: ['a'], outputs: ['b'], attributes: { starts: [0], ends: [3], axes: [2] } },
      { op: 'Pad', inputs: ['b'], outputs: ['c'], attributes: { pads: [0, 0, 0, 0, 0, 0, 1, 0], value: { float: 1 } } },
      { op: 'Upsample', inputs: ['c'], outputs: ['d'], attributes: { scales: { floats: [1, 1, 2, 2] } } },
      { op: 'Softmax', inputs: ['d'], outputs: ['e'], attributes: { axis: 1 } },
      { op: 'ReduceMean', inputs: ['e'], outputs: ['f'], attributes: { axes: [2], keepdims: 0 } },
      { op: 'Split', inputs: ['f'], outputs: ['g', 'h'], attributes: { axis: 1, split: [1, 1] } },
      { op: 'Squeeze', inputs: ['g'], outputs: ['i'], attributes: { axes: [1] } },
      { op: 'TopK', inputs: ['i'], outputs: ['y', 'index'], attributes: { k: 1 } },
    ],
    initializers: [{ name: 'unused', type: 'float32', dims: [1], data: Float32Array.of(1) }],
  })
}

/** What folding computes with. */
function constants(): Uint8Array {
  return model({
    inputs: [value('x', [2, 3])],
    outputs: [value('y', ['A', 'B'])],
    nodes: [
      { op: 'Shape', inputs: ['x'], outputs: ['shape'] },
      { op: 'Gather', inputs: ['shape', 'one'], outputs: ['columns'] },
      { op: 'Concat', inputs: ['columns', 'minus'], outputs: ['wanted'], attributes: { axis: 0 } },
      { op: 'Mul', inputs: ['wanted', 'one'], outputs: ['same'] },
      { op: 'Reshape', inputs: ['x', 'same'], outputs: ['z'] },
      { op: 'Constant', outputs: ['half'], attributes: { value: { tensor: { type: 'float32', dims: [], data: Float32Array.of(0.5) } } } },
      { op: 'Add', inputs: ['z', 'half'], outputs: ['y'] },
    ],
    initializers: [ints('one', 1), ints('minus', -1)],
  })
}
