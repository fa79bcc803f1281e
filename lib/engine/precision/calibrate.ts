import { choice, invalid, number, rejectUnknown } from '../../core/options.js'
import { autoCandidates, chooseMethod, type MethodResult } from '../../onnx/calibration/choose-method.js'
import { collectStatistics, observe } from '../../onnx/calibration/collect.js'
import { iterate } from '../../onnx/calibration/iterate.js'
import { knownRanges } from '../../onnx/calibration/known-ranges.js'
import type { CollectProgress } from '../../onnx/calibration/options.js'
import { type GivenSample, SampleCheck, type Samples } from '../../onnx/calibration/sample.js'
import { simulateCodes } from '../../onnx/calibration/simulate.js'
import { Split } from '../../onnx/calibration/split.js'
import { makeTable } from '../../onnx/calibration/table.js'
import { calibrationTensors } from '../../onnx/calibration/tensors.js'
import { type CalibrationMethod, calibrationMethods, type CalibrationTable, type MethodChoice } from '../../onnx/calibration/types.js'
import { readOnnx } from '../../onnx/graph/read.js'
import type { OnnxModel } from '../../onnx/graph/types.js'
import { factsOf } from '../../onnx/int8/facts.js'
import { Judge } from '../../onnx/int8/judge.js'
import { cleanModel } from '../../onnx/passes/clean/clean.js'
import { foldConstants } from '../../onnx/passes/fold-constants.js'
import { liftOpset } from '../../onnx/passes/lift.js'
import type { Runtime, Sample } from '../../onnx/runtime.js'

export interface CalibrateOptions {
  /** Default 'auto': the one whose ranges cost least in the outputs on samples held out from calibration. */
  readonly method?: CalibrationMethod | 'auto'
  /** Percent of values kept, above 0 to 100; of 'percentile' alone. Default 99.999. */
  readonly percentile?: number
  /** As CollectOptions has it. */
  readonly threads?: number
  /** As CollectOptions has it. */
  readonly memoryBytes?: number
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: CollectProgress) => void) | undefined
}

export interface Calibrated {
  readonly table: CalibrationTable
  /** What each method gave; empty where one was asked for. */
  readonly methods: readonly MethodResult[]
  /** Samples that methods were compared on. */
  readonly heldOut: number
  readonly warnings: readonly string[]
}

const known = ['method', 'percentile', 'threads', 'memoryBytes', 'signal', 'onProgress']
const opset = 21
/** Kept in memory while the others go by. */
const mostHeldOut = 16
const mostHeldOutBytes = 256 * 2 ** 20

/**
 * Ranges of the values of a model, cleaned up as a build does it, from samples of its inputs: what an int8 build is made from.
 *
 * @param model The bytes of an ONNX file. Is not changed.
 * @throws {TrtError} As `observe`, and `TRT_ERR_MODEL`.
 */
export async function calibrate(
  model: Uint8Array,
  samples: Samples,
  runtime: Runtime,
  options: CalibrateOptions = {},
): Promise<Calibrated> {
  const methods = methodsOf(options)
  const { method: _method, percentile: _percentile, ...collecting } = options
  const { model: cleaned } = cleanModel(foldConstants(liftOpset(readOnnx(model), opset)))
  const first = new FirstSample(samples, cleaned, options.signal)
  const sample = await first.look()
  const facts = await factsOf(cleaned, sample, runtime, options.signal)
  const tensors = calibrationTensors(cleaned.graph).filter((name) => isFloat(facts.get(name)?.type))
  const split = methods.length === 1 ? null : new Split(first, { most: mostHeldOut, mostBytes: mostHeldOutBytes, bytesOf })
  const collected = await collectStatistics(cleaned, tensors, split ?? first, runtime, collecting)
  const source = { samples: collected.samples, dropped: collected.dropped, known: knownRanges(cleaned.graph) }
  const tableOf = (method: MethodChoice) => makeTable(collected.statistics, method, source)
  const { warnings } = collected
  if (split === null) return { table: tableOf(methods[0]!), methods: [], heldOut: 0, warnings }
  const check = new SampleCheck(cleaned)
  const heldOut = await finite(
    cleaned,
    split.heldOut().map((given, i) => check.take(given, i)),
    runtime,
    options.signal,
  )
  const judge = new Judge(cleaned, heldOut, runtime, { metric: null, signal: options.signal })
  const exposed = judge.exposed(cleaned)
  await judge.remember(exposed)
  const { chosen, results } = await chooseMethod(
    methods,
    async (each) => (await judge.verdict(simulateCodes(exposed, tableOf(each)))).error,
  )
  return { table: tableOf(chosen), methods: results, heldOut: heldOut.length, warnings }
}

/** The samples whose outputs are finite: the others tell nothing about a method. */
async function finite(model: OnnxModel, samples: readonly Sample[], runtime: Runtime, signal: AbortSignal | undefined): Promise<Sample[]> {
  const inputs = model.graph.inputs.map(({ name }) => name).filter((name) => !model.graph.initializers.has(name))
  const seen = new Set<unknown>()
  const observer = {
    tensors: [...inputs, ...model.graph.outputs.map(({ name }) => name)],
    // Inputs are shown as they were given.
    observe: (values: ReadonlyMap<string, unknown>) => void seen.add(values.get(inputs[0]!)),
  }
  await observe(model, [observer], samples, runtime, { signal })
  return samples.filter((sample) => seen.has(sample[inputs[0]!]))
}

function methodsOf(given: CalibrateOptions): readonly MethodChoice[] {
  rejectUnknown(given, known, 'calibrate')
  const method = choice('method', given.method ?? 'auto', ['auto', ...calibrationMethods])
  if (given.percentile !== undefined && method !== 'percentile')
    throw invalid(`Expected no percentile with method '${method}': it belongs to 'percentile'.`, { method })
  if (method === 'auto') return autoCandidates
  if (method !== 'percentile') return [{ method }]
  return [{ method, percentile: number('percentile', given.percentile ?? 99.999, Number.MIN_VALUE, 100) }]
}

const isFloat = (type: string | undefined) => type === 'float32' || type === 'float16' || type === 'bfloat16'

function bytesOf(sample: GivenSample): number {
  const values = ArrayBuffer.isView(sample['data']) ? [sample] : Object.values(sample)
  return values.reduce(
    (bytes, value) => bytes + (ArrayBuffer.isView(value) ? value.byteLength : (value as { data: ArrayBufferView }).data.byteLength),
    0,
  )
}

/** The samples, walked through once, of which the first is looked at before. */
class FirstSample implements AsyncIterable<GivenSample> {
  readonly size: number | undefined
  readonly #iterator: AsyncGenerator<GivenSample, void, undefined>
  #first: IteratorResult<GivenSample, void> | null = null

  constructor(
    samples: Samples,
    private readonly model: OnnxModel,
    signal: AbortSignal | undefined,
  ) {
    this.#iterator = iterate('calibration data', samples, signal)
    const { size, length } = samples as { size?: unknown; length?: unknown }
    this.size = [size, length].find((each) => typeof each === 'number')
  }

  async look(): Promise<Sample> {
    this.#first = await this.#iterator.next()
    if (this.#first.done === true)
      throw invalid('The calibration data has no samples. Give at least one, better a hundred: inputs like those that the model will meet.')
    return new SampleCheck(this.model).take(this.#first.value, 0)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<GivenSample> {
    if (this.#first?.done === false) yield this.#first.value
    yield* this.#iterator
  }
}
