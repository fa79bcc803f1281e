import { TrtError } from '../../core/errors.js'
import { invalid } from '../../core/options.js'
import type { Tensor } from '../../core/tensor.js'
import { plural } from '../../core/text-format.js'
import type { OnnxModel } from '../graph/types.js'
import type { Runtime, Sample } from '../runtime.js'
import { floatValues } from './floats.js'
import { iterate, requireRunning } from './iterate.js'
import type { Extent, Kernels } from './kernels.js'
import { type CollectOptions, type ResolvedCollectOptions, resolveCollectOptions } from './options.js'
import { SampleCheck, type Samples } from './sample.js'
import { addValues, emptyStatistics } from './statistics.js'
import type { Observer, TensorStatistics } from './types.js'
import { type View, WatchedModel } from './watched-model.js'

export interface Collected {
  /** That observers have seen. */
  readonly samples: number
  /** Left out for a NaN or an infinity in a tensor that is observed. */
  readonly dropped: number
  /** How many times each sample was run; 1: all tensors fitted into the memory allowed. */
  readonly groups: number
  /** Sentences for people. */
  readonly warnings: readonly string[]
}

/**
 * Shows chosen tensors of every sample to observers, in one pass over the samples, which are walked through once and not kept: memory does
 * not depend on how many they are. A sample whose observed tensors hold a NaN or an infinity is shown to nobody.
 *
 * Where the tensors of one sample take more memory than allowed, observers are put in groups, each with a session of its own,
 * and each sample is run by one after the other. The model is not changed.
 *
 * @throws {TrtError} `TRT_ERR_NAME`, `TRT_ERR_TYPE`, `TRT_ERR_SHAPE`: of a sample, whose index the message begins with, or of an observed
 *   tensor that the model does not have. `TRT_ERR_INVALID_ARGUMENT`: no samples, none that is finite, an unknown option. `TRT_ERR_ABORTED`;
 *   and what the runtime, the source of samples and the observers throw.
 */
// oxlint-disable-next-line max-params -- what, by whom, on what, with what: agreed on by the passes
export async function observe(
  model: OnnxModel,
  observers: readonly Observer[],
  samples: Samples,
  runtime: Runtime,
  options: CollectOptions = {},
): Promise<Collected> {
  const resolved = resolveCollectOptions(options, runtime)
  // Half of it: one run is looked at while the next one computes.
  const budget = resolved.memoryBytes / 2
  const watched = new WatchedModel(model, observers, runtime, { threads: resolved.threads, signal: resolved.signal, budget })
  const pass = new Pass(watched, resolved, totalOf(samples))
  try {
    await pass.over(new SampleCheck(model), samples)
  } finally {
    await watched.close()
  }
  return pass.result()
}

/**
 * Histograms of tensors over all samples.
 *
 * @param tensors Of a float type. The same ones with the same samples give the same bytes.
 * @throws {TrtError} As `observe`; `TRT_ERR_TYPE`: a tensor of integers.
 */
// oxlint-disable-next-line max-params -- as observe
export async function collectStatistics(
  model: OnnxModel,
  tensors: Iterable<string>,
  samples: Samples,
  runtime: Runtime,
  options: CollectOptions = {},
): Promise<{ statistics: Map<string, TensorStatistics> } & Collected> {
  const { kernels } = resolveCollectOptions(options, runtime)
  const statistics = new Map([...tensors].map((name) => [name, emptyStatistics()]))
  const observers = [...statistics].map(([name, into]) => new StatisticsObserver(name, into, kernels))
  const collected = await observe(model, observers, samples, runtime, options)
  return { statistics, ...collected }
}

/** One for each tensor, so that groups can be as small as they must. */
class StatisticsObserver implements Observer {
  readonly tensors: readonly string[]

  constructor(
    private readonly name: string,
    private readonly into: TensorStatistics,
    private readonly kernels: Kernels,
  ) {
    this.tensors = [name]
  }

  observe(values: ReadonlyMap<string, Tensor>, _sample: number, extents: ReadonlyMap<string, Extent>): void {
    const tensor = values.get(this.name)!
    const extent = extents.get(this.name)
    const floats = floatValues(tensor)
    if (floats === null || extent === undefined) {
      const message = `Tensor "${this.name}" is of ${tensor.type}; only tensors of floats have a range to calibrate. Leave it out.`
      throw new TrtError('TRT_ERR_TYPE', message, { name: this.name, type: tensor.type })
    }
    addValues(this.into, floats, extent, this.kernels)
  }
}

