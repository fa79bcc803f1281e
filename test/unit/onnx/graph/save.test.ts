import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as assert from 'uvu/assert'
import { openOnnx, withWeightsInside } from '../../../../lib/onnx/graph/open.js'
import { makeGraph, makeNode, makeValueInfo } from '../../../../lib/onnx/graph/nodes.js'
import { readOnnx } from '../../../../lib/onnx/graph/read.js'
import { saveOnnx } from '../../../../lib/onnx/graph/save.js'
import { Weights } from '../../../../lib/onnx/graph/weights.js'
import { writeOnnx } from '../../../../lib/onnx/graph/write.js'
import type { OnnxModel } from '../../../../lib/onnx/graph/types.js'
import { rejection, failure } from '../../../support/failure.js'
import * as models from '../../../support/models.js'
import { suite } from '../../../support/suite.js'

const test = suite('onnx files')
let folder = ''
const at = (name: string) => path.join(folder, name)
test.before.each(() => void (folder = mkdtempSync(path.join(tmpdir(), 'onnx-files-'))))
test.after.each(() => rmSync(folder, { recursive: true }))

/** Two large initializers of the same bytes, one of others, a small one. */
function withWeights(): OnnxModel {
  const shared = Float32Array.from({ length: 600 }, (_, i) => i)
  const of = (name: string, values: Float32Array) => [name, Weights.of(name, 'float32', [values.length], values)] as const
  const initializers = new Map([
    of('a', shared),
    of('b', shared),
    of(
      'c',
      shared.map((value) => -value),
    ),
    of('small', Float32Array.of(7)),
  ])
  const graph = makeGraph({
    nodes: [makeNode('Sum', ['a', 'b', 'c'], ['y'])],
    outputs: [makeValueInfo('y', 'float32', [600])],
    initializers,
  })
  return { ...readOnnx(models.add()), graph }
}
const floatsOf = (model: OnnxModel, name: string) => [...model.graph.initializers.get(name)!.floats()]

test('a model saved is the model written, and nothing else is left in the folder', async () => {
  const model = withWeights()
  await saveOnnx(model, at('m.onnx'))
  assert.is(Buffer.compare(readFileSync(at('m.onnx')), writeOnnx(model)), 0)
  assert.equal(readdirSync(folder), ['m.onnx'])
})

test('large weights go into a file beside, at multiples of 4096, what layers share only once', async () => {
  await saveOnnx(withWeights(), at('m.onnx'), { externalData: 'm.data' })
  const { initializers } = readOnnx(readFileSync(at('m.onnx'))).graph
  const place = (name: string) => initializers.get(name)!.external
  assert.equal(place('a'), { location: 'm.data', offset: 0, length: 2400 })
  assert.equal(place('b'), place('a'))
  assert.equal(place('c'), { location: 'm.data', offset: 4096, length: 2400 })
  assert.is(place('small'), null)
  assert.is(statSync(at('m.data')).size, 4096 + 2400)
})

test('external data is read when somebody asks, and comes back inside when the model is saved so', async () => {
  const model = withWeights()
  await saveOnnx(model, at('m.onnx'), { externalData: 'm.data' })
  const opened = await openOnnx(at('m.onnx'))
  for (const name of ['a', 'b', 'c', 'small']) assert.equal(floatsOf(opened, name), floatsOf(model, name))
  await saveOnnx(opened, at('whole.onnx'))
  assert.is(Buffer.compare(readFileSync(at('whole.onnx')), writeOnnx(model)), 0)
  assert.is(Buffer.compare(writeOnnx(withWeightsInside(opened)), writeOnnx(model)), 0)
  // The model still refers to its file when only its bytes are asked for.
  assert.equal(readOnnx(writeOnnx(opened)).graph.initializers.get('c')!.external, opened.graph.initializers.get('c')!.external)
})

test('a model can be saved over itself; the one opened before says that its file has changed', async () => {
  await saveOnnx(withWeights(), at('m.onnx'), { externalData: 'm.data' })
  const opened = await openOnnx(at('m.onnx'))
  opened.graph.initializers.delete('a')
  await saveOnnx(opened, at('m.onnx'), { externalData: 'm.data' })
  const again = await openOnnx(at('m.onnx'))
  assert.equal(floatsOf(again, 'c'), floatsOf(withWeights(), 'c'))
  const error = failure(() => floatsOf(opened, 'c'))
  assert.is(error.code, 'TRT_ERR_FILE')
  assert.match(error.message, 'changed')
})

test('a file that is cut short, gone, or elsewhere is an error when the model is opened', async () => {
  const file = models.writeExternal(folder)
  assert.equal(floatsOf(await openOnnx(file), 'w'), [10, 20])
  truncateSync(at('weights.bin'), 4100)
  assert.is((await rejection(openOnnx(file))).code, 'TRT_ERR_FILE')
  rmSync(at('weights.bin'))
  assert.is((await rejection(openOnnx(file))).code, 'TRT_ERR_FILE')
  mkdirSync(at('inner'))
  writeFileSync(at('secret'), new Uint8Array(8192))
  symlinkSync(at('secret'), at('inner/weights.bin'))
  writeFileSync(at('inner/model.onnx'), models.external())
  assert.is((await rejection(openOnnx(at('inner/model.onnx')))).code, 'TRT_ERR_MODEL')
  assert.is((await rejection(openOnnx(at('none.onnx')))).code, 'TRT_ERR_FILE')
})

test('a file written to after the model was opened is not read as if it were the same', async () => {
  const opened = await openOnnx(models.writeExternal(folder))
  appendFileSync(at('weights.bin'), 'more')
  assert.is(failure(() => floatsOf(opened, 'w')).code, 'TRT_ERR_FILE')
})

test('a model of 2 GiB and more in one piece is refused before anything is read or written, saying what to do', async () => {
  const size = 2 ** 29
  const huge = withWeights()
  huge.graph.initializers.set('a', Weights.external('a', 'float32', [size], { location: 'weights.bin', offset: 0, length: size * 4 }))
  for (const error of [failure(() => withWeightsInside(huge)), await rejection(saveOnnx(huge, at('m.onnx')))]) {
    assert.is(error.code, 'TRT_ERR_UNSUPPORTED')
    assert.match(error.message, 'protobuf')
  }
  assert.equal(readdirSync(folder), [])
})

for (const externalData of ['', '../x', 'a/b', '/x', '.hidden', 'm.onnx', '*1']) {
  test(`"${externalData}" is no name for a file of weights`, async () => {
    assert.is((await rejection(saveOnnx(withWeights(), at('m.onnx'), { externalData }))).code, 'TRT_ERR_INVALID_ARGUMENT')
  })
}

test('unknown options and external data without a folder are errors', async () => {
  assert.is((await rejection(saveOnnx(withWeights(), at('m.onnx'), { external: 'x' } as never))).code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.is((await rejection(saveOnnx(readOnnx(models.external()), at('m.onnx')))).code, 'TRT_ERR_UNSUPPORTED')
})

test.run()
