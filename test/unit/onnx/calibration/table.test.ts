import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { makeNode, makeValueInfo } from '../../../../lib/onnx/graph/nodes.js'
import { makeGraph } from '../../../../lib/onnx/graph/nodes.js'
import { readOnnx } from '../../../../lib/onnx/graph/read.js'
import { writeOnnx } from '../../../../lib/onnx/graph/write.js'
import { knownRanges, sharpen } from '../../../../lib/onnx/calibration/known-ranges.js'
import { tableOf, withTable } from '../../../../lib/onnx/calibration/metadata.js'
import { emptyStatistics } from '../../../../lib/onnx/calibration/statistics.js'
import { makeTable } from '../../../../lib/onnx/calibration/table.js'
import { isTable, readTable, writeTable } from '../../../../lib/onnx/calibration/table-text.js'
import { isTensorRtCache, readTensorRtCache } from '../../../../lib/onnx/calibration/tensorrt-cache.js'
import type { CalibrationTable } from '../../../../lib/onnx/calibration/types.js'
import { failure } from '../../../support/failure.js'
import { addConst } from '../../../support/models.js'
import { suite } from '../../../support/suite.js'

const test = suite('calibration tables')

const example: CalibrationTable = {
  format: 1,
  method: 'percentile',
  percentile: 99.99,
  samples: 100,
  dropped: 2,
  tensors: new Map([
    ['conv:0', { min: -0.5, max: 6.25, asymmetric: { low: -0.5, high: 6 }, symmetric: { low: -6, high: 6 } }],
    ['a "quoted" name', { min: 0, max: 1, asymmetric: { low: 0, high: 1 }, symmetric: { low: -1, high: 1 } }],
  ]),
}

test('as text, a line a tensor', () => {
  assert.is(
    writeTable(example),
    [
      'tensorrt-node calibration 1',
      'method percentile 99.99',
      'samples 100',
      'dropped 2',
      '# min max | asymmetric low high | symmetric high | tensor',
      '-0.5 6.25 -0.5 6 6 "conv:0"',
      '0 1 0 1 1 "a \\"quoted\\" name"',
      '',
    ].join('\n'),
  )
})

test('read again it is the same, to the last bit, whatever the names', () => {
  const magnitude = fc.double({ min: 2 ** -60, max: 1e38, noNaN: true })
  const tensor = fc.tuple(magnitude, magnitude).map(([low, high]) => ({
    min: -low,
    max: high,
    asymmetric: { low: -low, high },
    symmetric: { low: -high, high },
  }))
  const tensors = fc.array(fc.tuple(fc.string({ unit: 'binary' }), tensor)).map((entries) => new Map(entries))
  fc.assert(
    fc.property(tensors, (given) => {
      const table = { ...example, tensors: given }
      assert.equal(readTable(writeTable(table)), table)
    }),
    { numRuns: 30 },
  )
})

test('is told from other text by its first words', () => {
  assert.ok(isTable(writeTable(example)))
  assert.not(isTable('TRT-8601-EntropyCalibration2\n'))
})

const damaged: readonly [what: string, edit: (text: string) => string, message: RegExp][] = [
  ['another file', () => 'hello', /line 1 is not "tensorrt-node calibration 1"\. Received "hello"/],
  ['nothing', () => '', /line 1 is missing: expected "tensorrt-node calibration 1"/],
  ['a later version', (text) => text.replace('calibration 1', 'calibration 2'), /line 1 is of version 2; this package reads 1/],
  ['an unknown method', (text) => text.replace('percentile 99.99', 'magic'), /line 2 has no method of minmax/],
  ['a percentile of 200', (text) => text.replace('99.99', '200'), /line 2 has no percentile/],
  ['a negative number of samples', (text) => text.replace('samples 100', 'samples -1'), /line 3 is not "samples"/],
  ['a cut line', (text) => text.replace('-0.5 6.25 -0.5 6 6 "conv:0"', '-0.5 6.25'), /line 6 is not five numbers/],
  ['no number', (text) => text.replace('6.25', '6.2.5'), /line 6 has something else/],
  ['an infinity', (text) => text.replace('6.25', '1e999'), /line 6 has something else/],
  ['ends the wrong way round', (text) => text.replace('-0.5 6 6', '6 -0.5 6'), /line 6 has a range that is empty, or without 0/],
  ['a minimum above the maximum', (text) => text.replace('-0.5 6.25', '7 6.25'), /line 6 has a minimum above/],
  ['a name that ends nowhere', (text) => text.replace('"conv:0"', '"conv\\"'), /line 6 has a name that is not quoted/],
  ['a name twice', (text) => `${text}0 1 0 1 1 "conv:0"\n`, /line 8 names "conv:0" for the second time/],
  ['an end before the tensors', () => 'tensorrt-node calibration 1\nmethod mse\n', /line 3 is missing: expected "samples"/],
]
for (const [what, edit, message] of damaged) {
  test(`${what} is refused by its line`, () => {
    const error = failure(() => readTable(edit(writeTable(example)), 'my.calib'))
    assert.is(error.code, 'TRT_ERR_FILE')
    assert.match(error.message, message)
    assert.match(error.message, 'my.calib')
  })
}

