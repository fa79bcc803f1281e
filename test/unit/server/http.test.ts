import { gunzipSync, gzipSync, inflateSync } from 'node:zlib'
import Fastify from 'fastify'
import * as assert from 'uvu/assert'
import { TrtError } from '../../../lib/core/errors.js'
import { inferenceProtocol } from '../../../lib/server/index.js'
import { Doubling, serve } from '../../support/server/doubling.js'
import { suite } from '../../support/suite.js'

/** The plugin, in a Fastify service with a model that doubles. */
const test = suite('http')
const url = '/v2/models/double/infer'
const headHeader = 'inference-header-content-length'
const json = (body: unknown) => ({
  method: 'POST' as const,
  url,
  headers: { 'content-type': 'application/json' },
  payload: JSON.stringify(body),
})
const x = (data: unknown = [1, 2]) => ({ name: 'x', shape: [1, 2], datatype: 'FP32', data })

/** x as bytes behind the JSON. */
function binary(values: readonly number[], more: object = {}) {
  const bytes = Buffer.from(new Float32Array(values).buffer)
  const tensor = { name: 'x', shape: [values.length / 2, 2], datatype: 'FP32', parameters: { binary_data_size: bytes.length } }
  const head = Buffer.from(JSON.stringify({ inputs: [tensor], ...more }))
  return { method: 'POST' as const, url, headers: { [headHeader]: String(head.length) }, payload: Buffer.concat([head, bytes]) }
}

const floats = (bytes: Buffer) => [...new Float32Array(new Uint8Array(bytes).buffer)]

test('the server and its model say what they are', async () => {
  const app = await serve(new Doubling())
  const server = (await app.inject('/v2')).json<{ name: string; extensions: string[] }>()
  assert.is(server.name, 'tensorrt-node')
  assert.ok(server.extensions.includes('binary_tensor_data'))
  assert.equal((await app.inject('/v2/models/double')).json(), {
    name: 'double',
    versions: ['1'],
    platform: 'tensorrt_node',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 2] }],
  })
  assert.equal((await app.inject('/v2/models/double/versions/1')).json(), (await app.inject('/v2/models/double')).json())
})

test('live at once, ready when the model is', async () => {
  const model = new Doubling()
  model.ready = false
  const app = await serve(model)
  assert.is((await app.inject('/v2/health/live')).statusCode, 200)
  const waiting = await app.inject('/v2/health/ready')
  assert.is(waiting.statusCode, 503)
  assert.equal(waiting.json(), { ready: false, waiting: ['double'] })
  assert.is((await app.inject('/v2/models/double/ready')).statusCode, 503)
  assert.is((await app.inject(json({ inputs: [x()] }))).statusCode, 503)
  model.ready = true
  assert.equal((await app.inject('/v2/health/ready')).json(), { ready: true })
  assert.equal((await app.inject('/v2/models/double/ready')).json(), { name: 'double', ready: true })
})

test('JSON in, JSON out', async () => {
  const app = await serve(new Doubling())
  const answer = await app.inject(json({ id: 'a1', inputs: [x()] }))
  assert.is(answer.statusCode, 200)
  assert.equal(answer.json(), {
    model_name: 'double',
    model_version: '1',
    id: 'a1',
    outputs: [{ name: 'y', datatype: 'FP32', shape: [1, 2], data: [2, 4] }],
  })
})

test('bytes in, bytes out', async () => {
  const app = await serve(new Doubling())
  const answer = await app.inject(binary([1, 2, 3, 4], { outputs: [{ name: 'y', parameters: { binary_data: true } }] }))
  assert.is(answer.headers['content-type'], 'application/octet-stream')
  const head = Number(answer.headers[headHeader])
  assert.equal(floats(answer.rawPayload.subarray(head)), [2, 4, 6, 8])
  assert.equal((JSON.parse(answer.rawPayload.subarray(0, head).toString()) as { outputs: unknown[] }).outputs, [
    { name: 'y', datatype: 'FP32', shape: [2, 2], parameters: { binary_data_size: 16 } },
  ])
})

