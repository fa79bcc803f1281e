import { TrtError } from '../core/errors.js'
import { suggestion } from '../core/nearest.js'
import { invalid, received } from '../core/options.js'
import { fillRandom } from '../core/random.js'
import type { Inputs } from '../core/runner.js'
import { checkedSize, maxRank } from '../core/shapes.js'
import { Tensor, zeros } from '../core/tensor.js'
import type { InputPlan } from './inputs.js'
import { aborted } from './tasks.js'
import { profileOf, rowsOf, type ShapeSet, type ShapesByName } from './warm-up-shapes.js'

/** Inputs that were kept from real requests. */
export type Recorded = Iterable<Inputs> | AsyncIterable<Inputs>

/** A warm-up needs a few examples; an endless source must not fill the memory. */
export const mostRecorded = 64

/** Shapes, and the inputs that are run with them in turn. */
export interface WorkItem extends ShapeSet {
  readonly examples: readonly Inputs[]
}

/** @param random Undefined: zeros. */
export function madeInputs(plans: readonly InputPlan[], set: ShapeSet, random: (() => number) | undefined): Record<string, Tensor> {
  return Object.fromEntries(plans.map((plan) => [plan.name, madeInput(plan, set, random)]))
}

function madeInput({ name, type, info }: InputPlan, { shapes, profile }: ShapeSet, random: (() => number) | undefined): Tensor {
  const shape = shapes[name]!
  const data = zeros(type, checkedSize(`warm-up shape of input "${name}"`, shape))
  // A shape tensor steers shapes by its values: only those of the profile are sure to be possible.
  const values = info.isShape ? info.ranges[profile ?? 0]?.opt : undefined
  if (values !== undefined) values.forEach((value, i) => (data[i] = typeof data[i] === 'bigint' ? BigInt(value) : value))
  else if (random !== undefined) fillRandom(type, data, random)
  return new Tensor(type, shape, data)
}

/**
 * Recorded inputs, those of the same shapes together; at most the first 64.
 *
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`: none, or nothing that can be iterated; `TRT_ERR_ABORTED`; as `run` for an
 *   input that the engine does not take.
 */
export async function recordedInputs(plans: readonly InputPlan[], source: Recorded, signal: AbortSignal | undefined): Promise<WorkItem[]> {
  const groups = new Map<string, WorkItem & { examples: Inputs[] }>()
  for (const example of await collect(source, signal)) {
    const shapes = shapesOf(plans, example)
    const key = JSON.stringify(shapes)
    const group = groups.get(key)
    if (group !== undefined) group.examples.push(example)
    else groups.set(key, { profile: profileOf(plans, shapes), rows: rowsOf(plans, shapes), shapes, guessed: [], examples: [example] })
  }
  return [...groups.values()].sort((a, b) => a.rows - b.rows)
}

async function collect(source: Recorded, signal: AbortSignal | undefined): Promise<Inputs[]> {
  const iterator = iteratorOf(source)
  const examples: Inputs[] = []
  const stop = stopOn(signal)
  try {
    while (examples.length < mostRecorded) {
      const next = await Promise.race([iterator.next(), stop.promise])
      if (next.done === true) break
      examples.push(next.value)
    }
  } finally {
    stop.close()
    // Not awaited: a source that waits for its next item ends only after it.
    void Promise.resolve(iterator.return?.()).catch(() => undefined)
  }
  if (examples.length === 0) throw invalid('Expected at least one recorded input for warmUp({ inputs }) but received none.')
  return examples
}

function iteratorOf(source: Recorded): AsyncIterator<Inputs> | Iterator<Inputs> {
  const iterable = source as Partial<AsyncIterable<Inputs> & Iterable<Inputs>> | null | undefined
  const asynchronous = iterable?.[Symbol.asyncIterator]
  if (typeof asynchronous === 'function') return asynchronous.call(iterable)
  const synchronous = iterable?.[Symbol.iterator]
  if (typeof synchronous === 'function' && typeof source !== 'string') return synchronous.call(iterable)
  throw invalid(`Expected 'zeros', 'random' or an iterable of inputs for inputs of warmUp but received ${received(source)}.`, {
    received: received(source),
  })
}

function stopOn(signal: AbortSignal | undefined): { promise: Promise<never>; close(): void } {
  let listener = (): void => undefined
  const promise = new Promise<never>((_, reject) => {
    listener = () => reject(aborted('warm-up', signal!))
    if (signal?.aborted === true) listener()
    else signal?.addEventListener('abort', listener)
  })
  promise.catch(() => undefined) // lost to the last item: nobody waits for it any more
  return { promise, close: () => signal?.removeEventListener('abort', listener) }
}

/** Checks an example as `run` would, and tells its shapes. */
function shapesOf(plans: readonly InputPlan[], example: Inputs): ShapesByName {
  const names = plans.map(({ name }) => name)
  if (typeof example !== 'object' || example === null)
    throw invalid(`Expected an object of inputs by name for a recorded input but received ${received(example)}.`)
  const scratch = new Float64Array(1 + maxRank)
  return Object.fromEntries(
    plans.map((plan) => {
      const value = (example as Record<string, unknown>)[plan.name]
      if (value === undefined) {
        const message = `A recorded input lacks "${plan.name}".${suggestion(plan.name, Object.keys(example))} The engine takes ${names.join(', ')}.`
        throw new TrtError('TRT_ERR_NAME', message, { expected: names, received: Object.keys(example) })
      }
      plan.take(value, scratch, 0)
      return [plan.name, [...scratch.subarray(1, 1 + scratch[0]!)]]
    }),
  )
}
