import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { writeNpy } from '../../lib/core/npy.js'
import { writeNpz } from '../../lib/core/npz.js'
import { tensor } from '../../lib/core/tensor.js'
import { cpuRuntime } from '../../lib/engine/precision/runtime.js'
import { collectStatistics } from '../../lib/onnx/calibration/collect.js'
import { readTable } from '../../lib/onnx/calibration/table-text.js'
import { readOnnx } from '../../lib/onnx/graph/read.js'
import { cli } from '../support/cli.js'
import { matmul } from '../support/models.js'
import { model as onnx } from '../support/onnx.js'
import { suite } from '../support/suite.js'

// On the CPU backend: what a user gets.
const test = suite('calibration')
let folder = ''
const file = (name: string) => join(folder, name)
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'calibrate-'))
  writeFileSync(file('model.onnx'), matmul())
})
test.after.each(() => rmSync(folder, { recursive: true }))

const rows = (...data: number[]) => ({ type: 'float32' as const, shape: [data.length / 2, 2], data: Float32Array.from(data) })

/** A model of two inputs of which one output is three times the other's. */
const chain = readOnnx(
  onnx({
    inputs: [{ name: 'x', type: 'float32', dims: ['N', 'M'] }],
    outputs: [{ name: 'triple', type: 'float32', dims: ['N', 'M'] }],
    nodes: [
      { op: 'Add', inputs: ['x', 'x'], outputs: ['double'] },
      { op: 'Add', inputs: ['double', 'x'], outputs: ['triple'] },
    ],
  }),
)

test('a folder of arrays becomes a table of ranges', async () => {
  mkdirSync(file('data'))
  writeFileSync(file('data/1.npz'), writeNpz(new Map([['x', rows(1, 1)]])))
  writeFileSync(file('data/2.npz'), writeNpz(new Map([['x', rows(-1, 0)]])))
  const { code, out, err } = await cli([
    'calibrate',
    file('model.onnx'),
    '--calib',
    file('data'),
    '--calibMethod=minmax',
    '-o',
    file('model.calib'),
  ])
  assert.is(code, 0, err)
  assert.match(out, /^2 tensors calibrated on 2 samples by minmax in .*model\.calib\.\n$/)
  const table = readTable(readFileSync(file('model.calib'), 'utf8'))
  // w = [[1, 2], [3, 4]]: (1, 1) gives (4, 6), (-1, 0) gives (-1, -2).
  assert.equal(table.tensors.get('y')?.asymmetric, { low: -2, high: 6 })
  assert.equal(table.tensors.get('y')?.symmetric, { low: -6, high: 6 })
  assert.equal(table.tensors.get('x'), { min: -1, max: 1, asymmetric: { low: -1, high: 1 }, symmetric: { low: -1, high: 1 } })
})

test('auto holds samples out, and tells what each method gave', async () => {
  const data = Array.from({ length: 32 }, (_, i) => Math.sin(i))
  writeFileSync(file('all.npy'), writeNpy(rows(...data)))
  const argv = ['calibrate', file('model.onnx'), '--calib', file('all.npy'), '--calibRows=1', '-o', file('model.calib'), '--json']
  const { code, out, err } = await cli(argv)
  assert.is(code, 0, err)
  const told = JSON.parse(out) as { samples: number; heldOut: number; methods: { error: number; chosen: boolean }[] }
  assert.equal([told.samples, told.heldOut, told.methods.length], [12, 4, 5])
  const chosen = told.methods.find((each) => each.chosen)
  assert.is(chosen?.error, Math.min(...told.methods.map(({ error }) => error)))
})

test('the same data gives the same bytes', async () => {
  writeFileSync(file('all.npy'), writeNpy(rows(...Array.from({ length: 40 }, (_, i) => Math.cos(i)))))
  for (const name of ['a', 'b']) {
    assert.is((await cli(['calibrate', file('model.onnx'), '--calib', file('all.npy'), '--calibRows=2', '-o', file(name)])).code, 0)
  }
  assert.equal(readFileSync(file('a')), readFileSync(file('b')))
})

test('a sample with a NaN is left out and counted', async () => {
  writeFileSync(file('all.npy'), writeNpy(rows(1, 1, Number.NaN, 0, 2, 2)))
  const argv = [
    'calibrate',
    file('model.onnx'),
    '--calib',
    file('all.npy'),
    '--calibRows=1',
    '--calibMethod=minmax',
    '-o',
    file('model.calib'),
  ]
  const { code, err } = await cli(argv)
  assert.is(code, 0)
  assert.match(err, '1 of 3 samples left out for a NaN or an infinity (index 1)')
  assert.match(readFileSync(file('model.calib'), 'utf8'), /\nsamples 2\ndropped 1\n/)
})

