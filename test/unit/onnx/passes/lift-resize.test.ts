import * as assert from 'uvu/assert'
import { readOnnx } from '../../../../lib/onnx/graph/read.js'
import { liftOpset } from '../../../../lib/onnx/passes/lift.js'
import { image, ints, modelOf, numbers, sampleOf } from '../../../support/lift-cases.js'
import { requireSame } from '../../../support/lifted.js'
import { model, type Node } from '../../../support/onnx.js'
import { suite } from '../../../support/suite.js'

const test = suite('opset lift of Resize')

const coordinates = ['half_pixel', 'asymmetric', 'align_corners', 'pytorch_half_pixel', 'tf_half_pixel_for_nn'] as const
const nearest = ['floor', 'ceil', 'round_prefer_floor', 'round_prefer_ceil'] as const
for (const coordinate of coordinates) {
  for (const mode of coordinate === 'tf_half_pixel_for_nn' ? (['floor'] as const) : nearest) {
    for (const scales of [
      [1, 1, 2, 3],
      [1, 1, 1.3, 0.5],
    ]) {
      test(`Resize of 11, ${coordinate}, ${mode}, by ${scales}: the same in 21`, async () => {
        const node: Node = { op: 'Resize', attributes: { coordinate_transformation_mode: coordinate, nearest_mode: mode, mode: 'nearest' } }
        const constants = [numbers('roi', [0]), numbers('scales', [4], ...scales)]
        await requireSame(modelOf({ opset: 11, node, x: image, constants }), sampleOf(image), 21)
      })
    }
  }
}

for (const mode of ['linear', 'cubic']) {
  test(`Resize of 11 to sizes, ${mode}: the same in 21, and without its empty inputs`, async () => {
    const node: Node = { op: 'Resize', attributes: { mode } }
    const constants = [numbers('roi', [0]), numbers('scales', [0]), ints('sizes', 1, 2, 7, 3)]
    const spec = modelOf({ opset: 11, node, x: image, constants })
    await requireSame(spec, sampleOf(image), 21)
    assert.equal(liftOpset(readOnnx(model(spec)), 21).graph.nodes[0]!.inputs, ['x', '', '', 'sizes'])
  })
}

test.run()
