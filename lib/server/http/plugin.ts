import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { packageVersion } from '../../engine/package-info.js'
import type { Inference, Models } from '../infer.js'
import type { ServedModel } from '../model.js'
import { ModelRepository } from '../repository/repository.js'
import { protocolTypeOf } from '../protocol/datatypes.js'
import { answerTo, notFound } from '../protocol/status.js'
import { Management } from './management.js'
import { type InferenceProtocolOptions, type ResolvedOptions, resolveOptions } from './options.js'
import { rawRequest } from './raw-body.js'
import { headHeader, headLength, readInference, readWhole } from './read-body.js'
import { sendResponse } from './send.js'
import { staticModels } from './static-models.js'

interface Place {
  model: string
  version?: string
}

const verbs = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const
/** Of the protocol, those that are served. */
const extensions = ['binary_tensor_data', 'classification', 'parameters', 'statistics']

/**
 * The Open Inference Protocol, version 2, over HTTP: a plugin for a Fastify service.
 *
 * @example
 * const app = Fastify()
 * await app.register(inferenceProtocol, { models: { ocr: batcher } })
 * @see https://github.com/kserve/open-inference-protocol
 */
export async function inferenceProtocol(app: FastifyInstance, given: InferenceProtocolOptions): Promise<void> {
  const options = resolveOptions(given)
  const models = options.models instanceof ModelRepository ? options.models : staticModels(options.models, options.clock)
  const service = new Service(options, models)
  // Bodies are read by the routes, as they arrive; the service's own parsers do not see them.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  app.setErrorHandler((error, request, reply) => service.fail(error, request, reply))
  const route = (verb: 'GET' | 'POST', url: string, handler: RouteHandlerMethod) => {
    const allowed = verb === 'GET' ? ['GET', 'HEAD'] : [verb]
    app.route({ method: verb, url, handler })
    const others = verbs.filter((each) => !allowed.includes(each) && each !== 'OPTIONS')
    app.route({
      method: others,
      url,
      handler: (_request, reply) =>
        reply
          .code(405)
          .header('allow', allowed.join(', '))
          .send({ error: `Expected ${verb}.` }),
    })
  }
  route('GET', '/v2', service.metadata)
  route('GET', '/v2/', service.metadata)
  route('GET', '/v2/health/live', service.live)
  route('GET', '/v2/health/ready', service.ready)
  route('GET', '/v2/models/stats', service.statistics)
  for (const base of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
    route('GET', base, service.model)
    route('GET', `${base}/ready`, service.modelReady)
    route('GET', `${base}/stats`, service.statistics)
    route('POST', `${base}/infer`, service.infer)
  }
  if (!(models instanceof ModelRepository)) return
  const management = new Management(models, options.management)
  route('POST', '/v2/repository/index', management.index)
  route('POST', '/v2/repository/models/:model/load', management.load)
  route('POST', '/v2/repository/models/:model/unload', management.unload)
}

class Service {
  readonly #options: ResolvedOptions
  readonly #models: Models

  constructor(options: ResolvedOptions, models: Models) {
    this.#options = options
    this.#models = models
  }

  readonly metadata: RouteHandlerMethod = () => {
    const managed = this.#models instanceof ModelRepository ? ['model_repository'] : []
    return { name: this.#options.name, version: packageVersion, extensions: [...extensions, ...managed] }
  }

  readonly live: RouteHandlerMethod = () => ({ live: true })

  readonly ready: RouteHandlerMethod = (_request, reply) => {
    const unready = this.#models.all().filter(({ model }) => !model.ready)
    const waiting = [...unready.map(({ model }) => model.name), ...this.#models.waiting()]
    return reply.code(waiting.length === 0 ? 200 : 503).send({ ready: waiting.length === 0, ...(waiting.length > 0 && { waiting }) })
  }

  readonly model: RouteHandlerMethod = (request) => {
    const { model } = this.#find(request)
    const { name, version, platform } = model
    const tensors = (ios: ServedModel['inputs']) =>
      ios.map((io) => ({ name: io.name, datatype: protocolTypeOf(io.type), shape: io.shape ?? [] }))
    return { name, versions: [version], platform, inputs: tensors(model.inputs), outputs: tensors(model.outputs) }
  }

  readonly modelReady: RouteHandlerMethod = (request, reply) => {
    const { model } = this.#find(request)
    return reply.code(model.ready ? 200 : 503).send({ name: model.name, ready: model.ready })
  }

  readonly statistics: RouteHandlerMethod = (request) => {
    const asked = (request.params as Partial<Place>).model === undefined ? this.#models.all() : [this.#find(request)]
    return { model_stats: asked.map(({ model, counter }) => counter.summary(model.name, model.version, model.runner.stats?.())) }
  }

  readonly infer: RouteHandlerMethod = async (request, reply) => {
    const began = this.#options.clock.now()
    const inference = this.#find(request)
    const gone = new AbortController()
    const leave = () => {
      if (!reply.raw.writableFinished) gone.abort()
    }
    reply.raw.once('close', leave)
    return inference.use(async () => {
      const received = await this.#read(request, inference.model)
      return sendResponse(request, reply, await inference.run(received, began, gone.signal))
    })
  }

  async #read({ raw }: FastifyRequest, model: ServedModel) {
    const { maxTensorBytes, maxJsonBytes } = this.#options
    if (headLength(raw.headers[headHeader]) === 0) return rawRequest(model, await readWhole(raw, maxTensorBytes))
    return readInference(raw, {
      maxTensorBytes,
      maxJsonBytes,
      allocate: (input) => {
        model.requireInput(input)
        return undefined
      },
    })
  }

  fail(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { status, message, retryAfter } = answerTo(error)
    if (status >= 500 && status !== 503) this.#tell(error, request)
    if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
    // What is left of a refused body is not read: the connection cannot carry another request.
    if (!request.raw.complete) reply.header('connection', 'close')
    return reply.code(status).type('application/json').send({ error: message })
  }

  #tell(error: unknown, request: FastifyRequest): void {
    if (this.#options.onError === undefined) request.log.error(error)
    else this.#options.onError(error, { id: request.id, url: request.url })
  }

  #find({ params }: FastifyRequest): Inference {
    const { model, version } = params as Place
    const found = this.#models.find(model)
    if (found === undefined) throw notFound(`There is no model ${JSON.stringify(model)} here.`, { model })
    if (version === undefined || version === found.model.version) return found
    throw notFound(`Model "${model}" has no version ${JSON.stringify(version)} here; it has "${found.model.version}".`, { model, version })
  }
}