test('large outputs are written as they lie, with their length', async () => {
  const app = await serve(new Doubling())
  const answer = await app.inject(binary(new Array<number>(40_000).fill(1), { parameters: { binary_data_output: true } }))
  assert.is(Number(answer.headers['content-length']), answer.rawPayload.length)
  assert.ok(floats(answer.rawPayload.subarray(Number(answer.headers[headHeader]))).every((value) => value === 2))
})

test('a body of bytes alone is the only input, and is answered in bytes', async () => {
  const app = await serve(new Doubling())
  const answer = await app.inject({
    method: 'POST',
    url,
    headers: { [headHeader]: '0' },
    payload: Buffer.from(new Float32Array([5, 6]).buffer),
  })
  assert.equal(floats(answer.rawPayload.subarray(Number(answer.headers[headHeader]))), [10, 12])
  const odd = await app.inject({ method: 'POST', url, headers: { [headHeader]: '0' }, payload: Buffer.alloc(7) })
  assert.is(odd.statusCode, 400)
})

test('compressed bodies are understood, and answers compressed where the client takes it', async () => {
  const app = await serve(new Doubling())
  const { payload, headers } = binary(new Array<number>(2000).fill(1), { parameters: { binary_data_output: true } })
  const send = (accept: string) =>
    app.inject({
      method: 'POST',
      url,
      headers: { ...headers, 'content-encoding': 'gzip', 'accept-encoding': accept },
      payload: gzipSync(payload),
    })
  const zipped = await send('br, gzip')
  assert.is(zipped.headers['content-encoding'], 'gzip')
  const deflated = await send('gzip;q=0, deflate')
  assert.is(deflated.headers['content-encoding'], 'deflate')
  const plain = await send('')
  for (const bytes of [gunzipSync(zipped.rawPayload), inflateSync(deflated.rawPayload)]) assert.equal(bytes, plain.rawPayload)
})

test('classes are asked for by output', async () => {
  const app = Fastify()
  await app.register(inferenceProtocol, { models: { double: { runner: new Doubling(), labels: { y: ['cat', 'dog'] } } } })
  const answer = await app.inject(json({ inputs: [x([1, 2])], outputs: [{ name: 'y', parameters: { classification: 1 } }] }))
  assert.equal(answer.json<{ outputs: unknown[] }>().outputs, [{ name: 'y', datatype: 'BYTES', shape: [1, 1], data: ['4.000000:1:dog'] }])
})

test('priority and time-out reach the Runner', async () => {
  const model = new Doubling()
  const app = await serve(model, { clock: { now: () => 100 } })
  await app.inject(json({ inputs: [x()], parameters: { priority: 3, timeout: 2500 } }))
  await app.inject(json({ inputs: [x()], outputs: [{ name: 'y' }] }))
  assert.is(model.calls[0]!.priority, -2)
  assert.is(model.calls[0]!.deadline, 102.5)
  assert.is(model.calls[1]!.deadline, undefined)
  assert.equal(model.calls[1]!.outputs, ['y'])
})

const mistakes: readonly [what: string, body: unknown, status: number, word: RegExp][] = [
  ['an unknown input', { inputs: [{ ...x(), name: 'z' }] }, 400, /no input "z"/],
  ['a missing input', { inputs: [] }, 400, /Missing: "x"/],
  ['another type', { inputs: [{ ...x(), datatype: 'INT32' }] }, 400, /takes FP32/],
  ['another shape', { inputs: [{ ...x(), shape: [2, 1] }] }, 400, /\[N, 2\]/],
  ['too few values', { inputs: [x([1])] }, 400, /Expected 2 values/],
  ['an unknown output', { inputs: [x()], outputs: [{ name: 'yy' }] }, 400, /no output "yy"/],
  ['no output at all', { inputs: [x()], outputs: [] }, 400, /at least one output/],
]
for (const [what, body, status, word] of mistakes) {
  test(`${what} is the client's mistake`, async () => {
    const model = new Doubling()
    const answer = await (await serve(model)).inject(json(body))
    assert.is(answer.statusCode, status)
    assert.match(answer.json<{ error: string }>().error, word)
    assert.is(model.calls.length, 0)
  })
}

test('an unknown model, version or path is not found, a wrong verb not allowed', async () => {
  const app = await serve(new Doubling())
  for (const path of ['/v2/models/dbl', '/v2/models/double/versions/2', '/v2/models/..%2Fdouble', '/v2/models/__proto__/ready']) {
    assert.is((await app.inject(path)).statusCode, 404, path)
  }
  const wrong = await app.inject({ method: 'GET', url })
  assert.is(wrong.statusCode, 405)
  assert.is(wrong.headers.allow, 'POST')
})