test("TensorRT's cache becomes a table, of what the model has", async () => {
  writeFileSync(file('trt.cache'), 'TRT-8601-EntropyCalibration2\nx: 3f800000\nother: 3f800000\n')
  const { code, out, err } = await cli(['calibrate', file('model.onnx'), '--calibCache', file('trt.cache'), '-o', file('model.calib')])
  assert.is(code, 0, err)
  assert.match(out, /^1 range taken from /)
  assert.match(err, '1 name in')
  const { method, tensors } = readTable(readFileSync(file('model.calib'), 'utf8'))
  assert.equal([method, ...tensors.keys(), tensors.get('x')?.symmetric.high], ['entropy', 'x', 127])
})

test('a cache of another model is refused', async () => {
  writeFileSync(file('trt.cache'), 'TRT-8601-EntropyCalibration2\nother: 3f800000\n')
  const { code, err } = await cli(['calibrate', file('model.onnx'), '--calibCache', file('trt.cache'), '-o', file('model.calib')])
  assert.is(code, 1)
  assert.match(err, 'TRT_ERR_NAME')
})

const wrong: readonly [what: string, argv: readonly string[], code: number, message: RegExp][] = [
  ['no data', ['-o', 'x.calib'], 2, /Expected calibration data but received none: give --calib/],
  ['no output', ['--calib', '.'], 2, /Expected --output/],
  ['a folder that is not there', ['--calib', './nowhere', '-o', 'x.calib'], 1, /TRT_ERR_FILE: Cannot read "\.\/nowhere"/],
  ['an unknown method', ['--calib', '.', '--calibMethod=kl', '-o', 'x.calib'], 2, /Allowed choices are auto, minmax/],
]
for (const [what, argv, code, message] of wrong) {
  test(`${what} is refused`, async () => {
    const result = await cli(['calibrate', file('model.onnx'), ...argv])
    assert.is(result.code, code)
    assert.match(result.err, message)
    assert.not(existsSync('x.calib'))
  })
}

test('in groups, memory of outputs is used again, and the counts are those of one piece', async () => {
  const random = (i: number) => ({
    x: tensor(
      'float32',
      [1, 1000],
      Float32Array.from({ length: 1000 }, (_, k) => Math.sin(k * (i + 1))),
    ),
  })
  const samples = Array.from({ length: 6 }, (_, i) => random(i))
  const tensors = ['x', 'double', 'triple']
  const whole = await collectStatistics(chain, tensors, samples, cpuRuntime())
  const parts = await collectStatistics(chain, tensors, samples, cpuRuntime(), { memoryBytes: 8000 })
  assert.equal([whole.groups, parts.groups], [1, 2])
  assert.equal(parts.statistics, whole.statistics)
})

test('inputs may be of another shape each time, in groups too', async () => {
  const samples = [3, 1, 7, 7, 2].map((size) => ({ x: tensor('float32', [size, 2], new Float32Array(2 * size).fill(size)) }))
  for (const memoryBytes of [1, 1e9]) {
    const { statistics } = await collectStatistics(chain, ['triple'], samples, cpuRuntime(), { memoryBytes })
    assert.equal([statistics.get('triple')?.max, statistics.get('triple')?.count], [21, 40])
  }
})

test('outputs whose shape the data decides are counted whole', async () => {
  const model = readOnnx(
    onnx({
      inputs: [{ name: 'x', type: 'float32', dims: ['N'] }],
      outputs: [{ name: 'kept', type: 'float32' }],
      nodes: [
        { op: 'Relu', inputs: ['x'], outputs: ['positive'] },
        { op: 'Cast', inputs: ['positive'], outputs: ['mask'], attributes: { to: 9 } },
        { op: 'Compress', inputs: ['x', 'mask'], outputs: ['kept'] },
      ],
    }),
  )
  const samples = [
    [1, 2, 3, 4],
    [1, -2, -3, 4],
    [1, 2, -3, 4],
    [5, 6, 7, 8],
  ].map((data) => ({ x: tensor('float32', [4], data) }))
  const { statistics } = await collectStatistics(model, ['kept'], samples, cpuRuntime())
  assert.equal([statistics.get('kept')?.count, statistics.get('kept')?.min, statistics.get('kept')?.max], [4 + 2 + 3 + 4, 1, 8])
})

test.run()
