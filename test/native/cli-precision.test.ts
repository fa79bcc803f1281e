import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { writeNpy } from '../../lib/core/npy.js'
import { inspectModel } from '../../lib/onnx/inspect.js'
import { cli } from '../support/cli.js'
import { model } from '../support/onnx.js'
import { suite } from '../support/suite.js'

// optimize, and the flags of precision that it has in common with build.
const test = suite('cli-precision')
let folder = ''
const file = (name: string) => join(folder, name)
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-precision-'))
  writeFileSync(file('model.onnx'), doubled())
  const data = Float32Array.from({ length: 8 * 16 }, (_, i) => Math.sin(i))
  writeFileSync(file('x.npy'), writeNpy({ type: 'float32', shape: [8, 16], data }))
})
test.after.each(() => rmSync(folder, { recursive: true }))

/** Five times 16 → 16 with Relu between, and a scale behind to clean up. */
function doubled(): Uint8Array {
  const layers = ['a', 'b', 'c', 'd', 'e']
  return model({
    inputs: [{ name: 'x', type: 'float32', dims: ['N', 16] }],
    outputs: [{ name: 'y', type: 'float32', dims: ['N', 16] }],
    initializers: [
      { name: 'w', type: 'float32', dims: [16, 16], data: Float32Array.from({ length: 256 }, (_, i) => Math.cos(i * i)) },
      { name: 'two', type: 'float32', dims: [1], data: Float32Array.of(2) },
    ],
    nodes: [
      ...layers.flatMap((name, i) => [
        { op: 'Gemm', inputs: [i === 0 ? 'x' : `${layers[i - 1]}r`, 'w'], outputs: [name] },
        { op: 'Relu', inputs: [name], outputs: [`${name}r`] },
      ]),
      { op: 'Gemm', inputs: ['er', 'w'], outputs: ['f'] },
      { op: 'Mul', inputs: ['f', 'two'], outputs: ['y'] },
    ],
  })
}

async function succeed(...argv: string[]): Promise<string> {
  const { code, out, err } = await cli(argv)
  assert.is(code, 0, err)
  return out
}

const operators = (name: string) => inspectModel(readFileSync(file(name))).operators
const int8 = () => ['--int8', '--calib', file('x.npy'), '--calibRows', '1']

test('optimize cleans up, and says so', async () => {
  const out = await succeed('optimize', file('model.onnx'), '-o', file('out.onnx'))
  assert.match(out, /^Written in .*out\.onnx/)
  assert.match(out, /Cleaned up: 1 affine-into-layer/)
  assert.equal(operators('out.onnx'), { Gemm: 6, Relu: 5 })
})

test('optimize --fp16 casts, with the report where it is wanted', async () => {
  await succeed('optimize', file('model.onnx'), '-o', file('out.onnx'), '--fp16', '--keepIOTypes=no', '--report', file('r.json'))
  assert.is(inspectModel(readFileSync(file('out.onnx'))).inputs[0]?.type, 'float16')
  assert.is((JSON.parse(readFileSync(file('r.json'), 'utf8')) as { precision: string }).precision, 'fp16')
})

test('optimize and build --int8 take calibration data', async () => {
  await succeed('optimize', file('model.onnx'), '-o', file('out.onnx'), ...int8())
  assert.ok('tensorrt-node.calibration' in inspectModel(readFileSync(file('out.onnx'))).metadata)
  const facts = JSON.parse(await succeed('build', file('model.onnx'), '-o', file('m.engine'), '--backend=cpu', '--json', ...int8())) as {
    precision: string
    report: { precision: string }
  }
  assert.equal([facts.precision, facts.report.precision], ['int8', 'int8'])
})

test('--best is int8 and float16 where there is calibration data, else float16', async () => {
  const best = async (...argv: string[]) => {
    const out = await succeed('optimize', file('model.onnx'), '-o', file('out.onnx'), '--json', '--best', ...argv)
    return (JSON.parse(out) as { report: { precision: string } }).report.precision
  }
  assert.equal([await best(), await best(...int8().slice(1))], ['fp16', 'int8+fp16'])
})

test('flags that do not go together are wrong use', async () => {
  const cases: [string[], RegExp][] = [
    [['--int8'], /Expected calibration data for int8: give --calib/],
    [['--int8', '--bf16'], /Expected one of --fp16, --bf16, --int8, --best/],
    [['--fp16', '--precision=fp32'], /Expected --precision or --fp16, but received both/],
    [['--fp16', '--keepIOTypes=maybe'], /Expected yes or no for --keepIOTypes/],
    [['--fp16', '--exclude=a,,b'], /names separated by commas for --exclude/],
    [['--preprocess', '[1]'], /a JSON object for --preprocess/],
  ]
  for (const [argv, message] of cases) {
    const { code, err } = await cli(['optimize', file('model.onnx'), '-o', file('out.onnx'), ...argv])
    assert.is(code, 2, err)
    assert.match(err, message)
  }
  assert.match((await cli(['optimize', file('model.onnx')])).err, /Expected --output/)
})

test.run()
