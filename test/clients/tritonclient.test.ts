import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as assert from 'uvu/assert'
import { createServer } from '../../lib/server/index.js'
import { model as onnxModel } from '../support/onnx.js'
import { suite } from '../support/suite.js'

/**
 * @timeout 120
 * The official Triton client (PyPI `tritonclient`), which `npm run test:clients` fetches, against a real session on the CPU.
 */
const test = suite('tritonclient')
const run = promisify(execFile)

const model = onnxModel({
  inputs: [
    { name: 'x', type: 'float32', dims: ['N', 4] },
    { name: 'n', type: 'int64', dims: ['N'] },
  ],
  outputs: [
    { name: 'y', type: 'float32', dims: ['N', 4] },
    { name: 'm', type: 'int64', dims: ['N'] },
  ],
  initializers: [
    { name: 'two', type: 'float32', dims: [], data: new Float32Array([2]) },
    { name: 'one', type: 'int64', dims: [], data: new BigInt64Array([1n]) },
  ],
  nodes: [
    { op: 'Mul', inputs: ['x', 'two'], outputs: ['y'] },
    { op: 'Add', inputs: ['n', 'one'], outputs: ['m'] },
  ],
})

const packages = process.env['TEST_CLIENTS_PYTHON']
if (packages === undefined) throw new Error('TEST_CLIENTS_PYTHON is not set: run these suites with npm run test:clients')

/** What the client saw, from one run of it: each test looks at a part. */
const seen = (async (): Promise<Record<string, unknown>> => {
  const folder = await mkdtemp(join(tmpdir(), 'models-'))
  try {
    for (const name of ['scale', 'spare']) await put(join(folder, name))
    await using server = await createServer({ models: folder, port: 0, management: true, repository: { backend: 'cpu' } })
    const script = join(import.meta.dirname, 'fixtures/tritonclient_http.py')
    const { stdout } = await run('python3', [script, new URL(server.url).host], { env: { ...process.env, PYTHONPATH: packages } })
    return JSON.parse(stdout) as Record<string, unknown>
  } finally {
    await rm(folder, { recursive: true })
  }
})()

async function put(folder: string): Promise<void> {
  await mkdir(join(folder, '1'), { recursive: true })
  await writeFile(join(folder, '1/model.onnx'), model)
  await writeFile(join(folder, 'labels.txt'), 'a\nb\nc\nd\n')
  await writeFile(join(folder, 'config.pbtxt'), 'max_batch_size: 8 dynamic_batching {} output { name: "y" label_filename: "labels.txt" }')
}

// 2⁵³ + 1 and −2⁶²: a double on the way would show.
const answer = {
  y: [
    [0, 2, 4, 6],
    [8, 10, 12, 14],
  ],
  m: ['9007199254740994', '-4611686018427387903'],
}

test('it finds server and model alive and ready, and a stranger not', async () => {
  const { live, ready, modelReady, versionReady, strangerReady } = await seen
  assert.equal(
    { live, ready, modelReady, versionReady, strangerReady },
    { live: true, ready: true, modelReady: true, versionReady: true, strangerReady: false },
  )
})

test('it reads the metadata', async () => {
  const { server, model: told } = (await seen) as { server: { name: string }; model: { inputs: object[] } }
  assert.is(server.name, 'tensorrt-node')
  assert.equal(told.inputs, [
    { name: 'x', datatype: 'FP32', shape: [-1, 4] },
    { name: 'n', datatype: 'INT64', shape: [-1] },
  ])
})

for (const how of ['json', 'binary', 'mixed', 'all', 'gzip', 'deflate']) {
  test(`an inference by ${how} is exact`, async () => assert.equal((await seen)[how], answer))
}

test('eight at once, pooled and with asyncio, are all answered', async () => {
  const { pooled, aio } = await seen
  const eight = Array.from({ length: 8 }, () => answer)
  assert.equal(pooled, eight)
  assert.equal(aio, eight)
})

test('classes come as it decodes them', async () => {
  assert.equal((await seen)['classes'], [
    ['6.000000:3:d', '4.000000:2:c'],
    ['14.000000:3:d', '12.000000:2:c'],
  ])
})

test('it lists, unloads and loads models', async () => {
  const { index, unloaded, loaded } = await seen
  assert.equal(index, [
    { name: 'scale', version: '1', state: 'READY' },
    { name: 'spare', version: '1', state: 'READY' },
  ])
  assert.equal([unloaded, loaded], [false, true])
})

test('the statistics count what it has sent', async () => {
  assert.is((await seen)['statistics'], 15)
})

for (const [what, status] of Object.entries({ unknownModel: '404', unknownInput: '400', missingInput: '400', late: '503' })) {
  test(`it reports ${what} as an error of status ${status}`, async () => {
    const refused = (await seen)[what] as { type: string; status: string; message: string }
    assert.is(refused.type, 'InferenceServerException')
    assert.is(refused.status, status)
    assert.match(refused.message, /TRT_ERR_/)
  })
}

test.run()
