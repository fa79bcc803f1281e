import { TrtError } from '../core/errors.js'
import { number } from '../core/options.js'
import type { Tensor } from '../core/tensor.js'
import type { OnnxModel } from './graph/types.js'
import { writeOnnx } from './graph/write.js'
import { type CompareOptions, compareTensors, errorOf, type TensorComparison } from './report/compare-tensors.js'
import { OutputsFidelity } from './report/fidelity.js'
import type { OutputFidelity } from './report/types.js'
import type { Runtime, Sample } from './runtime.js'

/** Of the relative error's root: an error of a thousandth of the values. float32 differs by 1e-6, float16 by 1e-3, int8 by 1e-1. */
export const defaultTolerance = 1e-3

export interface DiffOptions extends CompareOptions {
  /** Root of noise power over signal power from which on a tensor departs. Default 1e-3. */
  readonly tolerance?: number
}

export interface Difference {
  readonly tolerance: number
  readonly samples: number
  /** An output departs. */
  readonly differ: boolean
  /** Of the second against the first; by the first's names. */
  readonly outputs: readonly OutputFidelity[]
  /** Tensors that both have by name, in the order of the first's graph; empty where only outputs can be compared. */
  readonly tensors: readonly TensorComparison[]
  /** The first tensor that departs, of those or of the outputs; null: none. */
  readonly first: { readonly name: string; readonly node: string | null; readonly opType: string | null; readonly error: number } | null
}

/**
 * Runs two models on the same inputs and compares them tensor by tensor.
 *
 * @param samples Inputs of both models, at least one.
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`: no samples, or a tolerance below 0. `TRT_ERR_NAME`: other inputs or outputs. What
 *   the runtime throws.
 */
export async function diff(
  [a, b]: readonly [OnnxModel, OnnxModel],
  samples: readonly Sample[],
  runtime: Runtime,
  options: DiffOptions = {},
): Promise<Difference> {
  const { tolerance = defaultTolerance, ...compare } = options
  number('tolerance', tolerance, 0, Infinity)
  requireSamples(samples)
  requireNames('inputs', inputNames(a), inputNames(b))
  requireNames('outputs', outputNames(a), outputNames(b))
  const run = async (model: OnnxModel) => {
    const open = await runtime.open(writeOnnx(model), compare)
    try {
      const all: Readonly<Record<string, Tensor>>[] = []
      for (const sample of samples) all.push(await open.run(sample))
      return all
    } finally {
      await open.close()
    }
  }
  const tensors = await compareTensors([a, b], samples, runtime, compare)
  return conclude({ first: await run(a), second: await run(b) }, tensors, tolerance)
}

type Outputs = Readonly<Record<string, Tensor>>

/** What two models gave for the same samples, in order; `tensors`: what is known of values in between. */
export function conclude(
  { first, second }: { first: readonly Outputs[]; second: readonly Outputs[] },
  tensors: readonly TensorComparison[],
  tolerance: number,
): Difference {
  const fidelity = new OutputsFidelity()
  first.forEach((outputs, i) => fidelity.add(outputs, second[i] ?? {}))
  const outputs = fidelity.results()
  // Not `error > limit`: what is not a number departs.
  const departs = (error: number) => !(error <= tolerance ** 2)
  const inner = tensors.find(({ error }) => departs(error))
  const output = outputs.find((each) => departs(errorOf(each)))
  const of = (each: OutputFidelity) => ({ name: each.name, node: null, opType: null, error: errorOf(each) })
  const found = inner ?? (output === undefined ? null : of(output))
  return {
    tolerance,
    samples: first.length,
    differ: output !== undefined,
    outputs,
    tensors,
    first: found === null ? null : { name: found.name, node: found.node, opType: found.opType, error: found.error },
  }
}

export function requireSamples(samples: readonly Sample[]): void {
  if (samples.length > 0) return
  throw new TrtError('TRT_ERR_INVALID_ARGUMENT', 'Expected at least one set of inputs to compare with but received none.')
}

/** Both must take and give the same names: what is called otherwise cannot be compared. */
export function requireNames(what: 'inputs' | 'outputs', a: readonly string[], b: readonly string[]): void {
  if (a.length === b.length && a.every((name) => b.includes(name))) return
  const message = `The two models have other ${what}: ${a.join(', ')} and ${b.join(', ')}. Only models of the same ${what} can be compared.`
  throw new TrtError('TRT_ERR_NAME', message, { first: a, second: b })
}

const inputNames = ({ graph }: OnnxModel) => graph.inputs.map(({ name }) => name).filter((name) => !graph.initializers.has(name))
const outputNames = ({ graph }: OnnxModel) => graph.outputs.map(({ name }) => name)
