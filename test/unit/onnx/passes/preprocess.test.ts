import * as assert from 'uvu/assert'
import { foldPreprocessing } from '../../../../lib/onnx/passes/preprocess.js'
import { floatModel, node, textOf } from '../../../support/float-models.js'
import { failure } from '../../../support/failure.js'
import { suite } from '../../../support/suite.js'

const test = suite('folded preprocessing')
const picture = (dims: readonly (number | string)[]) =>
  floatModel({ inputs: [['x', 'float32', dims]], outputs: [['y', 'float32', dims]], nodes: [node('Relu: x -> y')] })
const nchw = picture(['N', 3, 'H', 'W'])
const input = (model: ReturnType<typeof foldPreprocessing>) => {
  const { type, dims } = model.graph.inputs[0]!
  return [type, dims]
}

test('bytes of pixels meet their Cast first, then become normalised planes', () => {
  const model = foldPreprocessing(nchw, { mean: [0.25, 0.5, 0.75], std: 0.5, order: 'bgr' })
  assert.equal(textOf(model.graph), [
    'Cast: x -> x_prepared_0',
    'Transpose: x_prepared_0 -> x_prepared_1',
    'Gather: x_prepared_1 x_swap -> x_prepared_2',
    'Mul: x_prepared_2 x_factor -> x_prepared_3',
    'Add: x_prepared_3 x_offset -> x_prepared',
    'Relu: x_prepared -> y',
  ])
  assert.equal(input(model), ['uint8', ['N', 'H', 'W', 3]])
  const weights = (name: string) => model.graph.initializers.get(name)!
  assert.equal([weights('x_factor').dims, [...weights('x_factor').floats()]], [[1], [Math.fround(2 / 255)]])
  assert.equal(
    [weights('x_offset').dims, [...weights('x_offset').floats()]],
    [
      [3, 1, 1],
      [-0.5, -1, -1.5],
    ],
  )
  assert.equal(input(nchw), ['float32', ['N', 3, 'H', 'W']], 'the given model is as it was')
})

test('what is not needed is not there', () => {
  assert.equal(textOf(foldPreprocessing(nchw, { layout: 'nchw', scale: 1 }).graph), ['Cast: x -> x_prepared', 'Relu: x_prepared -> y'])
  const nhwc = foldPreprocessing(picture([1, 8, 8, 4]), { modelLayout: 'nhwc', mean: [1, 2, 3, 4], scale: 1 })
  assert.equal(textOf(nhwc.graph).slice(0, 2), ['Cast: x -> x_prepared_0', 'Add: x_prepared_0 x_offset -> x_prepared'])
  assert.equal([input(nhwc), nhwc.graph.initializers.get('x_offset')!.dims], [['uint8', [1, 8, 8, 4]], [4]])
})

test('wrong ranks, channels and types are told with what the input is', () => {
  const code = (model: typeof nchw, options: Parameters<typeof foldPreprocessing>[1]) =>
    failure(() => foldPreprocessing(model, options)).message
  assert.match(code(picture([1, 3, 8]), {}), 'TRT_ERR_SHAPE: Preprocessing expects pictures [N, C, H, W] at input "x", which is [1, 3, 8].')
  assert.match(code(picture([1, 4, 8, 8]), { mean: [1, 2, 3] }), '3 channels, as many as mean has, at input "x"')
  assert.match(code(picture([1, 1, 8, 8]), { order: 'bgr' }), 'three channels, which can be swapped,')
  assert.match(code(nchw, { std: [1, 0, 1] }), 'TRT_ERR_INVALID_ARGUMENT: Expected no 0 in preprocess.std')
  assert.match(code(nchw, { mean: [1, 2], std: [1, 2, 3] }), 'mean has 2 values and preprocess.std 3')
  assert.match(code(nchw, { input: 'z' }), 'TRT_ERR_NAME: preprocess.input is "z", but the model\'s inputs are x.')
  assert.match(code(nchw, { meen: 1 } as never), 'Did you mean "mean"?')
  const bytes = floatModel({
    inputs: [['x', 'uint8', [1, 3, 8, 8]]],
    outputs: [['y', 'uint8', [1, 3, 8, 8]]],
    nodes: [node('Identity: x -> y')],
  })
  assert.match(code(bytes, {}), 'TRT_ERR_TYPE: Preprocessing goes before a float32 input, but "x" is uint8.')
})

test('with several inputs it must be said which takes pictures', () => {
  const dims = [1, 3, 8, 8]
  const model = floatModel({
    inputs: [
      ['a', 'float32', dims],
      ['b', 'float32', dims],
    ],
    outputs: [['y', 'float32', dims]],
    nodes: [node('Add: a b -> y')],
  })
  assert.match(failure(() => foldPreprocessing(model, {})).message, 'The model has 2 inputs (a, b)')
  assert.is(textOf(foldPreprocessing(model, { input: 'b', layout: 'nchw', scale: 1 }).graph)[1], 'Add: a b_prepared -> y')
})

test.run()
