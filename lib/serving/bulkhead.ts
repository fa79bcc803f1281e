import { TrtError } from '../core/errors.js'
import { callback, integer, invalid, plainObject, rejectUnknown, text } from '../core/options.js'
import type { Inputs, Outputs, Runner, RunOptions } from '../core/runner.js'
import { Compartment, type CompartmentStats } from './support/compartment.js'
import { Counted, type Counts } from './support/counted.js'
import { Time, timeKeys, type TimeOptions } from './support/time.js'

export interface BulkheadClass {
  /** Runs at once: 1 to 1,000,000. */
  limit: number
  /** Requests that may wait for one of them to end: 0 to 1,000,000. Default 0. */
  queue?: number
}

export interface BulkheadOptions<I = Inputs> extends TimeOptions {
  /** Of requests of all kinds together. Instead of `classes`. */
  limit?: number
  queue?: number
  /** By class. Each has its own runs and its own queue: a flood of one leaves the others alone. */
  classes?: Readonly<Record<string, BulkheadClass>>
  /** The class of a request. Needed with `classes`. */
  classify?: (inputs: I, options: RunOptions) => string
}

export interface BulkheadStats extends Counts {
  classes: Readonly<Record<string, CompartmentStats>>
}

export interface BulkheadRunner<I = Inputs, O = Outputs> extends Runner<I, O> {
  stats(): BulkheadStats
}

const most = 1_000_000
const everything = 'all'

/**
 * Bounds how many runs of each class are made at once, and how many requests wait for that. Who waits goes by priority, then
 * by arrival, leaves at once when it is aborted, and is refused with `TRT_ERR_DEADLINE` when its deadline passes; who finds the
 * queue full is refused with `TRT_ERR_OVERLOADED` and `retryAfter`.
 *
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`
 */
export function bulkhead<I = Inputs, O = Outputs>(runner: Runner<I, O>, options: BulkheadOptions<I>): BulkheadRunner<I, O> {
  rejectUnknown(plainObject('options', options), ['limit', 'queue', 'classes', 'classify', ...timeKeys], 'bulkhead')
  const time = new Time(options)
  const { classes, limit, queue, classify } = options
  if (classes === undefined) {
    if (classify !== undefined) throw invalid('Expected classes together with classify: name each class and its limit.')
    const only = compartment(everything, { limit: limit!, ...(queue !== undefined && { queue }) }, time)
    return new Bulkhead(runner, { compartments: new Map([[everything, only]]), classify: () => everything, time })
  }
  if (limit !== undefined || queue !== undefined) throw invalid('Expected either limit and queue or classes, not both.')
  const named = Object.entries(plainObject('classes', classes)).map(([name, each]) => {
    rejectUnknown(plainObject(`classes.${name}`, each), ['limit', 'queue'], `classes.${name}`)
    return [name, compartment(name, each as BulkheadClass, time)] as const
  })
  if (named.length === 0) throw invalid('Expected at least one class in classes.')
  return new Bulkhead(runner, { compartments: new Map(named), classify: callback('classify', classify!), time })
}

function compartment(name: string, { limit, queue = 0 }: BulkheadClass, time: Time): Compartment {
  const prefix = name === everything ? '' : `classes.${name}.`
  return new Compartment(name, { limit: integer(`${prefix}limit`, limit, 1, most), queue: integer(`${prefix}queue`, queue, 0, most) }, time)
}

interface Parts<I> {
  readonly compartments: ReadonlyMap<string, Compartment>
  readonly classify: (inputs: I, options: RunOptions) => string
  readonly time: Time
}

class Bulkhead<I, O> extends Counted<I, O> implements BulkheadRunner<I, O> {
  readonly #runner: Runner<I, O>
  readonly #parts: Parts<I>

  constructor(runner: Runner<I, O>, parts: Parts<I>) {
    super(parts.time)
    this.#runner = runner
    this.#parts = parts
  }

  stats(): BulkheadStats {
    const classes = Object.fromEntries([...this.#parts.compartments].map(([name, each]) => [name, each.stats()]))
    return { ...this.counts(), classes }
  }

  protected async request(inputs: I, options: RunOptions): Promise<O> {
    const compartment = this.#compartmentOf(text('the class of a request', this.#parts.classify(inputs, options)))
    const waited = compartment.enter(options)
    if (waited !== null) await waited
    const began = this.time.now()
    try {
      return await this.#runner.run(inputs, options)
    } finally {
      compartment.leave(this.time.now() - began)
    }
  }

  #compartmentOf(name: string): Compartment {
    const { compartments } = this.#parts
    const found = compartments.get(name)
    if (found !== undefined) return found
    const known = [...compartments.keys()]
    const message = `classify() named the class "${name}", which classes does not have. Known are ${known.join(', ')}.`
    throw new TrtError('TRT_ERR_INVALID_ARGUMENT', message, { class: name, known })
  }
}
