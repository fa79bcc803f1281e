import { type Clock, systemClock } from '../../core/clock.js'
import { callback, flag, integer, plainObject, rejectUnknown, text } from '../../core/options.js'
import type { ServedModelOptions, ServedRunner } from '../model.js'
import { ModelRepository } from '../repository/repository.js'

export type ModelsByName = Readonly<Record<string, ServedRunner | ServedModelOptions>>

/** Of the `inferenceProtocol` plugin. */
export interface InferenceProtocolOptions {
  /**
   * By name, as it stands in `/v2/models/NAME`: a Session and a MicroBatcher say what they take, with other Runners say it here.
   * Or a `ModelRepository`.
   */
  models: ModelsByName | ModelRepository
  /** Whether clients may load and unload the models of a repository. Default false. */
  management?: boolean
  /** Bytes of the tensors of one request; default 256 MiB. More is answered with 413. */
  maxTensorBytes?: number
  /** Bytes of JSON in one request; default 16 MiB: parsing it holds up all other requests. Tensors as bytes do not count. */
  maxJsonBytes?: number
  /** Told in the server's metadata. Default 'tensorrt-node'. */
  name?: string
  /** Told of every failure that is the server's own, with all that the client is not told. Default: the service's log. */
  onError?: (error: unknown, request: { readonly id: string; readonly url: string }) => void
  /** For tests. */
  clock?: Clock
}

export interface ResolvedOptions {
  readonly models: ModelsByName | ModelRepository
  readonly management: boolean
  readonly maxTensorBytes: number
  readonly maxJsonBytes: number
  readonly name: string
  readonly onError: InferenceProtocolOptions['onError']
  readonly clock: Clock
}

const keys = ['models', 'management', 'maxTensorBytes', 'maxJsonBytes', 'name', 'onError', 'clock']
/** Fastify passes its own options of `register` on to the plugin. */
const fastifyKeys = ['prefix', 'logLevel', 'logSerializers']
const largest = 2 ** 40

/** @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` */
export function resolveOptions(given: InferenceProtocolOptions): ResolvedOptions {
  rejectUnknown(plainObject('the options of inferenceProtocol', given), [...keys, ...fastifyKeys], 'inferenceProtocol')
  return {
    models: given.models instanceof ModelRepository ? given.models : (plainObject('models', given.models) as ModelsByName),
    management: given.management === undefined ? false : flag('management', given.management),
    maxTensorBytes: given.maxTensorBytes === undefined ? 256 * 2 ** 20 : integer('maxTensorBytes', given.maxTensorBytes, 1, largest),
    maxJsonBytes: given.maxJsonBytes === undefined ? 16 * 2 ** 20 : integer('maxJsonBytes', given.maxJsonBytes, 1, 2 ** 29),
    name: given.name === undefined ? 'tensorrt-node' : text('name', given.name),
    onError: given.onError === undefined ? undefined : callback('onError', given.onError),
    clock: given.clock ?? systemClock,
  }
}
