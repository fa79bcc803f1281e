import * as assert from 'uvu/assert'
import type { Rule } from '../../../lib/batching/learned-rule.js'
import { MicroBatcher } from '../../../lib/batching/micro-batcher.js'
import type { MicroBatcherOptions } from '../../../lib/batching/options.js'
import type { Inputs, Outputs, RunOptions } from '../../../lib/core/runner.js'
import { isTrtError } from '../../../lib/core/errors.js'
import type { Tensor } from '../../../lib/core/tensor.js'
import { FakeDevice, type FakeDeviceOptions } from './fake-device.js'
import { FakeTime } from './fake-time.js'
import { fifoRule, LastCost } from './fifo-rule.js'

/** What came of one request. */
export type Outcome = { readonly outputs: Outputs } | { readonly error: unknown }

/** A batcher on fake devices and a fake clock that keeps account of every request. */
export class Harness {
  readonly time = new FakeTime()
  readonly devices: readonly FakeDevice[]
  readonly batcher: MicroBatcher
  readonly #cost = new LastCost()
  #calls = 0
  #settled = 0

  constructor(options: MicroBatcherOptions = {}, devices: FakeDeviceOptions | readonly FakeDeviceOptions[] = {}, given?: Rule) {
    this.devices = [devices].flat().map((each) => new FakeDevice(each))
    const rule: Rule = given ?? { ...fifoRule, cost: () => this.#cost }
    this.batcher = new MicroBatcher(this.devices, { clock: this.time, timers: this.time, ...options }, rule)
  }

  get device(): FakeDevice {
    return this.devices[0]!
  }

  /** How many buckets the batcher has told the rule of. */
  get buckets(): number {
    return new Set([...this.#cost.known.keys()].map((key) => key.split(':')[0])).size
  }

  /** Never rejects: the outcome says how it ended. */
  async run(inputs: Inputs, options?: RunOptions): Promise<Outcome> {
    this.#calls++
    try {
      return { outputs: await this.batcher.run(inputs, options) }
    } catch (error) {
      return { error }
    } finally {
      this.#settled++
    }
  }

  /** Runs it, and all that waits, to its end. */
  async answer(inputs: Inputs, options?: RunOptions): Promise<Outcome> {
    const outcome = this.run(inputs, options)
    await this.finishAll()
    return outcome
  }

  /** The code with which a request fails. */
  async code(inputs: Inputs, options?: RunOptions): Promise<string> {
    return codeOf(await this.run(inputs, options))
  }

  /** Finishes runs one after another until none is left. */
  async finishAll(): Promise<void> {
    for (await this.time.settle(); this.devices.some(({ runs }) => runs.some(({ settled }) => !settled)); await this.time.settle()) {
      for (const { runs } of this.devices) for (const run of runs) if (!run.settled) run.finish()
    }
  }

  /** As many answers as requests, by our count and by the batcher's own; nothing is left behind. */
  async end(): Promise<void> {
    await this.finishAll()
    // A lane may be held back for company: nobody else comes, so time has to pass.
    while (this.#settled < this.#calls && this.time.armed > 0) {
      await this.time.ring()
      await this.finishAll()
    }
    assert.is(this.#settled, this.#calls, 'a request was not answered')
    const { requests, answered, refused, failed, pending, queueDepth } = this.batcher.stats()
    const sum = (counts: object) => Object.values(counts).reduce((total: number, count: number) => total + count, 0)
    assert.is(requests, this.#calls)
    assert.is(answered + sum(refused) + sum(failed) + pending, requests)
    assert.equal([pending, queueDepth], [0, 0])
    await this.batcher.close()
    assert.is(this.time.armed, 0, 'a timer is left')
  }
}

export function codeOf(outcome: Outcome): string {
  if ('outputs' in outcome) return 'answered'
  return isTrtError(outcome.error) ? outcome.error.code : String(outcome.error)
}

/** An output of a request that was answered. */
export function output(outcome: Outcome, name = 'y'): Tensor {
  if ('error' in outcome) throw outcome.error
  return outcome.outputs[name]!
}

/** Its numbers. */
export const values = (outcome: Outcome, name?: string): number[] => Array.from(output(outcome, name).data, Number)

export const shapeOf = (outcome: Outcome, name?: string): readonly number[] => output(outcome, name).shape
