import { scratchAs } from '../backend/completions.js'
import { isPlainBuffer, requireUsable } from '../core/buffers.js'
import { arrayTypes, isTensorType, type TensorType, type TypedArray } from '../core/dtypes.js'
import { TrtError } from '../core/errors.js'
import { suggestion } from '../core/nearest.js'
import { invalid, received } from '../core/options.js'
import { formatShape, formatSpec, matches, sizeOf } from '../core/shapes.js'
import { Tensor } from '../core/tensor.js'
import type { IoInfo } from './io-info.js'
import { typeError } from './type-errors.js'

/** Up to here a loop is faster than `slice`, which looks up the constructor first. */
const fewElements = 16

/** How one output is wrapped, or written to the caller's memory. */
export class OutputPlan {
  readonly name: string
  readonly type: TensorType
  /** All dimensions known. */
  readonly fixed: readonly number[] | null

  constructor(
    readonly info: IoInfo,
    readonly index: number,
  ) {
    this.name = info.name
    this.type = info.type as TensorType
    this.fixed = info.shape !== null && info.shape.every((dim) => dim >= 0) ? info.shape : null
  }

  /** @param offset Of a small output in the scratch memory, which the next report overwrites. */
  copy(shape: readonly number[], offset: number): Tensor {
    const scratch = scratchAs(this.type)
    const begin = offset / scratch.BYTES_PER_ELEMENT
    const size = sizeOf(shape)
    if (size > fewElements) return new Tensor(this.type, shape, scratch.slice(begin, begin + size))
    const data = new arrayTypes[this.type](size)
    for (let i = 0; i < size; i++) data[i] = scratch[begin + i]!
    return new Tensor(this.type, shape, data)
  }

  /** @param buffer What the backend provided; at least as long as the shape says. */
  wrap(shape: readonly number[], buffer: ArrayBuffer): Tensor {
    return new Tensor(this.type, shape, new arrayTypes[this.type](buffer, 0, sizeOf(shape)))
  }

  /**
   * The caller's memory for this output.
   *
   * @throws {TrtError} `TRT_ERR_TYPE`, `TRT_ERR_BUFFER`, and `TRT_ERR_SHAPE` where it is known to be too small.
   */
  target(into: unknown): TypedArray {
    const what = `The memory given for output "${this.name}"`
    if (typeof into !== 'object' || into === null) throw typeError(what, this.type, into)
    const data = into instanceof Tensor ? (into as Tensor).data : into
    const array = arrayTypes[this.type]
    if (into instanceof Tensor && into.type !== this.type) throw typeError(what, this.type, into)
    if (!(data instanceof array)) throw typeError(what, this.type, data)
    if (data.length === 0 || !isPlainBuffer(data.buffer)) requireUsable(what, data, { output: this.name })
    this.#requireRoom(what, data.length)
    if (into instanceof Tensor) this.#requireShape(what, into as Tensor)
    return data
  }

  #requireRoom(what: string, length: number): void {
    if (this.fixed === null || length >= sizeOf(this.fixed)) return
    const needed = sizeOf(this.fixed)
    const message = `${what} has ${length} elements; the output's shape ${formatShape(this.fixed)} needs ${needed}.`
    throw new TrtError('TRT_ERR_SHAPE', message, { output: this.name, expected: needed, received: length })
  }

  #requireShape(what: string, { shape, size }: Tensor): void {
    const { shape: dims } = this.info
    if ((dims === null || matches(shape, dims)) && sizeOf(shape) === size) return
    const message = `${what} is a tensor of shape ${formatShape(shape)}; the output gives ${formatSpec(this.info)}. For another shape each time, give a typed array.`
    throw new TrtError('TRT_ERR_SHAPE', message, { output: this.name, expected: formatSpec(this.info), received: [...shape] })
  }

  /** The shape in which the backend may write to `into` directly; undefined: known only after the run, and copied. */
  targetShape(into: unknown): readonly number[] | undefined {
    return into instanceof Tensor ? into.shape : (this.fixed ?? undefined)
  }

  /** The result in the caller's own memory: what was given, where it is exactly that, else a view of its beginning. */
  place(shape: readonly number[], into: unknown): Tensor {
    if (into instanceof Tensor && sameShape(into.shape, shape)) return into as Tensor
    const data = (into instanceof Tensor ? into.data : into) as TypedArray
    const size = sizeOf(shape)
    return new Tensor(this.type, shape, data.length === size ? data : data.subarray(0, size))
  }
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i])
}

/** Which outputs a run computes. */
export interface Wanted {
  readonly plans: readonly OutputPlan[]
  readonly indexes: readonly number[]
}

/** All outputs of an engine. */
export class OutputSet {
  readonly all: Wanted
  readonly #allTyped: boolean
  readonly #byName: ReadonlyMap<string, OutputPlan>

  constructor(outputs: readonly IoInfo[]) {
    const plans = outputs.map((info, index) => new OutputPlan(info, index))
    this.all = wanted(plans)
    this.#allTyped = outputs.every(({ type }) => isTensorType(type))
    this.#byName = new Map(plans.map((plan) => [plan.name, plan]))
  }

  /**
   * The wanted outputs by name, in the order given; all without names.
   *
   * @throws {TrtError} `TRT_ERR_NAME`, `TRT_ERR_INVALID_ARGUMENT`, `TRT_ERR_UNSUPPORTED`: an element type that JavaScript has no array for.
   */
  select(names: readonly string[] | undefined): Wanted {
    if (names === undefined) return this.#allTyped ? this.all : requireTypes(this.all)
    if (!Array.isArray(names) || names.length === 0) {
      throw invalid(`Expected an array of at least one name for outputs but received ${received(names)}.`, { received: received(names) })
    }
    const plans = names.map((name) => this.#require(name))
    if (new Set(plans).size < plans.length)
      throw invalid(`An output is named twice in outputs: ${names.join(', ')}.`, { outputs: [...names] })
    return requireTypes(wanted(plans))
  }

  /** For each wanted output the caller's memory, or null for the backend's. */
  targets(into: Readonly<Record<string, unknown>>, { plans }: Wanted): (TypedArray | null)[] {
    const names = Object.keys(into)
    for (const name of names) {
      if (plans.includes(this.#require(name))) continue
      throw invalid(
        `Memory is given for output "${name}", which is not among the outputs wanted. Add it to outputs, or leave it out of into.`,
        { output: name },
      )
    }
    return plans.map((plan) => (into[plan.name] === undefined ? null : plan.target(into[plan.name])))
  }

  #require(name: string): OutputPlan {
    const plan = this.#byName.get(name)
    if (plan !== undefined) return plan
    const known = [...this.#byName.keys()]
    const list = known.map((each) => `"${each}"`).join(', ')
    throw new TrtError(
      'TRT_ERR_NAME',
      `Output ${received(name)} is not one of the engine's.${suggestion(String(name), known)} The engine gives ${list}.`,
      {
        expected: known,
        received: name,
      },
    )
  }
}

function wanted(plans: readonly OutputPlan[]): Wanted {
  return { plans, indexes: plans.map(({ index }) => index) }
}

function requireTypes(selection: Wanted): Wanted {
  for (const { info } of selection.plans) {
    if (isTensorType(info.type)) continue
    const message = `Output "${info.name}" is of type ${info.type}, which cannot leave a session. Name the other outputs: run(inputs, { outputs: […] }).`
    throw new TrtError('TRT_ERR_UNSUPPORTED', message, { output: info.name, type: info.type })
  }
  return selection
}
