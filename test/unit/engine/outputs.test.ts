import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { tensor } from '../../../lib/core/tensor.js'
import type { DataType } from '../../../lib/core/dtypes.js'
import type { IoInfo } from '../../../lib/engine/io-info.js'
import { OutputSet } from '../../../lib/engine/outputs.js'
import { failure } from '../../support/failure.js'

const test = suite('outputs')
const io = (name: string, shape: number[] | null, type: DataType = 'float32'): IoInfo => ({
  name,
  type,
  shape,
  dimNames: [],
  ranges: [],
  isShape: false,
})
const set = new OutputSet([io('boxes', [2, 2]), io('scores', [-1])])
const [boxes, scores] = set.all.plans
const refused = (body: () => unknown, code: string, message: RegExp) => {
  const error = failure(body)
  assert.is(error.code, code)
  assert.match(error.message, message)
}

test('without names all are wanted', () => {
  assert.is(set.select(undefined), set.all)
  assert.equal(set.all.indexes, [0, 1])
})

test('a subset comes in the order given', () => {
  assert.equal(set.select(['scores']).indexes, [1])
  assert.equal(set.select(['scores', 'boxes']).indexes, [1, 0])
})

test('unknown, doubled and no names are refused', () => {
  refused(() => set.select(['score']), 'TRT_ERR_NAME', /Output "score" \(string\) is not one of the engine's\. Did you mean "scores"\?/)
  refused(() => set.select(['boxes', 'boxes']), 'TRT_ERR_INVALID_ARGUMENT', /named twice/)
  refused(() => set.select([]), 'TRT_ERR_INVALID_ARGUMENT', /at least one name/)
  refused(() => set.select('boxes' as never), 'TRT_ERR_INVALID_ARGUMENT', /array of at least one name/)
  refused(() => set.select([7 as never]), 'TRT_ERR_NAME', /Output 7 \(number\)/)
})

test('an element type without array is refused when it is wanted, not before', () => {
  const mixed = new OutputSet([io('y', [1]), io('label', [1], 'string')])
  refused(() => mixed.select(undefined), 'TRT_ERR_UNSUPPORTED', /Output "label" is of type string/)
  assert.equal(mixed.select(['y']).indexes, [0])
})

test('what the backend provides is wrapped in its shape', () => {
  const y = scores!.wrap([2], new ArrayBuffer(64))
  assert.equal([y.type, y.shape, y.data.length], ['float32', [2], 2])
})

test('memory of the caller: null where none is given, and only for wanted outputs', () => {
  const into = new Float32Array(8)
  assert.equal(set.targets({ scores: into }, set.all), [null, into])
  refused(() => set.targets({ scores: into }, set.select(['boxes'])), 'TRT_ERR_INVALID_ARGUMENT', /not among the outputs wanted/)
  refused(() => set.targets({ score: into }, set.all), 'TRT_ERR_NAME', /Did you mean "scores"/)
})

test('memory of the caller must have type, room and a stable buffer', () => {
  refused(() => boxes!.target(new Float32Array(3)), 'TRT_ERR_SHAPE', /has 3 elements; the output's shape \[2, 2\] needs 4/)
  refused(() => boxes!.target(new Float64Array(4)), 'TRT_ERR_TYPE', /received a Float64Array/)
  refused(() => boxes!.target(tensor('int8', [2, 2])), 'TRT_ERR_TYPE', /tensor of int8/)
  refused(() => boxes!.target(7), 'TRT_ERR_TYPE', /received 7 \(number\)/)
  refused(() => boxes!.target(new Float32Array(new SharedArrayBuffer(16))), 'TRT_ERR_BUFFER', /SharedArrayBuffer/)
  const gone = new Float32Array(4)
  structuredClone(gone.buffer, { transfer: [gone.buffer] })
  refused(() => boxes!.target(gone), 'TRT_ERR_BUFFER', /detached/)
})

test('a tensor given must have the shape of the output; an array need only be large enough', () => {
  refused(() => boxes!.target(tensor('float32', [4])), 'TRT_ERR_SHAPE', /tensor of shape \[4\]; the output gives \[2, 2\]/)
  assert.is(boxes!.target(new Float32Array(5)).length, 5)
})

test('the shape is known beforehand for a tensor, and for an output of fixed shape', () => {
  assert.equal(scores!.targetShape(tensor('float32', [7])), [7])
  assert.equal(boxes!.targetShape(new Float32Array(9)), [2, 2])
  assert.is(scores!.targetShape(new Float32Array(9)), undefined)
})

test('a result in memory of the caller is that memory', () => {
  const t = tensor('float32', [3])
  assert.is(scores!.place([3], t), t)
  const data = new Float32Array(8)
  const placed = scores!.place([2], data)
  assert.is(placed.data.buffer, data.buffer)
  assert.equal([placed.shape, placed.data.length], [[2], 2])
})

test.run()