test('in the metadata it goes through the file; the model given is not changed', () => {
  const model = readOnnx(addConst())
  const again = readOnnx(writeOnnx(withTable(model, example)))
  assert.equal(tableOf(again), example)
  assert.is(tableOf(model), null)
})

test('a cache of TensorRT: 127 times the scale, whose bits are in hexadecimal', () => {
  // 0x3f800000 is 1, 0x3c010204 is 1/127 as float32.
  const table = readTensorRtCache(
    'TRT-8601-EntropyCalibration2\ninput: 3f800000\n(Unnamed Layer* 3) [Convolution]_output: 3c010204\nzeros: 0\n',
  )
  const named = (name: string) => table.tensors.get(name)?.symmetric.high
  assert.is(table.method, 'entropy')
  assert.is(named('input'), 127)
  assert.ok(Math.abs(named('(Unnamed Layer* 3) [Convolution]_output')! - 1) < 1e-6)
  assert.is(named('zeros'), 1)
  assert.ok(isTensorRtCache('TRT-8601-EntropyCalibration2'))
})

const damagedCaches: readonly [what: string, text: string, message: RegExp][] = [
  ['another first line', 'input: 3f800000', /line 1 is not "TRT-"/],
  ['an unknown calibrator', 'TRT-8601-MagicCalibration\n', /line 1 names none of EntropyCalibration/],
  ['a line without a number', 'TRT-8601-MinMaxCalibration\nx 3f800000', /line 2 is not a name, a colon/],
  ['a NaN', 'TRT-8601-MinMaxCalibration\n\nx: 7fc00000', /line 3 has the scale NaN/],
  ['a negative scale', 'TRT-8601-MinMaxCalibration\nx: bf800000', /line 2 has the scale -1/],
  ['a name twice', 'TRT-8601-MinMaxCalibration\nx: 3f800000\nx: 3f800000', /line 3 names "x" for the second time/],
]
for (const [what, text, message] of damagedCaches) {
  test(`a cache with ${what} is refused by its line`, () => {
    const error = failure(() => readTensorRtCache(text))
    assert.is(error.code, 'TRT_ERR_FILE')
    assert.match(error.message, message)
  })
}

const graph = makeGraph({
  inputs: [makeValueInfo('x', 'float32', [4])],
  nodes: [makeNode('Relu', ['x'], ['relu']), makeNode('Tanh', ['relu'], ['tanh']), makeNode('Softmax', ['tanh'], ['p'])],
  outputs: [makeValueInfo('p', 'float32', [4])],
})

test('what cannot be negative gets the positive half of a range around zero', () => {
  const cache = readTensorRtCache('TRT-8601-EntropyCalibration2\nrelu: 3f800000\ntanh: 3f800000\n')
  const { tensors } = sharpen(cache, graph)
  assert.equal(
    [...tensors.values()].map(({ asymmetric }) => asymmetric),
    [
      { low: 0, high: 127 },
      { low: -127, high: 127 },
    ],
  )
})

test('of a Softmax the range is known: 0 to 1', () => {
  const statistics = new Map([
    ['tanh', emptyStatistics()],
    ['p', { ...emptyStatistics(), min: 0.1, max: 0.4, count: 4 }],
  ])
  const { tensors } = makeTable(statistics, { method: 'minmax' }, { samples: 1, dropped: 0, known: knownRanges(graph) })
  assert.equal(tensors.get('p'), { min: 0.1, max: 0.4, asymmetric: { low: 0, high: 1 }, symmetric: { low: -1, high: 1 } })
})

test.run()
