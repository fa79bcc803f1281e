import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { InputPlan } from '../../../lib/engine/inputs.js'
import type { IoInfo } from '../../../lib/engine/io-info.js'
import { warmUpShapes } from '../../../lib/engine/warm-up-shapes.js'
import { failure } from '../../support/failure.js'

const test = suite('shapes of a warm-up')
const plan = (shape: number[] | null, ranges: IoInfo['ranges'] = [], change: Partial<IoInfo> = {}) =>
  new InputPlan({ name: 'x', type: 'float32', shape, dimNames: ['N'], ranges, isShape: false, ...change }, null)
const range = (min: number[], opt: number[], max: number[]) => ({ min, opt, max })
const code = (body: () => unknown) => failure(body).code

test('a model of fixed shape is warmed as it is', () => {
  assert.equal(warmUpShapes([plan([2, 3])], undefined, undefined), [{ profile: null, rows: 2, shapes: { x: [2, 3] }, guessed: [] }])
})

test('what nothing bounds is 1, and told', () => {
  assert.equal(warmUpShapes([plan([-1, 4])], undefined, undefined), [{ profile: null, rows: 1, shapes: { x: [1, 4] }, guessed: ['x'] }])
  assert.equal(warmUpShapes([plan([0, 4])], undefined, undefined)[0]!.shapes, { x: [0, 4] })
  assert.equal(warmUpShapes([plan([-1, 4])], undefined, [1])[0]!.guessed, [])
  assert.equal(warmUpShapes([plan([-1, -1])], undefined, [1])[0]!.guessed, ['x'])
})

test('a profile is warmed at its least, most common and largest batch and the powers of two between', () => {
  const sets = warmUpShapes([plan([-1, -1], [range([1, 32], [6, 320], [20, 640])])], undefined, undefined)
  assert.equal(
    sets.map(({ shapes }) => shapes['x']),
    [1, 2, 4, 6, 8, 16, 20].map((rows) => [rows, 320]),
  )
  assert.ok(sets.every(({ profile, guessed }) => profile === 0 && guessed.length === 0))
})

test('each profile is warmed within its own bounds, small batches first', () => {
  const profiles = [range([8, 4], [8, 4], [16, 4]), range([1, 4], [1, 4], [2, 4])]
  assert.equal(
    warmUpShapes([plan([-1, 4], profiles)], undefined, undefined).map(({ profile, rows }) => [profile, rows]),
    [
      [1, 1],
      [1, 2],
      [0, 8],
      [0, 16],
    ],
  )
})

test('shapes that two profiles share are run once', () => {
  const profiles = [range([1], [1], [2]), range([1], [2], [2])]
  assert.equal(
    warmUpShapes([plan([-1], profiles)], undefined, undefined).map(({ profile, rows }) => [profile, rows]),
    [
      [0, 1],
      [0, 2],
    ],
  )
})

test('batch sizes set the first dimension of every input that has it free, in each profile that takes them', () => {
  const free = plan([-1, 4], [range([1, 4], [2, 4], [4, 4]), range([4, 4], [8, 4], [8, 4])])
  const fixed = plan([1, 4], [], { name: 'w' })
  const sets = warmUpShapes([free, fixed], undefined, [8, 1, 1])
  assert.equal(
    sets.map(({ profile, rows, shapes }) => [profile, rows, shapes]),
    [
      [0, 1, { x: [1, 4], w: [1, 4] }],
      [1, 8, { x: [8, 4], w: [1, 4] }],
    ],
  )
})

test('given shapes are run as they are, or in each batch size', () => {
  const input = [plan([-1, -1])]
  const widths = [{ x: [3, 160] }, { x: [3, 320] }]
  assert.equal(
    warmUpShapes(input, widths, undefined).map(({ shapes }) => shapes['x']),
    [
      [3, 160],
      [3, 320],
    ],
  )
  assert.equal(
    warmUpShapes(input, widths, [1, 2]).map(({ shapes }) => shapes['x']),
    [
      [1, 160],
      [1, 320],
      [2, 160],
      [2, 320],
    ],
  )
  assert.equal(warmUpShapes(input, { x: [3, 160] }, undefined)[0]!.guessed, [])
})

test('given shapes are told with the first profile that takes them', () => {
  const input = [plan([-1], [range([1], [1], [2]), range([1], [8], [8])])]
  const profiles = (shapes: unknown) => warmUpShapes(input, shapes, undefined).map(({ profile }) => profile)
  assert.equal(profiles([{ x: [2] }, { x: [8] }, { x: [9] }]), [0, 1, null])
})

test('a shape tensor is no batch, and its bounds are no shapes', () => {
  const steer = plan([2], [range([1, 1], [8, 8], [9, 9])], { name: 's', type: 'int64', isShape: true })
  const sets = warmUpShapes([plan([-1], [range([1], [1], [1])]), steer], undefined, undefined)
  assert.equal(sets, [{ profile: 0, rows: 1, shapes: { x: [1], s: [2] }, guessed: [] }])
})

test('inputs whose first dimensions differ at the optimum have no batch in common: the optimum is run', () => {
  const tokens = plan([-1], [range([1], [100], [200])], { name: 't' })
  const sets = warmUpShapes([plan([-1], [range([1], [2], [4])]), tokens], undefined, undefined)
  assert.equal(
    sets.map(({ shapes, rows }) => [shapes, rows]),
    [[{ x: [2], t: [100] }, 1]],
  )
})

test('a batch size that no profile takes, or that no input can have, is refused by number', () => {
  const error = failure(() => warmUpShapes([plan([-1], [range([1], [1], [4])])], undefined, [4, 5]))
  assert.is(error.code, 'TRT_ERR_SHAPE')
  assert.match(error.message, /batch size 5: it takes "x" \[N\] with N 1…4\. Leave 5 out/)
  assert.is(error.details['batchSize'], 5)
  assert.is(
    code(() => warmUpShapes([plan([1, 4])], undefined, [2])),
    'TRT_ERR_SHAPE',
  )
  assert.is(warmUpShapes([plan([1, 4])], undefined, [1]).length, 1)
})

test('an unknown rank, an unknown name and a bad shape are refused', () => {
  assert.match(failure(() => warmUpShapes([plan(null)], undefined, undefined)).message, /no known rank/)
  assert.is(
    code(() => warmUpShapes([plan([1])], { y: [1] }, undefined)),
    'TRT_ERR_NAME',
  )
  for (const shape of [[-1], [1.5], 'x', null]) {
    assert.is(
      code(() => warmUpShapes([plan([-1])], { x: shape }, undefined)),
      'TRT_ERR_SHAPE',
    )
  }
})

test('batch sizes and sets of shapes are checked', () => {
  for (const sizes of [[], [0], [-1], [1.5], [NaN], ['2'], 2, null]) {
    assert.is(
      code(() => warmUpShapes([plan([-1])], undefined, sizes)),
      'TRT_ERR_INVALID_ARGUMENT',
    )
  }
  for (const shapes of [[], 5, null, [5]]) {
    assert.is(
      code(() => warmUpShapes([plan([-1])], shapes, undefined)),
      'TRT_ERR_INVALID_ARGUMENT',
    )
  }
})

test.run()
