import { constants } from 'node:buffer'
import { arrayTypes, type TensorType } from '../core/dtypes.js'
import { TrtError } from '../core/errors.js'
import { suggestion } from '../core/nearest.js'
import type { RunOptions } from '../core/runner.js'
import { checkedSize, formatShape, formatSpec, matches } from '../core/shapes.js'
import { Tensor } from '../core/tensor.js'
import { toTrtError } from '../backend/status.js'
import type { IoInfo } from './io-info.js'
import { lend } from './loans.js'
import type { AnyModel, InputsOf, IntoOf, IoOf, ModelTypes, OutputsOf, ShapeOf, TypeOf } from './model-types.js'
import { closedError, type SessionCore } from './session-core.js'
import type { ResolvedSessionOptions } from './session-options.js'
import type { SessionRunOptions } from './run-options.js'
import type { SessionStats } from './session-stats.js'
import { warmUp, type WarmUpOptions, type WarmUpReport, type WarmUpTarget } from './warm-up.js'

/** Options of `session.run`, typed by the model. */
export interface RunOptionsOf<M extends ModelTypes, K extends keyof M['outputs'] = keyof M['outputs']> extends Omit<RunOptions, 'outputs'> {
  /** The outputs to compute, at least one. Default: all. */
  outputs?: readonly K[]
  /**
   * Memory for outputs, by name: what `alloc` gave, or any array with room for the result. Nothing is copied where the
   * shape is known beforehand: a Tensor (whose shape the output must then have), or an output of fixed shape.
   */
  into?: IntoOf<M>
}

/**
 * An engine ready to run, with memory of its own for each lane; a Runner. Made by `engine.createSession()`.
 *
 * A session that is dropped without `close` is freed by the garbage collector, once its last run has settled.
 */
export class Session<M extends ModelTypes = AnyModel> {
  readonly #core: SessionCore
  readonly #options: ResolvedSessionOptions
  readonly #ios: ReadonlyMap<string, IoInfo>
  #ready = false
  #warmUpReport: WarmUpReport | null = null

  /** @internal Use `engine.createSession()`. */
  constructor(core: SessionCore, options: ResolvedSessionOptions) {
    this.#core = core
    this.#options = options
    // Inputs last: where an input and an output share a name, alloc means the input.
    const infos = [...core.outputs.all.plans, ...core.inputs.plans].map(({ info }) => info)
    this.#ios = new Map(infos.map((info) => [info.name, info]))
  }

  /** In the engine's order. */
  get inputs(): readonly IoInfo[] {
    return this.#core.inputs.plans.map(({ info }) => info)
  }

  get outputs(): readonly IoInfo[] {
    return this.#core.outputs.all.plans.map(({ info }) => info)
  }

  /** How many runs execute at once. */
  get lanes(): number {
    return this.#options.lanes
  }

  /** True once `warmUp` has succeeded. */
  get ready(): boolean {
    return this.#ready && !this.#core.closed
  }

  /** What the last successful `warmUp` has run and how long it took; null before. A batcher takes its first costs from it. */
  get warmUpReport(): WarmUpReport | null {
    return this.#warmUpReport
  }

  /** True from the first call of `close` on. */
  get closed(): boolean {
    return this.#core.closed
  }

  /**
   * Computes outputs from inputs, off the event loop. What it is given must neither change nor be transferred (to a worker)
   * before the promise settles: nothing is copied that need not be.
   *
   * @param inputs Each input of the engine by name: a typed array where the shape follows from the engine's, a Buffer of
   *   the right size, a Tensor, or an ndarray of any strides.
   * @returns The outputs by name, in memory of their own, or the caller's (`into`).
   * @throws {TrtError} Always by rejecting. `TRT_ERR_NAME`, `TRT_ERR_TYPE`, `TRT_ERR_SHAPE`, `TRT_ERR_BUFFER`,
   *   `TRT_ERR_INVALID_ARGUMENT`: nothing was run. `TRT_ERR_DEADLINE`, `TRT_ERR_ABORTED`, `TRT_ERR_OVERLOADED`,
   *   `TRT_ERR_CLOSED`, `TRT_ERR_OUT_OF_MEMORY`, `TRT_ERR_DEVICE`, `TRT_ERR_DEVICE_LOST`.
   */
  run<K extends keyof M['outputs'] = keyof M['outputs']>(inputs: InputsOf<M>, options?: RunOptionsOf<M, K>): Promise<OutputsOf<M, K>> {
    return this.#core.run(inputs, options as SessionRunOptions | undefined, -1) as Promise<OutputsOf<M, K>>
  }

