import type { Tensor } from '../../core/tensor.js'
import type { OnnxModel } from '../graph/types.js'
import type { OpenModel, OpenOptions, Runtime, Sample } from '../runtime.js'
import { exposable, exposeShapes, exposeValues } from './expose.js'
import { type Group, groupObservers } from './groups.js'
import { OutputMemory } from './output-memory.js'
import type { Observer } from './types.js'

/** What a group shows of one sample. */
export interface View {
  readonly group: Group
  readonly values: ReadonlyMap<string, Tensor>
  /** Tensors of other groups, inputs aside, in which this run met a NaN or an infinity. */
  readonly spoiled: readonly string[]
  /** Nobody looks at it any more: the next run may write over it. */
  release(): void
}

interface OpenGroup {
  readonly group: Group
  readonly model: OpenModel | null
  readonly inner: readonly string[]
  /** Output by the tensor that it guards. */
  readonly guards: ReadonlyMap<string, string>
  /** Fresh memory for each run would cost more time than most operators: its pages have to be made. */
  readonly memory: OutputMemory
}

export interface WatchOptions extends OpenOptions {
  /** Bytes of tensors that one run may give. */
  readonly budget: number
}

/** Type unknown: an upper bound for all but float64. */
const bytesPerElement = 4

/**
 * The model, opened once for each group of observers, so that what a run gives stays within a budget. The first group's run
 * tells also whether the tensors of the others are finite: whether a sample counts is known before anybody has seen it.
 */
export class WatchedModel {
  /** Inputs of the model that are observed. */
  readonly inputs: readonly string[]
  #groups: OpenGroup[] = []
  /** Elements in the inputs of the sample that the groups were made for. */
  #sizedFor = -1

  constructor(
    private readonly model: OnnxModel,
    private readonly observers: readonly Observer[],
    private readonly runtime: Runtime,
    private readonly options: WatchOptions,
  ) {
    this.inputs = exposable(
      model,
      observers.flatMap(({ tensors }) => tensors),
    ).inputs
  }

  get groups(): number {
    return this.#groups.length
  }

  /**
   * Groups that suit this sample. Larger inputs give larger tensors: then they are made anew.
   *
   * @param beforeClosing Waited for before open models are closed.
   */
  async prepare(sample: Sample, beforeClosing: () => Promise<void>): Promise<void> {
    const size = sizeOfSample(sample)
    if (size <= this.#sizedFor) return
    const bytes = await this.#bytesFor(sample)
    const groups = groupObservers(this.observers, (tensor) => bytes.get(tensor) ?? 0, this.options.budget)
    this.#sizedFor = size
    const same = groups.length === this.#groups.length && groups.every((group, i) => isSame(group, this.#groups[i]!.group))
    if (same) return
    await beforeClosing()
    await this.close()
    for (const [i, group] of groups.entries()) this.#groups.push(await this.#open(group, i === 0 ? groups.slice(1) : []))
  }

  async run(sample: Sample, index: number): Promise<View> {
    const { group, model, inner, guards, memory } = this.#groups[index]!
    const shapes = shapesOf(sample)
    const outputs = model === null ? {} : await memory.run(model, sample, shapes)
    const values = new Map<string, Tensor>()
    for (const tensor of group.tensors) values.set(tensor, (inner.includes(tensor) ? outputs[tensor] : sample[tensor])!)
    const spoiled = [...guards].filter(([, output]) => outputs[output]!.data[0] !== 0).map(([tensor]) => tensor)
    return { group, values, spoiled, release: () => memory.keep(shapes, outputs) }
  }

  async close(): Promise<void> {
    const groups = this.#groups
    this.#groups = []
    for (const { model } of groups) await model?.close()
  }

  async #open(group: Group, others: readonly Group[]): Promise<OpenGroup> {
    const { inner } = exposable(this.model, group.tensors)
    const elsewhere = others.flatMap(({ tensors }) => tensors).filter((tensor) => !group.tensors.includes(tensor))
    const guarded = exposable(this.model, elsewhere).inner
    if (inner.length === 0 && guarded.length === 0) return { group, model: null, inner, guards: new Map(), memory: new OutputMemory() }
    const { bytes, guards } = exposeValues(this.model, inner, guarded)
    const model = await this.runtime.open(bytes, this.options)
    return { group, model, inner, guards: new Map(guarded.map((name, i) => [name, guards[i]!])), memory: new OutputMemory() }
  }

  async #bytesFor(sample: Sample): Promise<Map<string, number>> {
    const { inner } = exposable(
      this.model,
      this.observers.flatMap(({ tensors }) => tensors),
    )
    if (inner.length === 0) return new Map()
    const { bytes, outputs } = exposeShapes(this.model, inner)
    const model = await this.runtime.open(bytes, this.options)
    try {
      const shapes = await model.run(sample)
      return new Map([...outputs].map(([tensor, output]) => [tensor, bytesPerElement * product(shapes[output]!)]))
    } finally {
      await model.close()
    }
  }
}

function isSame(group: Group, other: Group): boolean {
  return group.observers.length === other.observers.length && group.observers.every((observer, i) => observer === other.observers[i])
}

function product({ data }: Tensor): number {
  return (data as BigInt64Array).reduce((size, dim) => size * Number(dim), 1)
}

function sizeOfSample(sample: Sample): number {
  return Object.values(sample).reduce((size, { data }) => size + data.length, 0)
}

/** Equal ones give outputs of equal shapes, mostly. */
function shapesOf(sample: Sample): string {
  return Object.values(sample)
    .map(({ shape }) => shape.join('x'))
    .join(',')
}
