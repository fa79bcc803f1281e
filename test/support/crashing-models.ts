import { model, type Graph, type Node } from './onnx.js'

const value = (name: string, dims: readonly number[] = [1, 4]) => ({ name, type: 'float32', dims }) as const
const one = (node: Node, initializers: Graph['initializers'] = []) =>
  model({ inputs: [value('x')], outputs: [value('y')], nodes: [node], initializers })
const int64s = (name: string, values: readonly number[]) =>
  ({ name, type: 'int64', dims: [values.length], data: BigInt64Array.from(values, BigInt) }) as const

/** A chain of pointwise nodes, each its own operator, so that none is folded away. */
export function chain(length: number): Uint8Array {
  const nodes = Array.from({ length }, (_, i) => ({
    op: 'Sin',
    inputs: [i === 0 ? 'x' : `t${i}`],
    outputs: [i === length - 1 ? 'y' : `t${i + 1}`],
  }))
  return model({ inputs: [value('x')], outputs: [value('y')], nodes })
}

/** Models that end the process of NVIDIA's parser or optimizer, and what our guard says of them instead. */
export const crashing: Readonly<Record<string, { bytes: () => Uint8Array; told: string | RegExp }>> = {
  'a node without outputs': {
    bytes: () =>
      model({
        inputs: [value('x')],
        outputs: [value('y')],
        nodes: [
          { op: 'Relu', name: 'dead', inputs: ['x'], outputs: [] },
          { op: 'Relu', inputs: ['x'], outputs: ['y'] },
        ],
      }),
    told: 'The node "dead" (Relu) has no outputs; expected at least 1',
  },
  'TopK with one output': {
    bytes: () => one({ op: 'TopK', inputs: ['x', 'k'], outputs: ['y'] }, [int64s('k', [2])]),
    told: /TopK\) has 1 outputs; expected 2/,
  },
  'Clip with five inputs': {
    bytes: () => one({ op: 'Clip', inputs: ['x', '', '', '', ''], outputs: ['y'] }),
    told: /Clip\) has 5 inputs; expected 1 to 3/,
  },
  'a shape of sixteen entries': {
    bytes: () => one({ op: 'Reshape', inputs: ['x', 's'], outputs: ['y'] }, [int64s('s', [1, 4, ...Array.from({ length: 14 }, () => 1)])]),
    told: 'a constant shape of 16 entries; TensorRT takes at most 8',
  },
  'an empty k of TopK': {
    bytes: () => one({ op: 'TopK', inputs: ['x', 'k'], outputs: ['y', 'i'] }, [int64s('k', [])]),
    told: 'an empty constant as an input',
  },
  'a chain of 10,001 nodes': {
    bytes: () => chain(10_001),
    told: 'More than 10000 nodes in a row',
  },
}