test('refusals of the Runner tell when to come again', async () => {
  const model = new Doubling()
  const app = await serve(model)
  model.failure = new TrtError('TRT_ERR_OVERLOADED', 'The queue is full.', { retryAfter: 2100 })
  const answer = await app.inject(json({ inputs: [x()] }))
  assert.is(answer.statusCode, 503)
  assert.is(answer.headers['retry-after'], '3')
})

test('a failure inside is told to the service, and to the client only by its code', async () => {
  const model = new Doubling()
  const told: unknown[] = []
  const app = await serve(model, { onError: (error) => told.push(error) })
  model.failure = new TrtError('TRT_ERR_DEVICE', '/opt/models/a.plan failed')
  const answer = await app.inject(json({ inputs: [x()] }))
  assert.is(answer.statusCode, 500)
  assert.not.match(answer.body, /opt/)
  assert.equal(told, [model.failure])
})

test('limits of the body hold', async () => {
  const app = await serve(new Doubling(), { maxTensorBytes: 16, maxJsonBytes: 400 })
  assert.is((await app.inject(binary([1, 2, 3, 4]))).statusCode, 200)
  assert.is((await app.inject(binary([1, 2, 3, 4, 5, 6]))).statusCode, 413)
  assert.is((await app.inject(json({ id: 'x'.repeat(400), inputs: [x()] }))).statusCode, 413)
  const bomb = gzipSync(Buffer.alloc(1_000_000, 32))
  const answer = await app.inject({ method: 'POST', url, headers: { 'content-encoding': 'gzip' }, payload: bomb })
  assert.is(answer.statusCode, 413)
})

const heads: readonly [what: string, header: string, status: number][] = [
  ['no number', 'ten', 400],
  ['a negative number', '-1', 400],
  ['longer than the body', '9999', 400],
  ['shorter than the JSON', '3', 400],
]
for (const [what, header, status] of heads) {
  test(`a header length that is ${what} is refused`, async () => {
    const { payload } = binary([1, 2])
    const answer = await (await serve(new Doubling())).inject({ method: 'POST', url, headers: { [headHeader]: header }, payload })
    assert.is(answer.statusCode, status)
    assert.type(answer.json<{ error: unknown }>().error, 'string')
  })
}

test('an unknown or untrue encoding is refused', async () => {
  const app = await serve(new Doubling())
  const send = (encoding: string) => app.inject({ method: 'POST', url, headers: { 'content-encoding': encoding }, payload: '{}' })
  assert.is((await send('br')).statusCode, 415)
  assert.is((await send('gzip')).statusCode, 400)
})

test('the statistics count answers and failures', async () => {
  const model = new Doubling()
  const app = await serve(model)
  await app.inject(json({ inputs: [{ ...x([1, 2, 3, 4]), shape: [2, 2] }] }))
  model.failure = new TrtError('TRT_ERR_DEADLINE', 'Too late.')
  await app.inject(json({ inputs: [x()] }))
  const { model_stats: stats } = (await app.inject('/v2/models/stats')).json<{
    model_stats: { inference_count: number; inference_stats: Record<string, { count: number }> }[]
  }>()
  assert.is(stats[0]!.inference_count, 2)
  const counts = stats[0]!.inference_stats
  assert.is(counts['success']!.count, 1)
  assert.is(counts['fail']!.count, 1)
})

test('a Runner that does not describe itself is refused when it is registered', async () => {
  const app = Fastify()
  try {
    await app.register(inferenceProtocol, { models: { bare: { run: () => Promise.resolve({}) } } })
    assert.unreachable()
  } catch (error) {
    assert.is((error as TrtError).code, 'TRT_ERR_INVALID_ARGUMENT')
  }
})

test("the service's own routes keep their parsers", async () => {
  const app = await serve(new Doubling())
  app.post('/echo', (request) => request.body)
  const answer = await app.inject({ method: 'POST', url: '/echo', payload: { a: 1 } })
  assert.equal(answer.json(), { a: 1 })
})

test.run()
