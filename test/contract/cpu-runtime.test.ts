import * as assert from 'uvu/assert'
import { Tensor } from '../../lib/core/tensor.js'
import { cpuRuntime } from '../../lib/engine/precision/runtime.js'
import { inspectModel } from '../../lib/onnx/inspect.js'
import { rejection } from '../support/failure.js'
import * as models from '../support/models.js'
import { model } from '../support/onnx.js'
import { suite } from '../support/suite.js'

const test = suite('cpu-runtime')
const runtime = cpuRuntime()
const x = new Tensor('float32', [1, 2], Float32Array.of(1, 1))

/** y = relu(x · 2 + 1), whose 2 is made of constants. */
function chain(): Uint8Array {
  const scalar = (name: string, value: number) => ({ name, type: 'float32' as const, dims: [1], data: Float32Array.of(value) })
  return model({
    inputs: [{ name: 'x', type: 'float32', dims: [1, 2] }],
    outputs: [{ name: 'y', type: 'float32', dims: [1, 2] }],
    initializers: [scalar('one', 1)],
    nodes: [
      { op: 'Add', inputs: ['one', 'one'], outputs: ['two'] },
      { op: 'Mul', inputs: ['x', 'two'], outputs: ['a'] },
      { op: 'Add', inputs: ['a', 'one'], outputs: ['b'] },
      { op: 'Relu', inputs: ['b'], outputs: ['y'] },
    ],
  })
}

test('opens, runs and closes a model at every level', async () => {
  for (const optimize of ['none', 'basic', 'all'] as const) {
    const open = await runtime.open(models.matmul(), { optimize, threads: 2 })
    assert.equal([...(await open.run({ x }))['y']!.data], [4, 6])
    await open.close()
    assert.is((await rejection(open.run({ x }))).code, 'TRT_ERR_CLOSED')
  }
})

test("'basic' folds constants and keeps ONNX's own operators", async () => {
  const bytes = await runtime.optimized(chain(), 'basic')
  assert.equal(inspectModel(bytes).operators, { Add: 1, Mul: 1, Relu: 1 })
  const open = await runtime.open(bytes)
  assert.equal([...(await open.run({ x }))['y']!.data], [3, 3])
  await open.close()
})

test("'all' tells of ONNX Runtime's own kernels", async () => {
  const { operators } = inspectModel(await runtime.optimized(leakyGemm(), 'all'))
  assert.equal(Object.keys(operators), ['com.microsoft.FusedGemm'])
})

/** Gemm followed by LeakyRelu: ONNX Runtime makes one kernel of them. */
function leakyGemm(): Uint8Array {
  return model({
    inputs: [{ name: 'x', type: 'float32', dims: [1, 2] }],
    outputs: [{ name: 'y', type: 'float32', dims: [1, 2] }],
    initializers: [{ name: 'w', type: 'float32', dims: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
    nodes: [
      { op: 'Gemm', inputs: ['x', 'w'], outputs: ['a'] },
      { op: 'LeakyRelu', inputs: ['a'], outputs: ['y'] },
    ],
  })
}

test('a model that is none, or whose weights lie elsewhere, is refused', async () => {
  assert.is((await rejection(runtime.open(Uint8Array.of(1, 2, 3)))).code, 'TRT_ERR_MODEL')
  assert.is((await rejection(runtime.open(models.external()))).code, 'TRT_ERR_UNSUPPORTED')
})

test('a signal stops it', async () => {
  const signal = AbortSignal.abort()
  assert.is((await rejection(runtime.open(models.matmul(), { signal }))).code, 'TRT_ERR_ABORTED')
  assert.is((await rejection(cpuRuntime({ signal }).optimized(models.matmul(), 'basic'))).code, 'TRT_ERR_ABORTED')
})

test.run()
