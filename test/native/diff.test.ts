import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { writeNpy } from '../../lib/core/npy.js'
import { Tensor } from '../../lib/core/tensor.js'
import { cpuRuntime } from '../../lib/engine/precision/runtime.js'
import { diff } from '../../lib/onnx/diff.js'
import { autocast } from '../../lib/onnx/float16/autocast.js'
import { writeOnnx } from '../../lib/onnx/graph/write.js'
import { cli } from '../support/cli.js'
import { rejection } from '../support/failure.js'
import { floatModel, floats, node } from '../support/float-models.js'
import { suite } from '../support/suite.js'

const test = suite('diff')
const runtime = cpuRuntime()
let folder = ''
const file = (name: string) => join(folder, name)
test.before.each(() => void (folder = mkdtempSync(join(tmpdir(), 'diff-'))))
test.after.each(() => rmSync(folder, { recursive: true }))

/** y = (2x + b) * 3, in three nodes of different shapes of values. */
const chain = (b: number, middle = 'Add') =>
  floatModel({
    inputs: [['x', 'float32', [4]]],
    outputs: [['y', 'float32', [4]]],
    nodes: [node('Mul: x two -> twice'), node(`${middle}: twice b -> sum`), node('Mul: sum three -> y')],
    weights: [floats('two', [], [2]), floats('b', [], [b]), floats('three', [], [3])],
  })
const samples = [{ x: new Tensor('float32', [4], Float32Array.of(1, 2, 3, 4)) }]

test('names the first tensor that departs, and all after it', async () => {
  const found = await diff([chain(1), chain(2)], samples, runtime)
  assert.equal([found.differ, found.first?.name, found.first?.opType], [true, 'sum', 'Add'])
  assert.equal(
    found.tensors.map(({ name, error }) => [name, error > 0]),
    [
      ['twice', false],
      ['sum', true],
      ['y', true],
    ],
  )
  // sum is 3 5 7 9 against 4 6 8 10: noise 4, signal 164.
  assert.ok(Math.abs(found.first!.error - 4 / 164) < 1e-9)
  assert.is(found.outputs[0]!.maxError, 3)
})

test('equal models do not differ; nor do float32 and float16 within their tolerance', async () => {
  const equal = await diff([chain(1), chain(1)], samples, runtime)
  assert.equal([equal.differ, equal.first, equal.outputs[0]!.maxError], [false, null, 0])
  const exact = chain(0.1)
  const low = autocast(exact, { type: 'float16' }).model
  const close = await diff([exact, low], samples, runtime, { tolerance: 2e-3 })
  assert.equal([close.differ, close.tensors.find(({ name }) => name === 'sum')?.types], [false, ['float32', 'float16']])
  assert.is((await diff([exact, low], samples, runtime, { tolerance: 1e-6 })).first?.name, 'sum')
})

test('little memory: more groups, the same findings', async () => {
  const wide = await diff([chain(1), chain(2)], samples, runtime)
  const narrow = await diff([chain(1), chain(2)], samples, runtime, { memoryBytes: 1 })
  assert.equal(narrow, wide)
})

test('no samples, a wrong tolerance and other names are errors', async () => {
  const models = [chain(1), chain(1)] as const
  assert.is((await rejection(diff(models, [], runtime))).code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.is((await rejection(diff(models, samples, runtime, { tolerance: -1 }))).code, 'TRT_ERR_INVALID_ARGUMENT')
  const other = floatModel({ inputs: [['z', 'float32', [4]]], outputs: [['y', 'float32', [4]]], nodes: [node('Relu: z -> y')] })
  const error = await rejection(diff([chain(1), other], samples, runtime))
  assert.equal([error.code, error.details['first'], error.details['second']], ['TRT_ERR_NAME', ['x'], ['z']])
})

test('on the command line: a table, the first that departs, exit code 1 where outputs differ', async () => {
  writeFileSync(file('a.onnx'), writeOnnx(chain(1)))
  writeFileSync(file('b.onnx'), writeOnnx(chain(2)))
  writeFileSync(file('x.npy'), writeNpy({ type: 'float32', shape: [4], data: Float32Array.of(1, 2, 3, 4) }))
  const { code, out, err } = await cli(['diff', file('a.onnx'), file('b.onnx'), `--inputs=x:${file('x.npy')}`])
  assert.is(code, 1, err)
  assert.match(out, /\n> +sum +Add +float32 +4 +1\.6e-1 +1\n/)
  assert.match(out, 'Compared on 1 sample: 3 tensors.\nThe first that departs by more than 0.001 is "sum", made by Add "sum": 1.6e-1.\n')
  const same = await cli(['diff', file('a.onnx'), file('a.onnx'), '--inputs', `x:${file('x.npy')}`, '--inputs', 'x:random', '--json'])
  const told = JSON.parse(same.out) as { differ: boolean; samples: number; first: unknown; compared: string }
  assert.equal([same.code, told.differ, told.samples, told.first, told.compared], [0, false, 2, null, 'tensors'])
})

test('an engine against its model: outputs alone', async () => {
  writeFileSync(file('a.onnx'), writeOnnx(chain(1)))
  assert.is((await cli(['build', file('a.onnx'), '-o', file('a.engine'), '--backend=cpu'])).code, 0)
  const { code, out } = await cli(['diff', file('a.onnx'), file('a.engine'), '--quiet'])
  assert.is(code, 0)
  assert.match(out, 'outputs alone: one of the two is built already. Nothing departs by more than 0.001.')
})

test.run()
