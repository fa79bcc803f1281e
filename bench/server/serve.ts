// The server side of bench:server, in a process of its own: ours, and the bare servers that it is compared with.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { scriptedLibrary, scriptedModel } from '../../test/support/scripted.js'
import { Engine, inferenceProtocol } from '../support/product.js'
import { sizes } from './sizes.js'

/** Where each listens: what the load side is told. */
export interface Ports {
  readonly ours: number
  readonly fastify: number
  readonly http: number
}

/** Reads a body and sends it back. */
function echo(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => response.end(Buffer.concat(chunks)))
}

async function bareFastify(): Promise<number> {
  const app = Fastify({ bodyLimit: 2 ** 30 })
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.post('/echo', (request, reply) => reply.type('application/octet-stream').send(request.body))
  await app.listen({ port: 0, host: '127.0.0.1' })
  return (app.server.address() as AddressInfo).port
}

async function bareHttp(): Promise<number> {
  const server = createServer(echo)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** Engines that compute nothing: what is measured is the way there and back. */
async function ours(): Promise<number> {
  const models: Record<string, object> = {}
  for (const [name, size] of Object.entries(sizes)) {
    const model = scriptedModel([`input x float32 N,${size}`, `output y float32 N,${size}`])
    const engine = await Engine.build(model, { backend: { library: scriptedLibrary } })
    const session = await engine.createSession()
    await session.warmUp()
    models[name] = session
  }
  const app = Fastify()
  await app.register(inferenceProtocol, { models: models as never })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return (app.server.address() as AddressInfo).port
}

const ports: Ports = { ours: await ours(), fastify: await bareFastify(), http: await bareHttp() }
process.send!(ports)
