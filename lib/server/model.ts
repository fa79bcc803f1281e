import type { DataType } from '../core/dtypes.js'
import { TrtError } from '../core/errors.js'
import { wrongNames } from '../core/input-names.js'
import { callback, invalid, plainObject, received, rejectUnknown, text } from '../core/options.js'
import type { Runner } from '../core/runner.js'
import { suggestion } from '../core/nearest.js'
import { formatShape, formatSpec, matches, type ShapeSpec } from '../core/shapes.js'
import { protocolTypeOf } from './protocol/datatypes.js'
import type { InferRequest, RequestInput } from './protocol/request.js'

/** An input or output of a served model: what a Session and a MicroBatcher tell of theirs. */
export interface ServedIo extends ShapeSpec {
  readonly name: string
  readonly type: DataType
}

/** What a server asks of a Runner; a Session and a MicroBatcher have all of it. */
export interface ServedRunner extends Runner {
  readonly inputs?: readonly ServedIo[]
  readonly outputs?: readonly ServedIo[]
  /** False: it is not warmed up yet. */
  readonly ready?: boolean
  readonly closed?: boolean
  stats?(): object
}

/** A model with more to say of it than its Runner does. */
export interface ServedModelOptions {
  runner: ServedRunner
  /** Needed where the Runner does not describe them: wrappers around a session do not. */
  inputs?: readonly ServedIo[]
  outputs?: readonly ServedIo[]
  /** Default '1'. */
  version?: string
  /** Told in the metadata. Default 'tensorrt_node'. */
  platform?: string
  /** Names of the classes, by output: for the classification extension. */
  labels?: Readonly<Record<string, readonly string[]>>
  /** Whether requests may come. Default: as the Runner has it (`ready`: warmed up; `closed`). */
  ready?: () => boolean
}

const keys = ['runner', 'inputs', 'outputs', 'version', 'platform', 'labels', 'ready']

/** A Runner under a name, with what clients are told of it. */
export class ServedModel {
  readonly name: string
  readonly version: string
  readonly platform: string
  readonly runner: ServedRunner
  readonly inputs: readonly ServedIo[]
  readonly outputs: readonly ServedIo[]
  readonly labels: Readonly<Record<string, readonly string[]>>
  readonly #ready: () => boolean

  /** @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`: inputs and outputs that nobody describes, or of types without a name in the protocol. */
  constructor(name: string, given: ServedRunner | ServedModelOptions) {
    const options = optionsOf(name, given)
    const { runner } = options
    this.name = text('the name of a model', name)
    this.version = options.version === undefined ? '1' : text(`version of model "${name}"`, options.version)
    this.platform = options.platform ?? 'tensorrt_node'
    this.runner = runner
    this.inputs = described(name, 'inputs', options.inputs ?? runner.inputs)
    this.outputs = described(name, 'outputs', options.outputs ?? runner.outputs)
    this.labels = options.labels ?? {}
    this.#ready = options.ready ?? (() => runner.ready !== false && runner.closed !== true)
  }

  get ready(): boolean {
    return this.#ready()
  }

  /**
   * Refuses an input that the model does not take, by its announcement alone.
   *
   * @throws {TrtError} `TRT_ERR_NAME`, `TRT_ERR_TYPE`, `TRT_ERR_SHAPE`
   */
  requireInput({ name, type, shape }: RequestInput): void {
    const io = this.inputs.find((input) => input.name === name)
    if (io === undefined) throw unknownName('input', name, this.inputs)
    if (io.type !== type) {
      const message = `Input "${name}" takes ${protocolTypeOf(io.type)} but received ${protocolTypeOf(type)}.`
      throw new TrtError('TRT_ERR_TYPE', message, { input: name, expected: io.type, received: type })
    }
    if (io.shape === null || matches(shape, io.shape)) return
    const message = `Input "${name}" takes ${formatSpec(io)} but received ${formatShape(shape)}.`
    throw new TrtError('TRT_ERR_SHAPE', message, { input: name, expected: io.shape, received: shape })
  }

  /**
   * Refuses a request that lacks an input or asks for outputs that there are not.
   *
   * @throws {TrtError} `TRT_ERR_NAME`
   */
  requireNames({ inputs, outputs }: InferRequest): void {
    const given = Object.fromEntries(inputs.map(({ name }) => [name, true]))
    if (this.inputs.some(({ name }) => given[name] === undefined)) throw wrongNames(given, this.inputs)
    const unknown = outputs?.find(({ name }) => !this.outputs.some((output) => output.name === name))
    if (unknown !== undefined) throw unknownName('output', unknown.name, this.outputs)
    if (outputs?.length === 0) throw invalid('Expected at least one output, or no "outputs" for all of them, but received an empty array.')
  }
}

function optionsOf(name: string, given: ServedRunner | ServedModelOptions): ServedModelOptions {
  const what = `model "${name}"`
  if (typeof given !== 'object' || given === null) throw invalid(`Expected a Runner for ${what} but received ${received(given)}.`)
  if ('run' in given && typeof given.run === 'function') return { runner: given }
  const options = plainObject(what, given) as unknown as ServedModelOptions
  rejectUnknown(options, keys, what)
  const { runner } = options
  if (typeof runner !== 'object' || runner === null || typeof runner.run !== 'function') {
    throw invalid(`Expected a Runner (an object with run) for ${what} but received ${received(runner)}.`)
  }
  if (options.ready !== undefined) callback(`ready of ${what}`, options.ready)
  return options
}

function described(name: string, which: 'inputs' | 'outputs', ios: readonly ServedIo[] | undefined): readonly ServedIo[] {
  if (!Array.isArray(ios)) {
    throw invalid(
      `The Runner of model "${name}" does not describe its ${which}: give them, as { runner, inputs, outputs }; those of the session below it do.`,
    )
  }
  const strange = (ios as readonly ServedIo[]).find(({ type }) => protocolTypeOf(type) === undefined)
  if (strange === undefined) return ios
  throw new TrtError(
    'TRT_ERR_UNSUPPORTED',
    `"${strange.name}" of model "${name}" has elements of ${strange.type}, for which the protocol has no name.`,
    {
      name: strange.name,
      type: strange.type,
    },
  )
}

function unknownName(what: 'input' | 'output', name: string, ios: readonly ServedIo[]): TrtError {
  const known = ios.map((io) => io.name)
  const message = `The model has no ${what} ${JSON.stringify(name)}.${suggestion(name, known)} It has ${known.map((each) => JSON.stringify(each)).join(', ')}.`
  return new TrtError('TRT_ERR_NAME', message, { expected: known, received: name })
}
