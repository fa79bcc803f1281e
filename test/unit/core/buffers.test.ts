import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { isPlainBuffer, requireUsable } from '../../../lib/core/buffers.js'
import { failure } from '../../support/failure.js'

const test = suite('buffers')
const check = (view: ArrayBufferView) => requireUsable('Input "x"', view, { input: 'x' })
const resizable = () =>
  new Float32Array(new (ArrayBuffer as unknown as new (n: number, o: object) => ArrayBuffer)(8, { maxByteLength: 16 }))

test('ordinary memory passes', () => {
  check(new Float32Array(2))
  check(Buffer.alloc(4))
  check(new Float32Array(0))
  assert.ok(isPlainBuffer(new ArrayBuffer(0)))
})

test('shared memory is refused', () => {
  const view = new Float32Array(new SharedArrayBuffer(8))
  const error = failure(() => check(view))
  assert.is(error.code, 'TRT_ERR_BUFFER')
  assert.match(error.message, /SharedArrayBuffer.*Copy it/)
  assert.not(isPlainBuffer(view.buffer))
})

test('resizable memory is refused', () => {
  const error = failure(() => check(resizable()))
  assert.is(error.code, 'TRT_ERR_BUFFER')
  assert.match(error.message, /resizable/)
  assert.not(isPlainBuffer(resizable().buffer))
})

test('detached memory is refused', () => {
  const view = new Float32Array(2)
  structuredClone(view.buffer, { transfer: [view.buffer] })
  const error = failure(() => check(view))
  assert.is(error.code, 'TRT_ERR_BUFFER')
  assert.match(error.message, /detached/)
  assert.equal(error.details, { input: 'x' })
})

test.run()