  /**
   * A tensor of zeros over memory that the device reads and writes in place: runs with it copy nothing. Use it again and
   * again; `close` detaches it, and its data then has length 0.
   *
   * @param name An input or output.
   * @param shape Default: the engine's, where it has no free dimension.
   * @throws {TrtError} `TRT_ERR_NAME`, `TRT_ERR_SHAPE`, `TRT_ERR_CLOSED`, `TRT_ERR_OUT_OF_MEMORY`
   */
  alloc<K extends keyof M['inputs'] | keyof M['outputs'], S extends ShapeOf<IoOf<M, K>>>(
    name: K & string,
    shape?: S,
  ): Tensor<TypeOf<IoOf<M, K>>, S>
  alloc(name: string, given?: readonly number[]): Tensor {
    if (this.#core.closed) throw closedError('session')
    const info = this.#require(name)
    const shape = given ?? info.shape
    const fits = shape !== null && checkedSize(`shape of "${name}"`, shape) >= 0 && (info.shape === null || matches(shape, info.shape))
    if (!fits || shape.some((dim) => dim < 0)) throw wrongShape(info, given)
    return new Tensor(info.type as TensorType, [...shape], this.#memory(info, checkedSize('shape', shape)))
  }

  #require(name: string): IoInfo {
    const info = this.#ios.get(name)
    if (info !== undefined) return info
    const known = [...this.#ios.keys()]
    const message = `"${String(name)}" is neither an input nor an output of the engine.${suggestion(String(name), known)} It has ${known.join(', ')}.`
    throw new TrtError('TRT_ERR_NAME', message, { expected: known, received: name })
  }

  #memory(info: IoInfo, size: number) {
    const array = arrayTypes[info.type as TensorType]
    const bytes = size * array.BYTES_PER_ELEMENT
    if (size === 0) return new array(0)
    if (bytes > constants.MAX_LENGTH) {
      throw new TrtError(
        'TRT_ERR_OUT_OF_MEMORY',
        `"${info.name}" needs ${bytes} bytes; JavaScript can address ${constants.MAX_LENGTH} at a time.`,
        { bytes },
      )
    }
    try {
      const buffer = this.#core.native.alloc(bytes)
      lend(buffer, this.#core)
      return new array(buffer, 0, size)
    } catch (error) {
      throw toTrtError(error, `Memory for "${info.name}"`, { name: info.name, bytes })
    }
  }

  /**
   * Runs every lane on each batch size of each profile (or what is asked for) until the times settle, so that no request
   * pays for what happens only once. The session is then `ready`, and `warmUpReport` has the report.
   *
   * @throws {TrtError} By rejecting: as `run`, the message naming the shapes; `TRT_ERR_INVALID_ARGUMENT` for options.
   */
  async warmUp(options?: WarmUpOptions): Promise<WarmUpReport> {
    const target: WarmUpTarget = {
      plans: this.#core.inputs.plans,
      lanes: this.#options.lanes,
      clock: this.#options.clock,
      runOn: (lane, inputs, signal) => this.#core.run(inputs, signal === undefined ? undefined : { signal }, lane),
    }
    const report = await warmUp(target, options)
    this.#warmUpReport = report
    this.#ready = true
    return report
  }

  /** Counts and latencies since the session was created, without warm-up. */
  stats(): SessionStats {
    return this.#core.stats()
  }

  /** Refuses new runs, waits for those in flight, frees the memory; tensors of `alloc` are detached. May be called again. */
  close(): Promise<void> {
    return this.#core.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function wrongShape(info: IoInfo, given: readonly number[] | undefined): TrtError {
  const got = given === undefined ? 'none' : formatShape(given)
  const message = `"${info.name}" takes ${formatSpec(info)}; received ${got}. Give alloc a number for each dimension.`
  return new TrtError('TRT_ERR_SHAPE', message, {
    name: info.name,
    expected: formatSpec(info),
    received: given === undefined ? null : [...given],
  })
}
