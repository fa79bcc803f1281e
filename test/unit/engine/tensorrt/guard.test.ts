import { suite } from '../../../support/suite.js'
import * as assert from 'uvu/assert'
import { guardModel } from '../../../../lib/engine/tensorrt/guard.js'
import { failure } from '../../../support/failure.js'
import { crashing } from '../../../support/crashing-models.js'
import * as models from '../../../support/models.js'
import { type Graph, model, type Node } from '../../../support/onnx.js'

const test = suite('guard against models that crash a parser')
const refusal = (bytes: Uint8Array) => failure(() => guardModel(bytes))
const value = (name: string) => ({ name, type: 'float32', dims: [4] }) as const
const one = (node: Node, initializers: Graph['initializers'] = []) =>
  model({ inputs: [value('x')], outputs: [value('y')], nodes: [node], initializers })

test('sound models pass', () => {
  guardModel(models.addConst())
  guardModel(models.external())
  const shape = { name: 's', type: 'int64', dims: [8], data: new BigInt64Array(8) } as const
  guardModel(one({ op: 'Reshape', inputs: ['x', 's'], outputs: ['y'] }, [shape]))
  guardModel(one({ op: 'Clip', inputs: ['x', '', 'm'], outputs: ['y'] }))
  guardModel(one({ op: 'TopK', inputs: ['x', 'k'], outputs: ['y', ''] }))
})

for (const [name, { bytes, told }] of Object.entries(crashing)) {
  test(`refused: ${name}`, () => {
    const error = refusal(bytes())
    assert.is(error.code, 'TRT_ERR_MODEL')
    assert.match(error.message, told)
    assert.match(error.message, 'isolate: true')
  })
}

test('the node is named, also inside of a subgraph', () => {
  const inner: Graph = { inputs: [], outputs: [value('z')], nodes: [{ op: 'Relu', name: 'inner', inputs: ['x'], outputs: [] }] }
  const node: Node = { op: 'If', inputs: ['c'], outputs: ['y'], attributes: { then_branch: { graph: inner } } }
  assert.equal(refusal(one(node)).details, { node: 'inner', operator: 'Relu' })
})

test('a loop and a scan may not have more than their bodies have', () => {
  const body: Graph = { inputs: [value('a')], outputs: [value('b')], nodes: [{ op: 'Relu', inputs: ['a'], outputs: ['b'] }] }
  const scan = (inputs: string[]): Node => ({ op: 'Scan', inputs, outputs: ['y'], attributes: { body: { graph: body } } })
  guardModel(one(scan(['x'])))
  assert.match(refusal(one(scan(['x', 'x']))).message, '2 inputs; its body takes 1')
  assert.match(refusal(one(scan([]))).message, 'no inputs')
})

test('operators of other domains are their own business', () => {
  guardModel(one({ op: 'TopK', domain: 'com.example', inputs: ['x'], outputs: ['y'] }))
})

test('a model without outputs is nothing to build', () => {
  assert.match(refusal(model({ inputs: [value('x')], outputs: [], nodes: [] })).message, 'no graph with outputs')
})

test.run()
