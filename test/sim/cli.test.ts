import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { cli } from '../support/cli.js'
import { add, matmul } from '../support/models.js'
import { useSimulator } from '../support/simulator.js'
import { suite } from '../support/suite.js'

const backend = useSimulator('trt11')
const test = suite('commands on the simulated device')
const folder = mkdtempSync(join(tmpdir(), 'sim-cli-'))
const file = (name: string) => join(folder, name)

async function succeed(...argv: string[]): Promise<string> {
  const { code, out, err } = await cli(argv)
  assert.is(code, 0, err)
  return out
}

test.before(async () => {
  writeFileSync(file('product.onnx'), matmul())
  writeFileSync(file('sum.onnx'), add())
  const build = [`--backend=${backend}`, '--inProcess', '--quiet']
  await succeed('build', file('product.onnx'), '-o', file('product.engine'), '--batch=1:4:8', '--profilingVerbosity=detailed', ...build)
  await succeed('build', file('sum.onnx'), '-o', file('cpu.engine'), '--backend=cpu', '--quiet')
})
test.after(() => rmSync(folder, { recursive: true }))

test('inspect --layers: layers, times and memory', async () => {
  const text = await succeed('inspect', file('product.engine'), '--layers', '--quiet')
  assert.match(text, /device memory of a lane/)
  assert.match(text, /layer +name +type\n +0 .*MatMul/)
  assert.match(text, /Profile 0, 10 runs on zeros:\n.*\n(.*\n)+total .* 100\.0 %/)
  const json = JSON.parse(await succeed('inspect', file('product.engine'), '--layers', '--json')) as Record<string, unknown[]>
  assert.equal([json['kind'], json['layers']?.length, json['times']?.length], ['engine', 1, 1])
})

test('inspect --layers of a model, or of an engine for the CPU, says what is wrong', async () => {
  const model = await cli(['inspect', file('sum.onnx'), '--layers'])
  assert.is(model.code, 2)
  assert.match(model.err, 'Build it first')
  const cpu = await cli(['inspect', file('cpu.engine'), '--layers'])
  assert.is(cpu.code, 1)
  assert.match(cpu.err, 'TRT_ERR_UNSUPPORTED')
})

test.run()
