import { type Abortable, join, leave } from '../../core/abort-group.js'
import type { Runner, RunOptions } from '../../core/runner.js'

/** A run below that its wrapper can stop; the caller's signal stops it too. */
export class Strand<I, O> implements Abortable {
  readonly answer: Promise<O>
  readonly #controller = new AbortController()
  readonly #above: AbortSignal | undefined

  constructor(runner: Runner<I, O>, inputs: I, options: RunOptions) {
    this.#above = options.signal
    if (this.#above !== undefined) join(this.#above, this)
    this.answer = this.#run(runner, inputs, { ...options, signal: this.#controller.signal })
  }

  /** @param reason Of the signal below. */
  stop(reason: unknown): void {
    this.#controller.abort(reason)
  }

  /** By the caller's signal. */
  abort(): void {
    this.#controller.abort(this.#above!.reason)
  }

  async #run(runner: Runner<I, O>, inputs: I, options: RunOptions): Promise<O> {
    try {
      return await runner.run(inputs, options)
    } finally {
      if (this.#above !== undefined) leave(this.#above, this)
    }
  }
}
