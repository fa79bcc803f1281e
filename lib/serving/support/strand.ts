import type { Abortable } from '../../core/abort-group.js'
import type { Runner, RunOptions } from '../../core/runner.js'
import { LazyAbort, listen, restOf, type Source, sourceOf, unlisten } from './abort.js'

/** A run below that its wrapper can stop; what aborts the request stops it too. */
export class Strand<I, O> implements Abortable {
  readonly answer: Promise<O>
  readonly #below: LazyAbort
  readonly #above: Source | undefined

  /** @param deadline Of the run below. Default: the request's. */
  constructor(runner: Runner<I, O>, inputs: I, options: RunOptions, deadline?: number) {
    this.#above = sourceOf(options)
    const rest = restOf(options)
    this.#below = new LazyAbort(deadline === undefined ? rest : { ...rest, deadline })
    listen(this.#above, this)
    this.answer = this.#run(runner, inputs)
  }

  /** @param reason Of the signal below. */
  stop(reason: unknown): void {
    this.#below.abort(reason)
  }

  /** By what aborts the request. */
  abort(): void {
    this.#below.abort(this.#above!.reason)
  }

  async #run(runner: Runner<I, O>, inputs: I): Promise<O> {
    try {
      return await runner.run(inputs, this.#below.options)
    } finally {
      unlisten(this.#above, this)
    }
  }
}
