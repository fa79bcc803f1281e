import { TrtError } from '../core/errors.js'
import { notByName, wrongNames } from '../core/input-names.js'
import { formatShape, maxRank, within } from '../core/shapes.js'
import { InputPlan } from './inputs.js'
import type { IoInfo } from './io-info.js'

/** All inputs of an engine: what must hold for them together. */
export class InputSet {
  readonly plans: readonly InputPlan[]
  /** Room for the shapes of one call. */
  readonly shapeLength: number
  /** Where the shapes of the last call end. */
  end = 0
  readonly #profiles: number

  constructor(inputs: readonly IoInfo[], engineName: string | null) {
    this.plans = inputs.map((info) => new InputPlan(info, engineName))
    this.shapeLength = inputs.reduce((sum, { shape }) => sum + 1 + (shape?.length ?? maxRank), 0)
    this.#profiles = Math.max(0, ...inputs.map(({ ranges, shape }) => (shape?.every((dim) => dim >= 0) ? 0 : ranges.length)))
  }

  /**
   * One view for each input, in the engine's order. Their shapes are written to `shapes` from `begin` on, as [rank, dims…].
   *
   * @throws {TrtError} `TRT_ERR_NAME`, `TRT_ERR_TYPE`, `TRT_ERR_SHAPE`, `TRT_ERR_BUFFER`, `TRT_ERR_INVALID_ARGUMENT`
   */
  take(inputs: Readonly<Record<string, unknown>>, shapes: Float64Array, begin = 0): ArrayBufferView[] {
    if (typeof inputs !== 'object' || inputs === null) throw notByName(inputs)
    const { plans } = this
    const views: ArrayBufferView[] = []
    let at = begin
    for (let i = 0; i < plans.length; i++) {
      const plan = plans[i]!
      const value = inputs[plan.name]
      if (value === undefined) throw wrongNames(inputs, plans)
      views.push(plan.take(value, shapes, at))
      at += shapes[at]! + 1
    }
    let given = 0
    for (const _ in inputs) given++
    if (given !== plans.length) throw wrongNames(inputs, plans)
    this.end = at
    if (this.#profiles > 0 && !this.#fitAny(shapes, begin)) this.#refuseProfiles(shapes.subarray(begin))
    return views
  }

  /** Whether some profile takes every shape. In place, without an object: each run with free dimensions asks. */
  #fitAny(shapes: Float64Array, begin: number): boolean {
    for (let profile = 0; profile < this.#profiles; profile++) {
      if (this.#fit(shapes, begin, profile)) return true
    }
    return false
  }

  #fit(shapes: Float64Array, begin: number, profile: number): boolean {
    let at = begin
    for (let i = 0; i < this.plans.length; i++) {
      const { ranges, isShape } = this.plans[i]!.info
      const range = isShape ? undefined : ranges[profile]
      const rank = shapes[at++]!
      for (let axis = 0; axis < rank; axis++, at++) {
        if (range !== undefined && (shapes[at]! < range.min[axis]! || shapes[at]! > range.max[axis]!)) return false
      }
    }
    return true
  }

  /** A backend runs all inputs under one profile. Names the input that none takes, or says that they do not go together. */
  #refuseProfiles(shapes: Float64Array): never {
    const given = this.#shapesOf(shapes)
    const fits = (i: number, profile: number) => {
      const { ranges, isShape } = this.plans[i]!.info
      const range = ranges[profile]
      return isShape || range === undefined || within(given[i]!, range)
    }
    given.forEach((shape, i) => {
      if (!Array.from({ length: this.#profiles }, (_, profile) => fits(i, profile)).includes(true)) throw this.plans[i]!.refusal(shape)
    })
    const shown = given.map((shape, i) => `"${this.plans[i]!.name}" ${formatShape(shape)}`).join(', ')
    throw new TrtError(
      'TRT_ERR_SHAPE',
      `No single profile of the engine takes these shapes together: ${shown}. Build it with a profile that does.`,
      {
        received: Object.fromEntries(given.map((shape, i) => [this.plans[i]!.name, shape])),
      },
    )
  }

  #shapesOf(shapes: Float64Array): number[][] {
    let at = 0
    return this.plans.map(() => {
      const rank = shapes[at]!
      const shape = [...shapes.subarray(at + 1, at + 1 + rank)]
      at += 1 + rank
      return shape
    })
  }
}
