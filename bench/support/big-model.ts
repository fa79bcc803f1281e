import { seededRandom } from '../../lib/core/random.js'
import { makeGraph, makeNode, makeValueInfo } from '../../lib/onnx/graph/nodes.js'
import type { OnnxGraph, OnnxModel } from '../../lib/onnx/graph/types.js'
import { Weights } from '../../lib/onnx/graph/weights.js'

const channels = 256
const blocks = 37

const scalars = { zero: 0, six: 6 } as const

/**
 * 176 MB, 260 nodes, in the operator set 11 of many exporters: residual blocks of two 3 × 3 convolutions with batch norms and
 * Clips. x, y float32 [1, 256, H, W]. The weights are random, the same each time.
 */
export function bigModel(): OnnxModel {
  const dims = [1, channels, 'H', 'W']
  const graph = makeGraph({ name: 'big', inputs: [makeValueInfo('x', 'float32', dims)], outputs: [makeValueInfo('y', 'float32', dims)] })
  const random = seededRandom(1)
  for (const [name, value] of Object.entries(scalars)) graph.initializers.set(name, Weights.of(name, 'float32', [], Float32Array.of(value)))
  let value = 'x'
  for (let i = 0; i < blocks; i++) {
    const result = addLayer(graph, addLayer(graph, value, `b${i}.first`, random), `b${i}.second`, random)
    graph.nodes.push(makeNode('Add', [value, result], [`b${i}.sum`], { name: `b${i}.sum` }))
    value = `b${i}.sum`
  }
  graph.nodes.push(makeNode('Identity', [value], ['y'], { name: 'end' }))
  const header = { irVersion: 7, producerName: 'tensorrt-node bench', producerVersion: '', domain: '', modelVersion: 0n }
  return { ...header, opsets: new Map([['', 11]]), metadata: new Map(), graph, functions: [], unknown: new Uint8Array(0) }
}

function addLayer({ nodes, initializers }: OnnxGraph, from: string, name: string, random: () => number): string {
  const store = (part: string, dims: readonly number[], scale: number, offset = 0): string => {
    const values = new Float32Array(dims.reduce((product, size) => product * size, 1))
    for (let i = 0; i < values.length; i++) values[i] = (random() - 0.5) * scale + offset
    initializers.set(`${name}.${part}`, Weights.of(`${name}.${part}`, 'float32', dims, values))
    return `${name}.${part}`
  }
  const weight = store('weight', [channels, channels, 3, 3], 0.05)
  const norm = ['scale', 'bias', 'mean', 'var'].map((part) => store(part, [channels], 0.2, part === 'var' || part === 'scale' ? 1 : 0))
  nodes.push(
    makeNode('Conv', [from, weight], [`${name}.conv`], { name, attributes: { kernel_shape: [3n, 3n], pads: [1n, 1n, 1n, 1n] } }),
    makeNode('BatchNormalization', [`${name}.conv`, ...norm], [`${name}.norm`], { name: `${name}.norm` }),
    makeNode('Clip', [`${name}.norm`, 'zero', 'six'], [`${name}.out`], { name: `${name}.clip` }),
  )
  return `${name}.out`
}
