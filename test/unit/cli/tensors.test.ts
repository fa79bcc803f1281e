import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { arrayTypes } from '../../../lib/core/dtypes.js'
import { toFloat16 } from '../../../lib/core/float16.js'
import { tensor } from '../../../lib/core/tensor.js'
import { type InputPlan, makeInputs } from '../../../lib/cli/tensors/make-inputs.js'
import { fileNames } from '../../../lib/cli/tensors/save-outputs.js'
import { summarize } from '../../../lib/cli/tensors/summarize.js'
import type { IoInfo } from '../../../lib/engine/io-info.js'
import { failure } from '../../support/failure.js'
import { tensorTypes } from '../../support/npy.js'

const test = suite('cli tensors')
const info = (change: Partial<IoInfo> = {}): IoInfo => ({
  name: 'x',
  type: 'float32',
  shape: [2, 2],
  dimNames: ['', ''],
  ranges: [],
  isShape: false,
  ...change,
})

function plan(change: Partial<InputPlan> = {}): InputPlan & { notes: string[] } {
  const notes: string[] = []
  return { given: new Map(), shapes: new Map(), random: () => 0.75, onNote: (text) => notes.push(text), notes, ...change }
}

test('an input that is not given is random: floats in [-1, 1), other types in what they can hold', () => {
  const first = (type: (typeof tensorTypes)[number]) => makeInputs([info({ type })], plan())['x']?.data[0]
  assert.equal(tensorTypes.map(first), [0.5, 0.5, 0x3800, 0x3f00, 64, 192, 1, 1, 1, 1, 1n, 1n, 1])
  assert.equal(tensorTypes, Object.keys(arrayTypes))
})

test('free dimensions take --shapes, else the optimum, else 1, and the choice is told', () => {
  const free = info({ shape: [-1, 3], dimNames: ['N', ''] })
  const optimum = { ...free, ranges: [{ min: [1, 3], opt: [4, 3], max: [8, 3] }] }
  const chosen = plan()
  assert.equal(makeInputs([free], chosen)['x']?.shape, [1, 3])
  assert.equal(makeInputs([optimum], chosen)['x']?.shape, [4, 3])
  assert.equal(chosen.notes.length, 2)
  assert.match(chosen.notes[1] ?? '', 'Input "x" takes [N, 3] with N 1…8; using [4, 3]')
  const asked = plan({ shapes: new Map([['x', [7, 3]]]) })
  assert.equal([makeInputs([optimum], asked)['x']?.shape, asked.notes], [[7, 3], []])
})

test('raw bytes take the shape that their number gives, or the one of --shapes', () => {
  const bytes = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer)
  const given = new Map([['x', { kind: 'bytes' as const, bytes, file: 'x.bin' }]])
  const free = info({ shape: [-1, 3] })
  assert.equal(makeInputs([free], plan({ given }))['x']?.shape, [2, 3])
  assert.equal(
    makeInputs([info({ shape: null })], plan({ given, shapes: new Map([['x', [6]]]) }))['x']?.data,
    Float32Array.of(1, 2, 3, 4, 5, 6),
  )
  assert.is(failure(() => makeInputs([info({ shape: [-1, -1] })], plan({ given }))).code, 'TRT_ERR_SHAPE')
  assert.is(failure(() => makeInputs([free], plan({ given, shapes: new Map([['x', [5]]]) }))).code, 'TRT_ERR_SHAPE')
})

test('uint16 arrays pass for the bits of half floats; what else differs is left to the session', () => {
  const array = { type: 'uint16' as const, shape: [1], data: Uint16Array.of(0x3c00) }
  const given = new Map([['x', { kind: 'array' as const, array, file: 'x.npy' }]])
  const typeOf = (type: IoInfo['type']) => makeInputs([info({ type, shape: [1] })], plan({ given }))['x']?.type
  assert.equal([typeOf('float16'), typeOf('bfloat16'), typeOf('float32')], ['float16', 'bfloat16', 'uint16'])
})

test('names that the engine does not have are wrong use, with a suggestion', () => {
  const given = new Map([['pixel', { kind: 'zeros' as const }]])
  const error = failure(() => makeInputs([info({ name: 'pixels' })], plan({ given })))
  assert.is(error.code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.match(error.message, 'no input "pixel". Did you mean "pixels"?')
})

test('a summary is over finite elements, and half floats count as their values', () => {
  const half = tensor('float16', [4], toFloat16(Float32Array.of(1, -2, Number.NaN, Infinity)))
  assert.equal(summarize('y', half), {
    name: 'y',
    type: 'float16',
    shape: [4],
    min: -2,
    max: 1,
    mean: -0.5,
    notFinite: 2,
    first: [1, -2, null, null],
  })
  assert.equal(summarize('y', tensor('int64', [2], [1n, 5n])).mean, 3)
  assert.equal(summarize('y', tensor('float32', [0])), {
    name: 'y',
    type: 'float32',
    shape: [0],
    min: null,
    max: null,
    mean: null,
    notFinite: 0,
    first: [],
  })
})

test('file names are safe and distinct, whatever the tensors are called', () => {
  assert.equal(fileNames(['y', '/head/Add:0', '_head_Add_0', 'Y', '..', '']), [
    'y.npy',
    '_head_Add_0.npy',
    '_head_Add_0-2.npy',
    'Y-2.npy',
    '_.npy',
    '_-2.npy',
  ])
})

test.run()
