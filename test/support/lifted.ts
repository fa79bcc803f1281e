import * as assert from 'uvu/assert'
import { readOnnx } from '../../lib/onnx/graph/read.js'
import { writeOnnx } from '../../lib/onnx/graph/write.js'
import { liftOpset } from '../../lib/onnx/passes/lift.js'
import type { Sample } from '../../lib/onnx/runtime.js'
import { type Model, model } from './onnx.js'
import { largestDifference, runOnce } from './ort.js'

/** The names of the operators that the model lifted to `to` consists of, once it gives what the old one gives. */
export async function requireSame(spec: Model, sample: Sample, to: number): Promise<string> {
  const bytes = model(spec)
  const lifted = liftOpset(readOnnx(bytes), to)
  assert.is(lifted.opsets.get(''), to)
  const [before, after] = await Promise.all([runOnce(bytes, sample), runOnce(writeOnnx(lifted), sample)])
  assert.ok(largestDifference(before, after) <= 1e-6, `differs by ${largestDifference(before, after)}`)
  return lifted.graph.nodes.map(({ opType }) => opType).join(' ')
}