/** A sample on its way through the groups. */
interface Passing {
  readonly index: number
  readonly sample: Sample
  /** A tensor that is not finite; null: none is known of. */
  spoiledBy: string | null
}

class Pass {
  #seen = 0
  #kept = 0
  #groups = 1
  readonly #dropped: { index: number; tensor: string }[] = []
  /** The run that computes while the one before is looked at. */
  #ahead: { passing: Passing; last: boolean; view: Promise<View> } | null = null

  constructor(
    private readonly watched: WatchedModel,
    private readonly options: ResolvedCollectOptions,
    private readonly total: number | null,
  ) {}

  async over(check: SampleCheck, samples: Samples): Promise<void> {
    try {
      for await (const given of iterate('calibration data', samples, this.options.signal)) {
        await this.#begin({ index: this.#seen, sample: check.take(given, this.#seen++), spoiledBy: null })
      }
      await this.#finish()
    } finally {
      // Whatever went wrong: nobody closes a session under a run.
      await this.#ahead?.view.catch(() => {})
    }
  }

  result(): Collected {
    if (this.#seen === 0) {
      throw invalid('The calibration data has no samples. Give at least one, better a hundred: inputs like those that the model will meet.')
    }
    const warnings = this.#warnings()
    if (this.#kept === 0) {
      throw invalid(`No sample is usable: ${warnings.join(' ')} Look for NaN in the model's weights and in the inputs.`, {
        samples: this.#seen,
        tensor: this.#dropped[0]?.tensor,
      })
    }
    return { samples: this.#kept, dropped: this.#dropped.length, groups: this.#groups, warnings }
  }

  async #begin(passing: Passing): Promise<void> {
    await this.watched.prepare(passing.sample, () => this.#finish())
    const { groups } = this.watched
    this.#groups = Math.max(this.#groups, groups)
    for (let group = 0; group < groups; group++) {
      const view = this.watched.run(passing.sample, group)
      // It is waited for in the next round, and may fail before.
      view.catch(() => {})
      const before = this.#ahead
      this.#ahead = { passing, last: group === groups - 1, view }
      if (before !== null) await this.#look(before)
    }
  }

  async #finish(): Promise<void> {
    const before = this.#ahead
    if (before === null) return
    await this.#look(before)
    this.#ahead = null
  }

  async #look({ passing, last, view: running }: { passing: Passing; last: boolean; view: Promise<View> }): Promise<void> {
    const view = await running
    requireRunning(this.options.signal)
    const extents = this.#extents(view, passing)
    if (passing.spoiledBy === null) for (const observer of view.group.observers) observer.observe(view.values, this.#kept, extents)
    view.release()
    if (last) this.#count(passing)
  }

  #count({ index, spoiledBy }: Passing): void {
    if (spoiledBy === null) this.#kept++
    else this.#dropped.push({ index, tensor: spoiledBy })
    const dropped = this.#dropped.length
    this.options.onProgress?.({ samples: this.#kept + dropped, dropped, total: this.total })
  }

  /** Of what this view shows and of the observed inputs: with the first group's guards that is all that a sample can fail by. */
  #extents({ values, spoiled }: View, passing: Passing): Map<string, Extent> {
    const extents = new Map<string, Extent>()
    passing.spoiledBy ??= spoiled[0] ?? null
    const inputs = this.watched.inputs.map((name) => [name, passing.sample[name]!] as const)
    for (const [name, tensor] of [...values, ...inputs]) {
      if (passing.spoiledBy !== null) break
      const floats = extents.has(name) ? null : floatValues(tensor)
      if (floats === null) continue
      const extent = this.options.kernels.extent(floats)
      extents.set(name, extent)
      if (!extent.finite) passing.spoiledBy = name
    }
    return extents
  }

  #warnings(): string[] {
    const [first] = this.#dropped
    if (first === undefined) return []
    const some = this.#dropped.slice(0, 5).map(({ index }) => index)
    const which = `${some.join(', ')}${this.#dropped.length > some.length ? ', …' : ''}`
    return [
      `${this.#dropped.length} of ${plural(this.#seen, 'sample')} left out for a NaN or an infinity (index ${which}); the first in tensor "${first.tensor}".`,
    ]
  }
}

function totalOf(samples: Samples): number | null {
  if (Array.isArray(samples)) return samples.length
  const size = (samples as { size?: unknown }).size
  return typeof size === 'number' ? size : null
}
