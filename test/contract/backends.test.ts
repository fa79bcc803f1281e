import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { Engine, type Refusal } from '../../lib/index.js'
import { engineBytes } from '../support/engine-bytes.js'
import { rejection } from '../support/failure.js'
import { matmul } from '../support/models.js'
import { scriptedLibrary, scriptedModel } from '../support/scripted.js'

const test = suite('choice of a backend')
const variable = 'TENSORRT_NODE_ONNXRUNTIME'

async function withVariable(value: string, body: () => Promise<void>): Promise<void> {
  const before = process.env[variable]
  process.env[variable] = value
  try {
    await body()
  } finally {
    if (before === undefined) delete process.env[variable]
    else process.env[variable] = before
  }
}

test('when none can run, each says why and what to do', async () => {
  await withVariable('/no/such/libonnxruntime.so', async () => {
    const error = await rejection(Engine.build(matmul()))
    assert.is(error.code, 'TRT_ERR_UNAVAILABLE')
    assert.match(error.message, /No backend can run here/)
    const refused = error.details['refused'] as Refusal[]
    assert.equal(
      refused.map(({ name }) => name),
      ['tensorrt', 'tensorrt-rtx', 'cpu'],
    )
    assert.match(refused[2]!.reason, /TENSORRT_NODE_ONNXRUNTIME says, but there is no such file/)
  })
})

test('a file that is no library of ONNX Runtime is told with its path', async () => {
  for (const backend of ['cpu', 'auto']) {
    const error = await rejection(Engine.build(matmul(), { backend, onnxruntime: scriptedLibrary }))
    assert.is(error.code, 'TRT_ERR_UNAVAILABLE')
    assert.match(error.message, /scripted\.so/)
  }
})

test('a name that is nearly one of ours is told', async () => {
  const error = await rejection(Engine.build(matmul(), { backend: 'tensort' }))
  assert.is(error.code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.match(error.message, /Did you mean "tensorrt"\?/)
})

test('an engine of another version that does not load says what was built where, and what is here', async () => {
  const payload = scriptedModel(['input x float32 1', 'output y float32 1', 'loadStatus 5'])
  const backend = { library: scriptedLibrary }
  const error = await rejection(Engine.load(engineBytes(payload, { backendVersion: '0.9' }), { backend }))
  assert.is(error.code, 'TRT_ERR_ENGINE')
  assert.match(
    error.message,
    /built with scripted 0\.9 by tensorrt-node@0\.0\.0; here is scripted 1, which does not load it\. Build it again here/,
  )
  const same = await rejection(Engine.load(engineBytes(payload), { backend }))
  assert.is(same.code, 'TRT_ERR_ENGINE')
  assert.not.match(same.message, /built with/)
})

test.run()
