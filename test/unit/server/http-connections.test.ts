import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import * as assert from 'uvu/assert'
import { Doubling, serve } from '../../support/server/doubling.js'
import { suite } from '../../support/suite.js'

/** The plugin behind real sockets: clients that leave, bodies that break off. */
const test = suite('http connections')
const url = '/v2/models/double/infer'
const body = (data = [1, 2]) => JSON.stringify({ inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP32', data }] })

async function listening(app: FastifyInstance): Promise<number> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  return (app.server.address() as AddressInfo).port
}

test('a client that leaves takes its run along', async () => {
  const model = new Doubling()
  model.gate = new Promise(() => {})
  const app = await serve(model)
  const socket = connect(await listening(app), '127.0.0.1')
  const payload = body()
  socket.write(`POST ${url} HTTP/1.1\r\nhost: x\r\ncontent-length: ${payload.length}\r\n\r\n${payload}`)
  while (model.calls.length === 0) await new Promise(setImmediate)
  const { signal } = model.calls[0]!
  socket.destroy()
  if (!signal!.aborted) await once(signal!, 'abort')
  await app.close()
})

test('a body that breaks off leaves the server in order', async () => {
  const model = new Doubling()
  const app = await serve(model)
  const port = await listening(app)
  const socket = connect(port, '127.0.0.1')
  socket.write(`POST ${url} HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\n{"inputs"`)
  const closed = once(socket, 'close')
  await new Promise(setImmediate)
  socket.destroy()
  await closed
  assert.is((await app.inject({ method: 'POST', url, payload: body() })).statusCode, 200)
  await app.close()
})

test('requests follow each other on one connection', async () => {
  const app = await serve(new Doubling())
  const port = await listening(app)
  const answers = []
  for (let i = 0; i < 3; i++) {
    const answer = await fetch(`http://127.0.0.1:${port}${url}`, { method: 'POST', body: body([i, i]) })
    answers.push(((await answer.json()) as { outputs: { data: number[] }[] }).outputs[0]!.data)
  }
  assert.equal(answers, [
    [0, 0],
    [2, 2],
    [4, 4],
  ])
  await app.close()
})

test.run()
