import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import { TrtError } from '../core/errors.js'
import { integer, number, plainObject, rejectUnknown, text } from '../core/options.js'
import type { InferenceProtocolOptions } from './http/options.js'
import { inferenceProtocol } from './http/plugin.js'
import { InferenceServer, type Life } from './inference-server.js'
import { ModelRepository, type RepositoryOptions } from './repository/repository.js'

export interface ServerOptions extends Omit<InferenceProtocolOptions, 'models' | 'onError'> {
  /** A folder of models (docs/server.md), or models by name. */
  models: string | InferenceProtocolOptions['models']
  /** For a folder: how its models are run. */
  repository?: RepositoryOptions
  /** Default '127.0.0.1': this machine alone. '0.0.0.0' for all. */
  host?: string
  /** Default 8000; 0: any that is free. */
  port?: number
  /** Milliseconds that a client has to send a whole request; default 30,000. A slower one is answered with 408. */
  requestTimeout?: number
  /** Connections at once; more are refused. Default 10,000. */
  maxConnections?: number
  /** Milliseconds that `close` waits for requests in flight. Default 30,000. */
  drainMs?: number
  /** Of Fastify: true, or pino's options. Default false. */
  logger?: FastifyServerOptions['logger']
}

// biome-ignore format: a list
const keys = [
  'models', 'repository', 'management', 'maxTensorBytes', 'maxJsonBytes', 'name', 'clock', 'host', 'port', 'requestTimeout', 'maxConnections',
  'drainMs', 'logger',
]

/**
 * A server of its own for models of a folder or given by name; it listens when the promise resolves, and every model that can
 * be loaded has been loaded and warmed up then.
 *
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`; `TRT_ERR_UNAVAILABLE`: fastify is not installed, or the port is taken.
 *   `TRT_ERR_FILE`: no such folder.
 */
export async function createServer(options: ServerOptions): Promise<InferenceServer> {
  rejectUnknown(plainObject('the options of createServer', options), keys, 'createServer')
  const host = options.host === undefined ? '127.0.0.1' : text('host', options.host)
  const port = integer('port', options.port ?? 8000, 0, 65_535)
  const drainMs = number('drainMs', options.drainMs ?? 30_000, 0, 2 ** 31 - 1)
  const maxConnections = integer('maxConnections', options.maxConnections ?? 10_000, 1, 2 ** 31 - 1)
  const app = await makeFastify(options)
  app.server.maxConnections = maxConnections
  const repository =
    typeof options.models === 'string' ? await ModelRepository.open(options.models, { drainMs, ...options.repository }) : null
  try {
    const life = watch(app, drainMs)
    await app.register(inferenceProtocol, protocolOptions(options, repository))
    const url = await app.listen({ host, port })
    return new InferenceServer(app, url, repository, life)
  } catch (error) {
    await app.close()
    await repository?.close()
    throw explain(error, host, port)
  }
}

async function makeFastify({ requestTimeout, logger }: ServerOptions): Promise<FastifyInstance> {
  const timeout = integer('requestTimeout', requestTimeout ?? 30_000, 1, 2 ** 31 - 1)
  const fastify = await import('fastify').catch((cause: unknown) => {
    throw new TrtError(
      'TRT_ERR_UNAVAILABLE',
      'The server needs the package fastify, which is not installed: npm install fastify',
      {},
      { cause },
    )
  })
  return fastify.default({
    logger: logger ?? false,
    requestTimeout: timeout,
    // Longer than a load balancer keeps its own: it must not find a connection closed that it has just chosen.
    keepAliveTimeout: 75_000,
    // What clients send is refused by the routes, in the protocol's words.
    bodyLimit: Number.MAX_SAFE_INTEGER,
  })
}

/** Counts requests, and answers "not ready" while the server ends. */
function watch(app: FastifyInstance, drainMs: number): Life {
  const life: Life = { ending: false, inFlight: 0, drainMs }
  app.addHook('onRequest', async (request, reply) => {
    life.inFlight++
    reply.raw.once('close', () => life.inFlight--)
    if (life.ending && request.url === '/v2/health/ready') return reply.code(503).send({ ready: false })
    return undefined
  })
  return life
}

function protocolOptions(options: ServerOptions, repository: ModelRepository | null): InferenceProtocolOptions {
  const { models, management, maxTensorBytes, maxJsonBytes, name, clock } = options
  const given = { management, maxTensorBytes, maxJsonBytes, name, clock }
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  return { ...set, models: repository ?? (models as InferenceProtocolOptions['models']) }
}

function explain(error: unknown, host: string, port: number): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') return error
  const why =
    code === 'EADDRINUSE'
      ? 'something else listens there. Stop it, or take another port'
      : 'the system does not allow it, or has no such address'
  return new TrtError(
    'TRT_ERR_UNAVAILABLE',
    `The server cannot listen on ${host}, port ${port}: ${why}.`,
    { host, port, cause: code },
    { cause: error },
  )
}
