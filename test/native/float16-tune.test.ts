import * as assert from 'uvu/assert'
import { Tensor } from '../../lib/core/tensor.js'
import { cpuRuntime } from '../../lib/engine/precision/runtime.js'
import { activationRanges } from '../../lib/onnx/float16/activation-ranges.js'
import { tuneAutocast } from '../../lib/onnx/float16/tune.js'
import { rejection } from '../support/failure.js'
import { floatModel, floats, node } from '../support/float-models.js'
import { suite } from '../support/suite.js'

const test = suite('autocast with reference data')
const runtime = cpuRuntime()
const samples = [
  { x: new Tensor('float32', [1, 2], Float32Array.of(1, -2)) },
  { x: new Tensor('float32', [1, 2], Float32Array.of(3, 0.5)) },
]
const float16 = { type: 'float16' } as const

/** d = w·x - 1000x with w = 1000.3 and 1000.1: what float16 rounds away of the first layer is all that the output is made of. */
const chain = ['d', 'n0', 'n1', 'n2', 'n3', 'y']
const delicate = floatModel({
  inputs: [['x', 'float32', [1, 2]]],
  outputs: [['y', 'float32', [1, 2]]],
  nodes: [
    node('MatMul: x w -> a'),
    node('Mul: x thousand -> b'),
    node('Sub: a b -> d'),
    ...chain.slice(1).map((to, i) => node(`Neg: ${chain[i]} -> ${to}`)),
  ],
  weights: [floats('w', [2, 2], [1000.3, 0, 0, 1000.1]), floats('thousand', [], [1000])],
})

test('ranges are of all samples, inputs included, infinities left out', async () => {
  const model = floatModel({
    inputs: [['x', 'float32', [1, 2]]],
    outputs: [['y', 'float32', [1, 2]]],
    nodes: [node('Mul: x two -> h'), node('Add: h mask -> y')],
    weights: [floats('two', [], [2]), floats('mask', [2], [0, -Infinity])],
  })
  assert.equal(
    [...(await activationRanges(model, samples, runtime, { memoryBytes: 1 }))],
    [
      ['x', { min: -2, max: 3 }],
      ['h', { min: -4, max: 6 }],
      ['y', { min: 2, max: 6 }],
    ],
  )
})

test('first layers stay float32 where the outputs ask for it, and the report tells how near they come', async () => {
  const plain = await tuneAutocast(delicate, float16, { samples, runtime }, { minCosine: 0 })
  assert.equal(plain.report.layers, [])
  const tuned = await tuneAutocast(delicate, float16, { samples, runtime }, { maxFloat: 0.5 })
  assert.ok(tuned.outputs[0]!.cosine.mean > 0.9999 && plain.outputs[0]!.cosine.mean < 0.999, `${plain.outputs[0]!.cosine.mean}`)
  assert.equal(
    tuned.report.layers.map(({ node: name, reason }) => [name, reason]),
    [['a', 'an early layer, whose rounding grows on its way']],
  )
})

test('no room for islands: the best there is, with a note', async () => {
  const { report } = await tuneAutocast(delicate, { ...float16, maxRange: 1e4 }, { samples, runtime }, { maxFloat: 0 })
  assert.match(report.notes.at(-1)!, /^The mean cosine of an output is 0\.\d+, below 0\.9999/)
})

test('a target that is none is an error; bfloat16 is not measured', async () => {
  assert.is((await rejection(tuneAutocast(delicate, float16, { samples, runtime }, { minCosine: 2 }))).code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.equal((await tuneAutocast(delicate, { type: 'bfloat16' }, { samples, runtime })).outputs, [])
})

test.run()
