import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { inspectFile } from '../../../lib/cli/inspect/inspect-file.js'
import { renderInspection } from '../../../lib/cli/view/inspection.js'
import { findPlan } from '../../../lib/engine/tensorrt/plan.js'
import { rejection } from '../../support/failure.js'
import { engineBytes } from '../../support/engine-bytes.js'
import * as models from '../../support/models.js'

const test = suite('inspect')
let folder = ''
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'inspect-'))
})
test.after(() => rmSync(folder, { recursive: true }))

const { signal } = new AbortController()
function inspect(content: string | Uint8Array) {
  const file = join(folder, 'file')
  writeFileSync(file, content)
  return inspectFile(file, signal)
}

test('an ONNX model: inputs, outputs, operators, weights', async () => {
  const inspection = await inspect(models.addConst())
  assert.is(inspection.kind, 'onnx')
  const text = renderInspection(inspection)
  assert.match(text, /ONNX model/)
  assert.match(text, /operators +Add 1\n/)
  assert.match(text, /weights +1 initializer of 4 B/)
  assert.match(text, /input +x +float32 +\[N, 3\]\n/)
  assert.match(text, /output +y +float32 +\[N, 3\]\n/)
})

test('an ONNX model with weights in other files: which, and how large they must be', async () => {
  assert.match(renderInspection(await inspect(models.external())), /external data +weights\.bin: 1 tensor, at least 4\.1 kB/)
})

test('an engine: from its header alone, with the bounds of its profiles', async () => {
  const profiles = [{ x: { min: [1, 4], opt: [2, 4], max: [8, 4] } }]
  const outputs = [{ name: 'y', type: 'float16', shape: null, dimNames: [] }] as const
  const inspection = await inspect(engineBytes(Buffer.from('payload'), { profiles, outputs }))
  assert.is(inspection.kind, 'engine')
  const text = renderInspection(inspection)
  assert.match(text, /backend +scripted 1\n/)
  assert.match(text, /input +x +float32 +\[N, 4\] with N 1…8\n/)
  assert.match(text, /output +y +float16 +any shape\n/)
})

test('TensorRT plans: bare, and with what Ultralytics writes before them', async () => {
  assert.match(renderInspection(await inspect('ftrt and the rest')), 'a bare TensorRT plan')
  const metadata = JSON.stringify({ task: 'detect', imgsz: [640, 640] })
  const wrapped = Buffer.concat([Uint8Array.of(metadata.length, 0, 0, 0), Buffer.from(`${metadata}ftrtplan`)])
  assert.match(renderInspection(await inspect(wrapped)), /metadata +imgsz = \[640,640\]/)
})

test('what only looks like a wrapped plan is none', () => {
  for (const text of ['', 'abc', '\x02\0\0\0{}', '\x02\0\0\0[[ftrt', '\xff\xff\xff\xff{}ftrt']) {
    assert.is(findPlan(Buffer.from(text, 'latin1')), null, text)
  }
})

test('what is nothing known is refused with what it is', async () => {
  assert.is((await rejection(inspect('{"a": 1}'))).code, 'TRT_ERR_MODEL')
  assert.is((await rejection(inspect(''))).code, 'TRT_ERR_MODEL')
  assert.is((await rejection(inspectFile(folder, signal))).code, 'TRT_ERR_FILE')
  assert.is((await rejection(inspectFile(join(folder, 'none'), signal))).code, 'TRT_ERR_FILE')
  assert.is((await rejection(inspect(engineBytes(Buffer.from('payload')).subarray(0, 100)))).code, 'TRT_ERR_ENGINE')
})

test.run()
