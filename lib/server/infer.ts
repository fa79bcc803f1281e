import type { Clock } from '../core/clock.js'
import type { Outputs, RunOptions } from '../core/runner.js'
import type { ServedModel } from './model.js'
import type { Received } from './protocol/body.js'
import { type EncodedResponse, encodeResponse } from './protocol/response.js'
import { StatusError } from './protocol/status.js'
import { RequestCounter } from './statistics.js'

/** The models that a server has: a fixed set, or a repository whose models come and go. */
export interface Models {
  find(name: string): Inference | undefined
  all(): readonly Inference[]
  /** Names of those that ought to be there and are not. */
  waiting(): readonly string[]
}

/** A model behind the protocol, whichever transport brings its requests. */
export class Inference {
  readonly counter = new RequestCounter()
  #users = 0
  #idle: (() => void) | null = null

  constructor(
    readonly model: ServedModel,
    private readonly clock: Clock,
  ) {}

  /** Keeps the model open while `work` goes on: from the moment that a request has found it. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    this.#users++
    try {
      return await work()
    } finally {
      if (--this.#users === 0) this.#idle?.()
    }
  }

  /** Waits for everyone who uses the model, no longer than `limitMs`. */
  async drained(limitMs: number): Promise<void> {
    if (this.#users === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limitMs)
      this.#idle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /**
   * Runs a request that has come whole.
   *
   * @param began When its first byte came, on the clock: a time-out counts from there.
   * @throws {TrtError} What the Runner rejects with; `TRT_ERR_UNAVAILABLE` (503) while the model is not ready.
   */
  async run({ request, inputs }: Received, began: number, signal: AbortSignal): Promise<EncodedResponse> {
    try {
      this.model.requireNames(request)
      if (!this.model.ready) throw notReady(this.model.name)
      const outputs = await this.model.runner.run(inputs, this.#options(request, began, signal))
      const response = encodeResponse(this.model, request, inOrder(this.model, outputs))
      this.counter.succeeded(this.clock.now() - began, Object.values(inputs)[0]?.shape[0] ?? 1)
      return response
    } catch (error) {
      this.counter.failed(this.clock.now() - began)
      throw error
    }
  }

  #options({ outputs, priority, timeout }: Received['request'], began: number, signal: AbortSignal): RunOptions {
    return {
      signal,
      ...(timeout !== undefined && { deadline: began + timeout }),
      // The protocol's 1 goes first and 0 says nothing; ours is larger first, from 0.
      ...(priority !== undefined && priority > 0 && { priority: 1 - priority }),
      ...(outputs !== null && { outputs: outputs.map(({ name }) => name) }),
    }
  }
}

/** A Runner may give its outputs in any order, and more than were asked for; clients expect the model's. */
function inOrder({ outputs }: ServedModel, given: Outputs): Outputs {
  return Object.fromEntries(outputs.flatMap(({ name }) => (given[name] === undefined ? [] : [[name, given[name]]])))
}

export function notReady(name: string): StatusError {
  const message = `Model "${name}" is not ready: it is being loaded or warmed up, or has been closed. Try again.`
  return new StatusError(503, 'TRT_ERR_UNAVAILABLE', message, { model: name })
}
