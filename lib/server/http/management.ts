import type { RouteHandlerMethod } from 'fastify'
import { invalid, plainObject, rejectUnknown } from '../../core/options.js'
import { parseExact } from '../protocol/exact-json.js'
import { StatusError } from '../protocol/status.js'
import type { ModelRepository } from '../repository/repository.js'
import { readWhole } from './read-body.js'

/** More than any of these requests has. */
const maxBytes = 64 * 1024

/** The model repository extension. */
export class Management {
  constructor(
    private readonly repository: ModelRepository,
    private readonly allowed: boolean,
  ) {}

  readonly index: RouteHandlerMethod = async (request) => {
    const body = await jsonOf(request.raw)
    rejectUnknown(body, ['ready'], 'the request for the index')
    return this.repository.index().filter(({ state }) => body['ready'] !== true || state === 'READY')
  }

  readonly load: RouteHandlerMethod = async (request) => {
    this.#require()
    const body = await jsonOf(request.raw)
    rejectUnknown(body, ['parameters'], 'the request to load')
    const parameters = Object.keys(plainObject('parameters', body['parameters'] ?? {}))
    if (parameters.length > 0)
      throw invalid(`A model is loaded as it lies in the repository; ${parameters.join(', ')} cannot be given with the request.`, {
        parameters,
      })
    await this.repository.load(modelOf(request.params))
    return {}
  }

  readonly unload: RouteHandlerMethod = async (request) => {
    this.#require()
    const body = await jsonOf(request.raw)
    rejectUnknown(body, ['parameters'], 'the request to unload')
    rejectUnknown(plainObject('parameters', body['parameters'] ?? {}), ['unload_dependents'], 'the request to unload')
    await this.repository.unload(modelOf(request.params))
    return {}
  }

  #require(): void {
    if (!this.allowed) throw new StatusError(403, 'TRT_ERR_UNAVAILABLE', 'This server does not let clients load and unload models.')
  }
}

const modelOf = (params: unknown): string => (params as { model: string }).model

async function jsonOf(raw: Parameters<typeof readWhole>[0]): Promise<Readonly<Record<string, unknown>>> {
  const bytes = await readWhole(raw, maxBytes)
  return bytes.length === 0 ? {} : plainObject('the body of the request', parseExact(Buffer.from(bytes).toString()))
}
