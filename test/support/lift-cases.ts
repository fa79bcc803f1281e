import { seededRandom } from '../../lib/core/random.js'
import { Tensor } from '../../lib/core/tensor.js'
import type { Sample } from '../../lib/onnx/runtime.js'
import type { Attribute, Constant, Model, Node } from './onnx.js'

export const float = (value: number): Attribute => ({ float: value })
const floats = (...values: number[]): Attribute => ({ floats: values })
export const ints = (name: string, ...values: number[]): Constant => ({
  name,
  type: 'int64',
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
})
export const numbers = (name: string, dims: number[], ...values: number[]): Constant => ({
  name,
  type: 'float32',
  dims,
  data: Float32Array.from(values),
})

/** An operator as an old operator set writes it, on an input `x`. */
export interface Case {
  opset: number
  node: Node
  x: readonly number[]
  constants?: readonly Constant[]
  outputs?: number
  /** What the lifted graph consists of; left out: one node of the same operator. */
  becomes?: string
}

export function modelOf({ opset, node, x, constants = [], outputs = 1 }: Case, dims: readonly (number | string)[] | undefined = x): Model {
  const names = Array.from({ length: outputs }, (_, i) => `y${i}`)
  return {
    opset,
    ir: 7,
    inputs: [{ name: 'x', type: 'float32', ...(dims && { dims }) }],
    outputs: names.map((name) => ({ name, type: outputType(node.op, name) })),
    nodes: [{ ...node, inputs: ['x', ...(node.inputs ?? constants.map(({ name }) => name!))], outputs: names }],
    initializers: constants,
  }
}

const outputType = (op: string, name: string) => (op.startsWith('Arg') || (op === 'TopK' && name === 'y1') ? 'int64' : 'float32')

export function sampleOf(shape: readonly number[]): Sample {
  const random = seededRandom(7)
  const length = shape.reduce((product, size) => product * size, 1)
  return {
    x: new Tensor(
      'float32',
      shape,
      Float32Array.from({ length }, () => random() * 8 - 4),
    ),
  }
}

export const image = [1, 2, 5, 4]
const reductions = ['L1', 'L2', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'Sum', 'SumSquare'] as const
const squareRoots = (values: number) => Array.from({ length: values }, (_, i) => Math.sqrt(i + 1) / 4)
const recurrent = (op: string, gates: number): Case => ({
  opset: 7,
  node: { op, attributes: { hidden_size: 2 } },
  x: [3, 1, 4],
  constants: [numbers('w', [1, gates * 2, 4], ...squareRoots(gates * 8)), numbers('r', [1, gates * 2, 2], ...squareRoots(gates * 4))],
})

