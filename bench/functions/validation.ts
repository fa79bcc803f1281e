import { requireUsable } from '../../lib/core/buffers.js'
import { type Range, checkedSize, formatSpec, matches, shapeFromCount, within } from '../../lib/core/shapes.js'
import { tensor } from '../../lib/core/tensor.js'
import { InputSet } from '../../lib/engine/input-set.js'
import type { HotCase, HotSuite } from '../support/hot.js'

const dims = [-1, 3, 48, -1]
const shape = [8, 3, 48, 320]
const range: Range = { min: [1, 3, 48, 32], opt: [8, 3, 48, 320], max: [32, 3, 48, 1280] }
const names = ['N', '', '', 'W']

function expecting(name: string, wanted: unknown, call: () => unknown): HotCase {
  return {
    name,
    prepare: () => {
      if (JSON.stringify(call()) !== JSON.stringify(wanted)) throw new Error(`${name}: this measures another path`)
      return call
    },
  }
}

const view = new Float32Array(16)

/** The whole way of one input `x`, as `session.run` takes it: what is written is its rank and dimensions. */
function taken(name: string, given: readonly number[], value: unknown, wanted: readonly number[]): HotCase {
  const free = given.includes(-1)
  const inputs = new InputSet(
    [{ name: 'x', type: 'float32', shape: given, dimNames: names, ranges: free ? [range] : [], isShape: false }],
    null,
  )
  const shapes = new Float64Array(inputs.shapeLength)
  return {
    name,
    prepare: () => {
      inputs.take({ x: value }, shapes)
      if (shapes.join() !== [wanted.length, ...wanted].join()) throw new Error(`${name}: this measures another path`)
      return () => inputs.take({ x: value }, shapes)
    },
  }
}

/** Question: what does it cost to look at one input before native code sees it? Every run pays it for every input. */
export const validation: HotSuite = {
  name: 'validation',
  cases: [
    expecting('size of a checked shape', 8 * 3 * 48 * 320, () => checkedSize('shape', shape)),
    expecting('shape against the dimensions of the engine', true, () => matches(shape, dims)),
    expecting('shape against the bounds of a profile', true, () => within(shape, range)),
    expecting('shape from the number of elements', [1, 3, 48, 320], () => shapeFromCount([1, 3, 48, -1], 3 * 48 * 320)),
    expecting('memory that native code may use', undefined, () => requireUsable('input', view, {})),
    taken('an input: typed array, all dimensions fixed', [4, 4], view, [4, 4]),
    taken('an input: tensor, free dimensions within a profile', dims, tensor('float32', shape), shape),
    expecting('text of a shape in an error', '[N, 3, 48, W] with N 1…32 and W 32…1280', () =>
      formatSpec({ shape: dims, dimNames: names, ranges: [range] }),
    ),
  ],
}
