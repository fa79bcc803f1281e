import ndarray from 'ndarray'
import { isContiguous, packInto } from '../../lib/core/strided.js'
import type { HotCase, HotSuite } from '../support/hot.js'

const [height, width, planes] = [224, 224, 3]
const elements = height * width * planes

/** Question: what does an ndarray that is not row-major cost a caller, beside a plain copy of as many elements? */
function packed(name: string, view: ReturnType<typeof ndarray<Float32Array>>, expectContiguous: boolean): HotCase {
  return {
    name,
    prepare: () => {
      if (isContiguous(view.shape, view.stride) !== expectContiguous) throw new Error(`${name}: this measures another path`)
      const target = new Float32Array(elements)
      return expectContiguous ? () => target.set(view.data) : () => packInto(view, target)
    },
  }
}

const picture = Float32Array.from({ length: elements }, (_, i) => i)
const interleaved = ndarray(picture, [height, width, planes])

export const packing: HotSuite = {
  name: 'packing 3 × 224 × 224 float32',
  cases: [
    packed('row-major: one copy', ndarray(picture, [planes, height, width]), true),
    packed('HWC seen as CHW', interleaved.transpose(2, 0, 1), false),
    packed('mirrored left to right', ndarray(picture, [planes, height, width]).step(1, 1, -1), false),
  ],
}
