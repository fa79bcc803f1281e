import type { Tensor } from '../../core/tensor.js'
import { cloneModel } from '../graph/clone.js'
import { GraphIndex } from '../graph/graph-index.js'
import { namedValue } from '../graph/nodes.js'
import type { OnnxModel, OnnxNode } from '../graph/types.js'
import { writeOnnx } from '../graph/write.js'
import { OutputsFidelity } from '../report/fidelity.js'
import type { OutputFidelity } from '../report/types.js'
import type { Runtime, Sample } from '../runtime.js'

export type Outputs = Readonly<Record<string, Tensor>>

/** A model's own measure: larger is better. Both lists in the order of the held-out samples. */
export type Metric = (reference: readonly Outputs[], outputs: readonly Outputs[]) => number

export interface Verdict {
  /** Noise power over signal power of the last layers' outputs, the worst of them: before thresholds and suppressions make it jump. */
  readonly error: number
  readonly outputs: readonly OutputFidelity[]
  /** Null: there is none. */
  readonly metric: number | null
}

const linear: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul'])

/** Outputs of layers that no other layer comes after. */
export function lastLayers({ graph }: OnnxModel): string[] {
  const index = new GraphIndex(graph)
  const before = new Set<OnnxNode>()
  const last: string[] = []
  for (const node of graph.nodes.toReversed()) {
    const isLayer = node.domain === '' && linear.has(node.opType)
    const followed = node.outputs.some((name) => index.consumers(name).some((next) => before.has(next)))
    if (isLayer && !followed) last.push(node.outputs[0] as string)
    if (isLayer || followed) before.add(node)
  }
  return last
}

/** Compares forms of one model with its float form on samples that were not calibrated on. */
export class Judge {
  readonly #runtime: Runtime
  readonly #samples: readonly Sample[]
  readonly #logits: readonly string[]
  readonly #visible: ReadonlySet<string>
  readonly #metric: Metric | null
  readonly #signal: AbortSignal | undefined
  #reference: readonly Outputs[] = []

  constructor(
    model: OnnxModel,
    samples: readonly Sample[],
    runtime: Runtime,
    { metric, signal }: { metric: Metric | null; signal: AbortSignal | undefined },
  ) {
    this.#runtime = runtime
    this.#samples = samples
    this.#metric = metric
    this.#signal = signal
    this.#visible = new Set(model.graph.outputs.map(({ name }) => name))
    const logits = lastLayers(model)
    this.#logits = logits.length > 0 ? logits : [...this.#visible]
  }

  /** The model with what is compared among its outputs: to be lowered or placed as it is. */
  exposed(model: OnnxModel): OnnxModel {
    const copy = cloneModel(model)
    for (const name of this.#logits) if (!this.#visible.has(name)) copy.graph.outputs.push(namedValue(name))
    return copy
  }

  /** @param model Float and exposed: what others are compared with. */
  async remember(model: OnnxModel): Promise<void> {
    this.#reference = await this.#run(model)
  }

  /** @param model Made from an exposed one. */
  async verdict(model: OnnxModel): Promise<Verdict> {
    const outputs = await this.#run(model)
    const fidelity = new OutputsFidelity()
    const shown = (all: Outputs) => Object.fromEntries(Object.entries(all).filter(([name]) => this.#visible.has(name)))
    for (const [i, each] of outputs.entries()) fidelity.add(shown(this.#reference[i] as Outputs), shown(each))
    const metric = this.#metric?.(this.#reference.map(shown), outputs.map(shown)) ?? null
    const errors = this.#logits.map((name) => relativeError(this.#reference, outputs, name))
    return { error: Math.max(...errors), outputs: fidelity.results(), metric }
  }

  async #run(model: OnnxModel): Promise<Outputs[]> {
    const open = await this.#runtime.open(writeOnnx(model), { signal: this.#signal })
    try {
      const all: Outputs[] = []
      for (const sample of this.#samples) all.push(await open.run(sample))
      return all
    } finally {
      await open.close()
    }
  }
}

/**
 * Noise power over signal power, of the values or of the differences between neighbours along the last axis, whichever is
 * larger after weighting: maxima and suppressions look at the differences, which smooth maps have little of.
 */
function relativeError(reference: readonly Outputs[], outputs: readonly Outputs[], name: string): number {
  const [values, differences] = [new Noise(), new Noise()]
  for (const [i, each] of outputs.entries()) {
    const [a, b] = [reference[i]?.[name]?.data as Float32Array, each[name]?.data as Float32Array]
    for (let k = 0; k < a.length; k++) {
      values.add(a[k] as number, b[k] as number)
      if (k > 0) differences.add((a[k] as number) - (a[k - 1] as number), (b[k] as number) - (b[k - 1] as number))
    }
  }
  return Math.max(values.relative, differenceWeight * differences.relative)
}

const differenceWeight = 0.5

class Noise {
  #noise = 0
  #sum = 0
  #squares = 0
  #count = 0

  add(reference: number, value: number): void {
    this.#noise += (reference - value) ** 2
    this.#sum += reference
    this.#squares += reference * reference
    this.#count++
  }

  get relative(): number {
    if (this.#noise === 0) return 0
    const variance = this.#squares - (this.#sum * this.#sum) / this.#count
    return variance > 0 ? this.#noise / variance : Infinity
  }
}
