import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { createServer, type InferenceServer, type ServerOptions } from '../../lib/server/index.js'
import { Doubling } from '../support/server/doubling.js'
import { cli } from '../support/cli.js'
import { rejection } from '../support/failure.js'
import { model as onnxModel } from '../support/onnx.js'
import { suite } from '../support/suite.js'

/** A server of its own, over real engines on the CPU and real sockets. */
const test = suite<{ folder: string }>('server', { folder: '' })

/** y = factor · x, for x of [N, 2]. */
const scaling = (factor: number) =>
  onnxModel({
    inputs: [{ name: 'x', type: 'float32', dims: ['N', 2] }],
    outputs: [{ name: 'y', type: 'float32', dims: ['N', 2] }],
    initializers: [{ name: 'factor', type: 'float32', dims: [], data: new Float32Array([factor]) }],
    nodes: [{ op: 'Mul', inputs: ['x', 'factor'], outputs: ['y'] }],
  })

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'models-'))
})
test.after.each(({ folder }) => rm(folder, { recursive: true }))

async function put(folder: string, version: string, bytes: Uint8Array): Promise<void> {
  await mkdir(join(folder, 'scale', version), { recursive: true })
  await writeFile(join(folder, 'scale', version, 'model.onnx'), bytes)
}

const start = (folder: string, more: Partial<ServerOptions> = {}) =>
  createServer({ models: folder, port: 0, repository: { backend: 'cpu', maxBatch: 4 }, ...more })

async function infer({ url }: InferenceServer, values: readonly number[]): Promise<number[]> {
  const body = JSON.stringify({ inputs: [{ name: 'x', shape: [values.length / 2, 2], datatype: 'FP32', data: values }] })
  const answer = await fetch(`${url}/v2/models/scale/infer`, { method: 'POST', body })
  if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`)
  return ((await answer.json()) as { outputs: { data: number[] }[] }).outputs[0]!.data
}

test('a folder is served: ready when it listens, and right', async ({ folder }) => {
  await put(folder, '1', scaling(2))
  await using server = await start(folder)
  assert.is((await fetch(`${server.url}/v2/health/ready`)).status, 200)
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => infer(server, [i, -i])))
  assert.equal(
    answers,
    answers.map((_, i) => [2 * i, -2 * i]),
  )
})

test('what its configuration says of batches and labels holds', async ({ folder }) => {
  await put(folder, '1', scaling(1))
  await writeFile(join(folder, 'scale', 'labels.txt'), 'cat\ndog\n')
  const config = 'max_batch_size: 2 dynamic_batching {} output { name: "y" label_filename: "labels.txt" } sequence_batching {}'
  await writeFile(join(folder, 'scale', 'config.pbtxt'), config)
  const notes: string[] = []
  await using server = await start(folder, { repository: { backend: 'cpu', onNote: (text) => notes.push(text) } })
  assert.match(notes.join(), /sequence_batching/)
  const body = JSON.stringify({
    inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP32', data: [1, 2] }],
    outputs: [{ name: 'y', parameters: { classification: 1 } }],
  })
  const answer = await fetch(`${server.url}/v2/models/scale/infer`, { method: 'POST', body })
  assert.equal(((await answer.json()) as { outputs: { data: string[] }[] }).outputs[0]!.data, ['2.000000:1:dog'])
})

test('a label file outside of the model’s folder is not read', async ({ folder }) => {
  await put(folder, '1', scaling(1))
  await writeFile(join(folder, 'scale', 'config.pbtxt'), 'output { name: "y" label_filename: "../../etc/passwd" }')
  await using server = await start(folder)
  const [entry] = server.repository!.index()
  assert.is(entry!.state, 'UNAVAILABLE')
  assert.match(entry!.reason!, /label_filename/)
})

test('no request is lost while a model is replaced', async ({ folder }) => {
  await put(folder, '1', scaling(2))
  await using server = await start(folder)
  const answers: number[] = []
  const ended = new AbortController()
  const client = async () => {
    while (!ended.signal.aborted) answers.push(...(await infer(server, [1, 1])))
  }
  const clients = Array.from({ length: 8 }, client)
  for (const version of ['2', '3', '4']) {
    await put(folder, version, scaling(Number(version) * 10))
    await server.repository!.load('scale')
  }
  ended.abort()
  await Promise.all(clients)
  assert.equal(
    [...new Set(answers)].filter((value) => ![2, 20, 30, 40].includes(value)),
    [],
  )
  assert.equal(await infer(server, [1, 1]), [40, 40])
})

test('a model that does not load leaves the server alive and not ready', async ({ folder }) => {
  await put(folder, '1', new Uint8Array([1, 2, 3]))
  await using server = await start(folder)
  assert.is((await fetch(`${server.url}/v2/health/live`)).status, 200)
  const ready = await fetch(`${server.url}/v2/health/ready`)
  assert.is(ready.status, 503)
  assert.equal(await ready.json(), { ready: false, waiting: ['scale'] })
})

test('closing lets requests end that are in flight', async () => {
  const model = new Doubling()
  let open: () => void = () => {}
  model.gate = new Promise((resolve) => (open = resolve))
  const server = await createServer({ models: { scale: model }, port: 0 })
  const answer = infer(server, [1, 2])
  while (model.calls.length === 0) await new Promise(setImmediate)
  const closing = server.close()
  open()
  assert.equal(await answer, [2, 4])
  assert.equal(await closing, { abandoned: 0 })
})

test('closing cuts off requests that do not end, and says how many', async () => {
  const model = new Doubling()
  model.gate = new Promise(() => {})
  const server = await createServer({ models: { scale: model }, port: 0, drainMs: 50 })
  const answer = infer(server, [1, 2]).catch(() => 'cut off')
  while (model.calls.length === 0) await new Promise(setImmediate)
  assert.equal(await server.close(), { abandoned: 1 })
  assert.is(await answer, 'cut off')
})

test('a port that is taken is told', async () => {
  await using server = await createServer({ models: {}, port: 0 })
  const { port } = new URL(server.url)
  const { code, details } = await rejection(createServer({ models: {}, port: Number(port) }))
  assert.is(code, 'TRT_ERR_UNAVAILABLE')
  assert.is(details['cause'], 'EADDRINUSE')
})

test('an unknown option is refused', async () => {
  assert.is((await rejection(createServer({ models: {}, prot: 1 } as never))).code, 'TRT_ERR_INVALID_ARGUMENT')
})

test('the serve command says where it serves, and stops when it is told to', async ({ folder }) => {
  await put(folder, '1', scaling(2))
  const stop = new AbortController()
  let out = ''
  const command = cli(['serve', folder, '--port=0', '--backend=cpu', '--json', '--management'], {
    signal: stop.signal,
    out: (text) => (out += text),
  })
  while (!out.endsWith('}\n')) await new Promise(setImmediate)
  const { url, models } = JSON.parse(out) as { url: string; models: unknown }
  assert.equal(models, [{ name: 'scale', version: '1', state: 'READY' }])
  assert.is((await fetch(`${url}/v2/repository/models/scale/unload`, { method: 'POST' })).status, 200)
  stop.abort()
  assert.is((await command).code, 0)
  assert.ok((await fetch(`${url}/v2/health/live`).catch(() => 'refused')) === 'refused')
})

test('without the flag, the serve command lets nobody unload a model', async ({ folder }) => {
  await put(folder, '1', scaling(2))
  await using server = await start(folder)
  assert.is((await fetch(`${server.url}/v2/repository/models/scale/unload`, { method: 'POST' })).status, 403)
})

test.run()
