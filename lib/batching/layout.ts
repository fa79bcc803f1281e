import { TrtError } from '../core/errors.js'
import { wrongNames } from '../core/input-names.js'
import { invalid } from '../core/options.js'
import { formatShape } from '../core/shapes.js'
import { Bucket, type BucketRegistry, type RowLimits } from './bucket.js'
import type { Entry } from './entry.js'
import type { PadOption } from './padding.js'
import { RowPlan } from './row-plan.js'
import type { BatchIo } from './target.js'

/** What all layouts of one batcher share. */
export interface LayoutContext {
  readonly batchAxis: number
  readonly pad: Readonly<Record<string, readonly PadOption[]>>
  readonly limits: RowLimits
  readonly buckets: BucketRegistry
}

/** Inputs of certain names and types: checks those of a request, and finds the bucket that they belong to. */
export class Layout {
  readonly plans: readonly RowPlan[]
  readonly #context: LayoutContext
  readonly #pads: readonly (readonly PadOption[])[]
  readonly #links: readonly Link[]
  /** All dimensions but the batch axis are fixed: there is one bucket. */
  readonly #only: boolean
  /** What its buckets' keys begin with: other layouts of the same Runner have other names or types. */
  readonly #key: string
  #last: Bucket | null = null

  constructor(inputs: readonly BatchIo[], context: LayoutContext) {
    this.#context = context
    this.plans = inputs.map((io) => new RowPlan(io, context.batchAxis))
    this.#pads = inputs.map(({ name }) => context.pad[name] ?? [])
    this.#links = linksOf(inputs, this.#pads)
    this.#key = JSON.stringify(this.plans.map(({ name, type }) => [name, type]))
    this.#only = this.plans.every(({ rowSize }) => rowSize >= 0)
    if (inputs.length === 0) throw new TrtError('TRT_ERR_UNSUPPORTED', 'The model has no inputs: there are no rows to be joined.')
  }

  /**
   * Checks the inputs of a request and fills `data`, `rows`, `shapes` and `bucket` of its entry.
   *
   * @throws {TrtError} `TRT_ERR_NAME`, `TRT_ERR_TYPE`, `TRT_ERR_SHAPE`, `TRT_ERR_BUFFER`, `TRT_ERR_INVALID_ARGUMENT`
   */
  read(inputs: Readonly<Record<string, unknown>>, entry: Entry): void {
    const { plans } = this
    const data = entry.data
    for (let i = 0; i < plans.length; i++) {
      const plan = plans[i]!
      const value = inputs[plan.name]
      if (value === undefined) throw wrongNames(inputs, plans)
      plan.take(value)
      data.push(plan.data)
    }
    let given = 0
    for (const _ in inputs) given++
    if (given !== plans.length) throw wrongNames(inputs, plans)
    entry.rows = this.#commonRows()
    entry.home = this.#only && this.#last !== null ? this.#last : this.#find(entry)
  }

  #commonRows(): number {
    const { rows } = this.plans[0]!
    if (this.plans.every((plan) => plan.rows === rows)) return rows
    const given = Object.fromEntries(this.plans.map((plan) => [plan.name, plan.rows]))
    const list = this.plans.map((plan) => `"${plan.name}" has ${plan.rows}`).join(', ')
    throw new TrtError('TRT_ERR_SHAPE', `All inputs of a request must have as many rows as each other: ${list}.`, { rows: given })
  }

  #find(entry: Entry): Bucket {
    for (const link of this.#links) requireEqual(this.plans, link)
    entry.shapes = this.plans.map((plan) => this.#shapeOf(plan))
    if (this.#last !== null && this.#last.id >= 0 && this.#fits(this.#last, entry.shapes)) return this.#last
    const dims = entry.shapes.map((shape, i) => shape.map((size, axis) => this.#padded(i, axis, size)))
    const { buckets } = this.#context
    const key = this.#key + dims.map((each) => each.join()).join(';')
    let bucket = buckets.get(key)
    if (bucket === undefined) {
      bucket = this.#make(dims)
      buckets.add(key, bucket)
    }
    this.#last = bucket
    return bucket
  }

  /** The whole shape of what a plan has just taken. */
  #shapeOf({ io, shape, rows }: RowPlan): readonly number[] {
    return shape ?? io.shape!.with(this.#context.batchAxis, rows)
  }

  #fits({ dims }: Bucket, shapes: readonly (readonly number[])[]): boolean {
    for (let i = 0; i < shapes.length; i++) {
      const [expected, shape] = [dims[i]!, shapes[i]!]
      if (shape.length !== expected.length) return false
      for (let axis = 0; axis < shape.length; axis++) if (this.#padded(i, axis, shape[axis]!) !== expected[axis]) return false
    }
    return true
  }

  /** What a dimension is in the batch: −1 along the batch axis, the next size up where it is padded, else itself. */
  #padded(input: number, axis: number, size: number): number {
    if (axis === this.#context.batchAxis) return -1
    const pads = this.#pads[input]!
    if (pads.length === 0) return size
    const pad = pads.find((option) => option.axis === axis)
    if (pad === undefined) return size
    return pad.buckets.find((bucket) => bucket >= size) ?? this.#tooLarge(input, axis, size)
  }

  #tooLarge(input: number, axis: number, size: number): never {
    const { name } = this.plans[input]!
    const largest = this.#pads[input]!.find((option) => option.axis === axis)!.buckets.at(-1)!
    const message = `Input "${name}" has ${size} along axis ${axis}; the largest size to pad to is ${largest}. Give pad.${name} a larger one.`
    throw new TrtError('TRT_ERR_SHAPE', message, { input: name, axis, received: size, largest })
  }

  #make(dims: readonly (readonly number[])[]): Bucket {
    const bucket = new Bucket(this.plans, dims, this.#context.limits)
    if (bucket.maxRows > 0) return bucket
    const bounded = this.plans.findIndex(({ io }) => io.ranges.length > 0)
    throw this.plans[bounded]!.refusal(dims[bounded]!)
  }
}
/** Dimensions of several inputs that carry one name, of which some are padded: padding would hide that they differ. */
type Link = readonly { readonly input: number; readonly axis: number }[]

function linksOf(inputs: readonly BatchIo[], pads: readonly (readonly PadOption[])[]): Link[] {
  const byName = new Map<string, { input: number; axis: number; sizes: string }[]>()
  inputs.forEach(({ dimNames }, input) => {
    dimNames.forEach((name, axis) => {
      if (name === '') return
      const sizes = pads[input]!.find((option) => option.axis === axis)?.buckets.join() ?? ''
      byName.set(name, [...(byName.get(name) ?? []), { input, axis, sizes }])
    })
  })
  return [...byName].flatMap(([name, places]) => {
    if (places.length < 2 || places.every(({ sizes }) => sizes === '')) return []
    if (places.every(({ sizes }) => sizes === places[0]!.sizes)) return [places]
    const list = places.map(({ input, axis }) => `"${inputs[input]!.name}" (axis ${axis})`).join(', ')
    throw invalid(`Dimension ${name} is one for ${list}: pad all of them, to the same sizes.`, { dimension: name })
  })
}

function requireEqual(plans: readonly RowPlan[], link: Link): void {
  const sizes = link.map(({ input, axis }) => plans[input]!.shape?.[axis])
  if (sizes.every((size) => size === sizes[0])) return
  const list = link.map(({ input, axis }) => `"${plans[input]!.name}" ${formatShape(plans[input]!.shape!)} (axis ${axis})`).join(', ')
  throw new TrtError('TRT_ERR_SHAPE', `These dimensions of a request must agree: ${list}.`, { sizes })
}
