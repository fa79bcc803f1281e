import * as assert from 'uvu/assert'
import { Engine } from '../../lib/index.js'
import { rejection } from '../support/failure.js'
import * as models from '../support/models.js'
import { rtxPlan } from '../support/plans.js'
import { suite } from '../support/suite.js'

const test = suite('options of TensorRT, whatever backend there is')

test('a backend that was asked for by name and is none of TensorRT refuses them', async () => {
  const error = await rejection(Engine.build(models.add(), { backend: 'cpu', tensorrt: { noTF32: true } }))
  assert.equal([error.code, error.details['options']], ['TRT_ERR_INVALID_ARGUMENT', ['noTF32']])
})

test("'auto' leaves them aside where it takes another backend", async () => {
  await using engine = await Engine.build(models.add(), { tensorrt: { builderOptimizationLevel: 3 } })
  if (engine.backend.name === 'cpu') assert.not('builderOptimizationLevel' in engine.metadata.options)
  else assert.is(engine.metadata.options['builderOptimizationLevel'], '3')
})

test('a wrong one is refused before anything is read', async () => {
  const error = await rejection(Engine.build('no-such-file.onnx', { tensorrt: { builderOptimizationLevel: 9 } }))
  assert.is(error.code, 'TRT_ERR_INVALID_ARGUMENT')
})

test('a library that is named and not there is told by its option', async () => {
  const error = await rejection(Engine.build(models.add(), { backend: 'tensorrt', libraries: { nvinfer: '/no/such/libnvinfer.so.10' } }))
  assert.is(error.code, 'TRT_ERR_UNAVAILABLE')
  assert.match(error.message, '/no/such/libnvinfer.so.10')
  assert.match(error.message, 'the option libraries.nvinfer')
})

test('a plan for another backend than the one that was asked for', async () => {
  const error = await rejection(Engine.load(rtxPlan(), { backend: 'tensorrt' }))
  assert.equal([error.code, error.details['built']], ['TRT_ERR_ENGINE', 'tensorrt-rtx'])
})

test.run()
