import { isTrtError } from '../../core/errors.js'
import type { Tensor } from '../../core/tensor.js'
import type { OpenModel, Sample } from '../runtime.js'

type Outputs = Readonly<Record<string, Tensor>>

/** What runs of one model gave and nobody needs any more, to be written over by the next ones. */
export class OutputMemory {
  #shapes = ''
  #free: Outputs[] = []
  /** Shapes of outputs depend on more than those of the inputs. */
  #unusable = false

  /** @param shapes Of the inputs: other ones give outputs of other shapes. */
  async run(model: OpenModel, sample: Sample, shapes: string): Promise<Outputs> {
    const into = this.#shapes === shapes ? this.#free.pop() : undefined
    if (into === undefined) return model.run(sample)
    try {
      return await model.run(sample, into)
    } catch (error) {
      if (isTrtError(error) && error.code === 'TRT_ERR_ABORTED') throw error
      this.#unusable = true
      return model.run(sample)
    }
  }

  keep(shapes: string, outputs: Outputs): void {
    if (this.#shapes !== shapes) this.#free = []
    this.#shapes = shapes
    if (!this.#unusable) this.#free.push(outputs)
  }
}