export const cases: Readonly<Record<string, Case>> = {
  'Clip with both bounds': { opset: 7, node: { op: 'Clip', attributes: { min: float(-1), max: float(2) } }, x: [3, 4] },
  'Clip with the upper bound alone': { opset: 10, node: { op: 'Clip', attributes: { max: float(2) } }, x: [3, 4] },
  'Clip without bounds': { opset: 6 + 1, node: { op: 'Clip' }, x: [3, 4] },
  Slice: {
    opset: 9,
    node: { op: 'Slice', attributes: { axes: [2, 3], starts: [1, -3], ends: [9_223_372_036_854_775_807n, -1] } },
    x: image,
  },
  'Slice of the first axes': { opset: 7, node: { op: 'Slice', attributes: { starts: [0, 1], ends: [1, 2] } }, x: image },
  Pad: { opset: 7, node: { op: 'Pad', attributes: { pads: [0, 0, 1, 2, 0, 0, 0, 1], value: float(3) } }, x: image },
  'Pad by zeros': { opset: 10, node: { op: 'Pad', attributes: { pads: [0, 0, 1, 0, 0, 0, 0, 1] } }, x: image },
  'Pad by reflection': { opset: 8, node: { op: 'Pad', attributes: { mode: 'reflect', pads: [0, 0, 1, 2, 0, 0, 1, 1] } }, x: image },
  TopK: { opset: 9, node: { op: 'TopK', attributes: { k: 2, axis: 1 } }, x: [2, 5], outputs: 2 },
  'TopK with k as an input': { opset: 10, node: { op: 'TopK' }, constants: [ints('k', 2)], x: [2, 5], outputs: 2 },
  'Split in equal parts': { opset: 11, node: { op: 'Split', attributes: { axis: 1 } }, x: [2, 6], outputs: 3 },
  'Split by sizes': { opset: 8, node: { op: 'Split', attributes: { axis: 1, split: [1, 5] } }, x: [2, 6], outputs: 2 },
  'Split by sizes as an input': {
    opset: 13,
    node: { op: 'Split', attributes: { axis: 1 } },
    constants: [ints('sizes', 1, 5)],
    x: [2, 6],
    outputs: 2,
  },
  Squeeze: { opset: 11, node: { op: 'Squeeze', attributes: { axes: [0, -1] } }, x: [1, 3, 1] },
  'Squeeze of all': { opset: 9, node: { op: 'Squeeze' }, x: [1, 3, 1] },
  Unsqueeze: { opset: 9, node: { op: 'Unsqueeze', attributes: { axes: [0, 3] } }, x: [2, 3] },
  'Dropout in inference': { opset: 7, node: { op: 'Dropout', attributes: { ratio: float(0.25) } }, x: [2, 3] },
  'Upsample by attribute': {
    opset: 7,
    node: { op: 'Upsample', attributes: { mode: 'nearest', scales: floats(1, 1, 2, 1.5) } },
    x: image,
    becomes: 'Resize',
  },
  'Upsample, linear': {
    opset: 9,
    node: { op: 'Upsample', attributes: { mode: 'linear' } },
    constants: [numbers('s', [4], 1, 1, 2, 3)],
    x: image,
    becomes: 'Resize',
  },
  'Resize that enlarges': { opset: 10, node: { op: 'Resize' }, constants: [numbers('s', [4], 1, 1, 2, 1.7)], x: image },
  'Resize that shrinks': { opset: 10, node: { op: 'Resize' }, constants: [numbers('s', [4], 1, 1, 0.6, 0.5)], x: image },
  'Resize, linear': {
    opset: 10,
    node: { op: 'Resize', attributes: { mode: 'linear' } },
    constants: [numbers('s', [4], 1, 1, 0.6, 2)],
    x: image,
  },
  'Softmax over the last axis': { opset: 9, node: { op: 'Softmax', attributes: { axis: 2 } }, x: [2, 3, 4] },
  'Softmax over several axes': { opset: 12, node: { op: 'Softmax' }, x: [2, 3, 4], becomes: 'Shape Flatten Softmax Reshape' },
  'Softmax over all axes': {
    opset: 7,
    node: { op: 'Softmax', attributes: { axis: 0 } },
    x: [2, 3],
    becomes: 'Shape Flatten Softmax Reshape',
  },
  'Softmax, from the end': {
    opset: 11,
    node: { op: 'Softmax', attributes: { axis: -2 } },
    x: [2, 3, 4],
    becomes: 'Shape Flatten Softmax Reshape',
  },
  LogSoftmax: { opset: 9, node: { op: 'LogSoftmax', attributes: { axis: 1 } }, x: [2, 3, 4], becomes: 'Shape Flatten LogSoftmax Reshape' },
  Hardmax: { opset: 11, node: { op: 'Hardmax', attributes: { axis: 1 } }, x: [2, 3, 4], becomes: 'Shape Flatten Hardmax Reshape' },
  BatchNormalization: {
    opset: 7,
    node: { op: 'BatchNormalization', attributes: { epsilon: float(0.01), momentum: float(0.5), spatial: 1 } },
    constants: [numbers('s', [2], 1, 2), numbers('b', [2], 3, 4), numbers('m', [2], 0.5, 1), numbers('v', [2], 1, 2)],
    x: image,
  },
  Scatter: {
    opset: 9,
    node: { op: 'Scatter' },
    constants: [{ ...ints('i', 1, 0), dims: [1, 2] }, numbers('u', [1, 2], 7, 8)],
    x: [2, 3],
    becomes: 'ScatterElements',
  },
  RoiAlign: {
    opset: 11,
    node: { op: 'RoiAlign', attributes: { output_height: 2, output_width: 2, sampling_ratio: 2 } },
    constants: [numbers('r', [1, 4], 0.5, 0.5, 3, 4), ints('b', 0)],
    x: image,
  },
  GridSample: {
    opset: 16,
    node: { op: 'GridSample', attributes: { mode: 'bicubic' } },
    constants: [numbers('g', [1, 1, 2, 2], 0.1, -0.3, 0.5, 0.2)],
    x: image,
  },
  'GridSample by default': { opset: 17, node: { op: 'GridSample' }, constants: [numbers('g', [1, 1, 1, 2], 0.1, -0.3)], x: image },
  DFT: { opset: 17, node: { op: 'DFT', attributes: { axis: 1 } }, x: [1, 4, 1] },
  RNN: recurrent('RNN', 1),
  GRU: recurrent('GRU', 3),
  LSTM: recurrent('LSTM', 4),
  'AveragePool with ceil_mode': {
    opset: 10,
    node: {
      op: 'AveragePool',
      attributes: { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1, count_include_pad: 1, pads: [0, 0, 1, 0] },
    },
    x: image,
  },
  'MaxPool of 7': { opset: 7, node: { op: 'MaxPool', attributes: { kernel_shape: [3, 3], auto_pad: 'SAME_UPPER' } }, x: image },
  'MaxPool of 10': { opset: 10, node: { op: 'MaxPool', attributes: { kernel_shape: [2, 2], ceil_mode: 1, strides: [2, 3] } }, x: image },
  'Gemm that repeats its third input': {
    opset: 7,
    node: { op: 'Gemm', attributes: { transB: 1, alpha: float(0.5) } },
    constants: [numbers('w', [2, 3], 1, 2, 3, 4, 5, 6), numbers('c', [1], 7)],
    x: [4, 3],
  },
  Flatten: { opset: 7, node: { op: 'Flatten', attributes: { axis: 2 } }, x: image },
  ArgMax: { opset: 8, node: { op: 'ArgMax', attributes: { axis: 1 } }, x: [2, 5] },
  Reshape: { opset: 7, node: { op: 'Reshape' }, constants: [ints('shape', 0, -1)], x: image },
  PRelu: { opset: 7, node: { op: 'PRelu' }, constants: [numbers('slope', [4], 0.1, 0.2, 0.3, 0.4)], x: image },
  ...Object.fromEntries(
    reductions.flatMap((name): [string, Case][] => [
      [
        `Reduce${name} over axes`,
        { opset: name === 'Sum' ? 12 : 17, node: { op: `Reduce${name}`, attributes: { axes: [-1, 1], keepdims: 0 } }, x: [2, 3, 4] },
      ],
      [`Reduce${name} over all`, { opset: 11, node: { op: `Reduce${name}` }, x: [2, 3] }],
    ]),
  ),
}
