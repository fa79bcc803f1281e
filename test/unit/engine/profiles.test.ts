import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { batchShapes, type ModelInput, resolveProfiles, type ShapeRanges } from '../../../lib/engine/profiles.js'
import { failure } from '../../support/failure.js'

const test = suite('profiles')
const input = (name: string, shape: number[] | null, dimNames: string[] = []): ModelInput => ({ name, shape, dimNames, ranges: [] })
const inputs = [input('x', [-1, 3], ['N', '']), input('scale', [1])]
const range = { min: [1, 3], opt: [8, 3], max: [32, 3] }
const one = { min: [1], opt: [1], max: [1] }
const refused = (body: () => unknown, code: string, message: RegExp) => {
  const error = failure(body)
  assert.is(error.code, code)
  assert.match(error.message, message)
}
const shapes = (ranges: unknown) => () => resolveProfiles(ranges as ShapeRanges, undefined, inputs)

test('no bounds, no profiles', () => {
  assert.equal(resolveProfiles(undefined, undefined, inputs), [])
})

test('shapes is one profile; inputs of fixed shape are filled in', () => {
  assert.equal(shapes({ x: range })(), [{ x: range, scale: one }])
})

test('one shape stands for least, common and largest', () => {
  assert.equal(shapes({ x: [4, 3] })(), [{ x: { min: [4, 3], opt: [4, 3], max: [4, 3] }, scale: one }])
})

test('profiles keep their order', () => {
  const two = resolveProfiles(undefined, [{ x: [1, 3] }, { x: range }], inputs)
  assert.equal(
    two.map((profile) => profile['x']!.max[0]),
    [1, 32],
  )
})

test('both, or none in a list, is refused', () => {
  refused(() => resolveProfiles({ x: range }, [{ x: range }], inputs), 'TRT_ERR_INVALID_ARGUMENT', /received both/)
  refused(() => resolveProfiles(undefined, [], inputs), 'TRT_ERR_INVALID_ARGUMENT', /at least one profile/)
})

test('an unknown input is told with the nearest', () => {
  refused(shapes({ x: range, scael: [1] }), 'TRT_ERR_NAME', /shapes has bounds for "scael".*Did you mean "scale"\?/)
})

test('an input with a free dimension must have bounds', () => {
  refused(shapes({}), 'TRT_ERR_INVALID_ARGUMENT', /no bounds for input "x", \[N, 3\]/)
})

test('bounds must fit the model and be in order', () => {
  refused(shapes({ x: { ...range, opt: [8, 4] } }), 'TRT_ERR_SHAPE', /shapes\.x\.opt is \[8, 4\]; the model's input takes \[N, 3\]/)
  refused(shapes({ x: { ...range, opt: [64, 3] } }), 'TRT_ERR_SHAPE', /min ≤ opt ≤ max/)
  refused(shapes({ x: { ...range, min: [-1, 3] } }), 'TRT_ERR_SHAPE', /min of shapes\.x/)
  refused(shapes({ x: { min: [1, 3], opt: [1, 3] } }), 'TRT_ERR_SHAPE', /max of shapes\.x but received undefined/)
  refused(shapes({ x: { ...range, optimal: [1, 3] } }), 'TRT_ERR_INVALID_ARGUMENT', /Unknown option "optimal"/)
  refused(shapes({ x: 7 }), 'TRT_ERR_INVALID_ARGUMENT', /an object for shapes\.x/)
})

test('without a model to look into, the numbers alone are checked', () => {
  assert.equal(resolveProfiles({ any: [2] }, undefined, null), [{ any: { min: [2], opt: [2], max: [2] } }])
  refused(() => resolveProfiles({ any: { min: [2], opt: [1], max: [3] } }, undefined, null), 'TRT_ERR_SHAPE', /min ≤ opt/)
  refused(() => resolveProfiles({ any: { min: [1], opt: [1, 2], max: [3] } }, undefined, null), 'TRT_ERR_SHAPE', /min ≤ opt/)
})

test('a batch bounds the first dimension of each input that is free in it', () => {
  const x = { name: 'x', shape: [-1, 3], dimNames: ['N', ''], ranges: [] }
  const fixed = { name: 'w', shape: [2], dimNames: [''], ranges: [] }
  assert.equal(batchShapes({ max: 8 }, [x, fixed]), { x: { min: [1, 3], opt: [8, 3], max: [8, 3] } })
  assert.equal(batchShapes({ min: 2, opt: 4, max: 8 }, [x]), { x: { min: [2, 3], opt: [4, 3], max: [8, 3] } })
  const error = failure(() => batchShapes({ max: 8 }, [{ ...x, shape: [-1, -1] }]))
  assert.equal([error.code, error.details['input']], ['TRT_ERR_SHAPE', 'x'])
})

test('what may be a shape tensor is bounded by its values, and by nobody if they are not given', () => {
  const shape = { name: 's', type: 'int64', shape: [2], dimNames: [''], ranges: [] } as const
  const range = { min: [1, 3], opt: [4, 3], max: [8, 3] }
  assert.equal(resolveProfiles({ s: range }, undefined, [shape]), [{ s: range }])
  assert.equal(resolveProfiles({}, undefined, [shape]), [{}])
})

test.run()
