import { fromBfloat16, fromFloat16 } from '../../core/float16.js'
import type { Tensor } from '../../core/tensor.js'
import type { OutputFidelity } from './types.js'

/** Of one output over several samples, each compared with what the reference gave. Constant memory. */
export class Fidelity {
  #samples = 0
  #cosineSum = 0
  #cosineMin = Infinity
  #maxError = 0
  #signal = 0
  #noise = 0
  #largest = 0

  constructor(readonly name: string) {}

  /**
   * Values of any type. Not a number on one side alone, another shape, or no value at all is an infinite error; NaN on both sides,
   * or the same infinity, is none.
   */
  add(reference: Tensor, value: Tensor | undefined): void {
    this.#samples++
    const same = value?.shape.length === reference.shape.length && reference.shape.every((dim, i) => dim === value.shape[i])
    const cosine = same ? this.#compare(numbersOf(reference), numbersOf(value)) : this.#incomparable()
    this.#cosineSum += cosine
    this.#cosineMin = Math.min(this.#cosineMin, cosine)
  }

  #incomparable(): number {
    this.#maxError = Infinity
    this.#noise = Infinity
    return 0
  }

  /** @returns The cosine: 1 where both are zeros, 0 where one is. */
  #compare(a: ArrayLike<number>, b: ArrayLike<number>): number {
    let [dot, aa, bb, noise] = [0, 0, 0, 0]
    for (let i = 0; i < a.length; i++) {
      const [x, y] = [a[i]!, b[i]!]
      if (Object.is(x, y)) {
        if (!Number.isFinite(x)) continue
      } else if (!Number.isFinite(x) || !Number.isFinite(y)) return this.#incomparable()
      const error = Math.abs(x - y)
      if (error > this.#maxError) this.#maxError = error
      if (Math.abs(x) > this.#largest) this.#largest = Math.abs(x)
      noise += error * error
      dot += x * y
      aa += x * x
      bb += y * y
    }
    this.#signal += aa
    this.#noise += noise
    if (aa === 0 && bb === 0) return 1
    return aa === 0 || bb === 0 ? 0 : Math.min(1, dot / Math.sqrt(aa * bb))
  }

  /** Largest error over largest magnitude of the reference; 0 without error, also where the reference is all zeros. */
  get relativeError(): number {
    return this.#maxError === 0 ? 0 : this.#maxError / this.#largest
  }

  /** JSON-safe: where nothing differs, or everything, `sqnr` is ±300 dB; an infinite error is the largest number there is. */
  result(): OutputFidelity {
    const { name } = this
    const samples = this.#samples
    const ratio = this.#noise === 0 ? Infinity : this.#signal / this.#noise
    const sqnr = Math.max(-300, Math.min(300, 10 * Math.log10(ratio)))
    const cosine = samples === 0 ? { mean: 1, min: 1 } : { mean: this.#cosineSum / samples, min: this.#cosineMin }
    return { name, samples, cosine, maxError: Math.min(this.#maxError, Number.MAX_VALUE), sqnr: Number.isNaN(sqnr) ? 300 : sqnr }
  }
}

function numbersOf({ type, data }: Tensor): ArrayLike<number> {
  if (type === 'float16') return fromFloat16(data as Uint16Array)
  if (type === 'bfloat16') return fromBfloat16(data as Uint16Array)
  return data instanceof BigInt64Array || data instanceof BigUint64Array ? Array.from(data, Number) : data
}

/** Compares all outputs of two models, given the same inputs, one sample after the other. */
export class OutputsFidelity {
  readonly #outputs = new Map<string, Fidelity>()

  add(reference: Readonly<Record<string, Tensor>>, values: Readonly<Record<string, Tensor>>): void {
    for (const [name, tensor] of Object.entries(reference)) {
      const fidelity = this.#outputs.get(name) ?? new Fidelity(name)
      this.#outputs.set(name, fidelity)
      fidelity.add(tensor, values[name])
    }
  }

  /** Of the worst output. */
  get relativeError(): number {
    return Math.max(0, ...[...this.#outputs.values()].map((output) => output.relativeError))
  }

  results(): OutputFidelity[] {
    return [...this.#outputs.values()].map((output) => output.result())
  }
}
