import type { MeasuredEntries } from '../core/cost-seeds.js'
import type { DataType } from '../core/dtypes.js'
import { invalid } from '../core/options.js'
import type { Inputs, Outputs, Runner } from '../core/runner.js'
import { formatShape, type ShapeSpec } from '../core/shapes.js'
import type { Tensor } from '../core/tensor.js'

/** An input or output, as an engine describes it. */
export interface BatchIo extends ShapeSpec {
  readonly name: string
  readonly type: DataType
  /** Its values steer shapes: one for the whole batch. */
  readonly isShape?: boolean
}

/**
 * What a batcher asks of the Runner below it. A Session has all of it. Another Runner needs nothing but `run`: it must then be
 * given tensors, which say their types and shapes themselves.
 */
export interface BatchTarget<I = Inputs, O = Outputs> extends Runner<I, O> {
  readonly inputs?: readonly BatchIo[]
  readonly outputs?: readonly BatchIo[]
  /** How many runs execute at once. */
  readonly lanes?: number
  readonly closed?: boolean
  /** First costs. */
  readonly warmUpReport?: MeasuredEntries | null
  /** Its own stages of a run: `copyIn`, `compute`, `copyOut`. */
  stats?(): object
  /** Memory that the device reads in place. */
  alloc?(name: string, shape?: readonly number[]): Tensor
}

/**
 * Several sessions under one batcher run the same model.
 *
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`
 */
export function requireAlike(targets: readonly BatchTarget[]): void {
  const [first, ...others] = targets
  const differs = others.findIndex(
    (other) => signature(other.inputs) !== signature(first!.inputs) || signature(other.outputs) !== signature(first!.outputs),
  )
  if (differs < 0) return
  const tell = (target: BatchTarget) => `(${signature(target.inputs)}) → (${signature(target.outputs)})`
  const message = `All sessions of a batcher must have the same inputs and outputs. The first has ${tell(first!)}, number ${differs + 2} ${tell(others[differs]!)}.`
  throw invalid(message, { session: differs + 1 })
}

function signature(ios: readonly BatchIo[] | undefined): string {
  return ios === undefined
    ? 'not described'
    : ios.map(({ name, type, shape }) => `${name} ${type} ${shape === null ? 'of any rank' : formatShape(shape)}`).join(', ')
}
