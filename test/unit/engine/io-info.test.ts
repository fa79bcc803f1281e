import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import type { NativeIo } from '../../../lib/backend/native.js'
import { ioInfo } from '../../../lib/engine/io-info.js'
import { failure } from '../../support/failure.js'

const test = suite('io-info')
const native: NativeIo = {
  name: 'x',
  direction: 'input',
  type: 1,
  dims: [-1, 4],
  dimNames: ['N', null],
  onHost: false,
  isShape: false,
  profiles: [],
}
const range = { min: [1, 4], opt: [2, 4], max: [3, 4] }

test('type numbers become names, dimensions without name the empty string', () => {
  assert.equal(ioInfo(native, []), { name: 'x', type: 'float32', shape: [-1, 4], dimNames: ['N', ''], ranges: [], isShape: false })
})

test('bounds come from the engine file where the backend knows none', () => {
  assert.equal(ioInfo(native, [{ x: range }, { y: range }]).ranges, [range])
  const own = { min: [1, 4], opt: [1, 4], max: [1, 4] }
  assert.equal(ioInfo({ ...native, profiles: [{ ...own, isValues: false }] }, [{ x: range }]).ranges, [own])
})

test('outputs have no bounds', () => {
  assert.equal(ioInfo({ ...native, direction: 'output' }, [{ x: range }]).ranges, [])
})

test('an unknown rank stays unknown', () => {
  const { shape, dimNames } = ioInfo({ ...native, dims: null, dimNames: null }, [])
  assert.equal([shape, dimNames], [null, []])
})

test('an element type of the future is refused by number', () => {
  const error = failure(() => ioInfo({ ...native, type: 99 }, []))
  assert.is(error.code, 'TRT_ERR_UNSUPPORTED')
  assert.match(error.message, /"x" has element type number 99/)
})

test.run()
