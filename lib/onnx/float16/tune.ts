import type { Tensor } from '../../core/tensor.js'
import { number } from '../../core/options.js'
import type { OnnxModel } from '../graph/types.js'
import { writeOnnx } from '../graph/write.js'
import { OutputsFidelity } from '../report/fidelity.js'
import type { LayerReport, OutputFidelity } from '../report/types.js'
import type { OpenOptions, Runtime, Sample } from '../runtime.js'
import { activationRanges } from './activation-ranges.js'
import { type Autocast, autocast, type AutocastOptions } from './autocast.js'
import { labelOf } from './scopes.js'

export interface TuneOptions extends OpenOptions {
  /** Mean cosine of each output that is aimed at, 0 to 1. Default 0.9999. */
  readonly minCosine?: number
  /** Share of the operators with floats that may be left in float32 for it, 0 to 1. Default 0.05. */
  readonly maxFloat?: number
}

export interface Tuned extends Autocast {
  /** Against the model in float32, on the samples. */
  readonly outputs: readonly OutputFidelity[]
}

/** Layers that add up products: where errors enter and grow. */
const linear: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'MatMul', 'Gemm', 'LSTM', 'GRU', 'RNN', 'Einsum'])

/** Values up to here leave float16 room for eight times as much on other data. */
const roomyRange = 8192

/**
 * `autocast` with reference data. Nodes whose values come near the end of float16's range stay float32. Where the outputs are not as
 * close as wanted, so do those with values beyond 512, or the first layers: what these round away, all others amplify. Several
 * choices are tried on the samples, the best one wins, and the report says where none was good enough.
 *
 * ONNX Runtime's CPU has few kernels for float16: it computes in float32, on weights in float16, and rounds what lies between only
 * where it must. A GPU rounds more often. It computes no bfloat16 at all: there nothing is measured, and `outputs` is empty.
 *
 * @param samples Reference data; none: plain `autocast`.
 * @throws {TrtError} As `autocast`, and what the runtime throws.
 */
export async function tuneAutocast(
  model: OnnxModel,
  options: AutocastOptions,
  { samples, runtime }: { samples: readonly Sample[]; runtime: Runtime },
  tuning: TuneOptions = {},
): Promise<Tuned> {
  const { minCosine = 0.9999, maxFloat = 0.05, ...open } = tuning
  number('minCosine', minCosine, 0, 1)
  number('maxFloat', maxFloat, 0, 1)
  if (options.type === 'bfloat16' || samples.length === 0) return { ...autocast(model, options), outputs: [] }
  const ranges = options.ranges ?? (await activationRanges(model, samples, runtime, open))
  const trial = await Trial.of(model, { ...options, ranges }, { samples, runtime, open })
  let best = await trial.run({ maxRange: options.maxRange ?? roomyRange })
  if (isClose(best, minCosine)) return best
  for (const attempt of attempts(model, options, best, maxFloat)) {
    const tried = await trial.run(attempt)
    if (worst(tried) > worst(best)) best = tried
    if (isClose(tried, minCosine)) break
  }
  return isClose(best, minCosine) ? best : noted(best, minCosine)
}

const worst = ({ outputs }: Tuned) => Math.min(1, ...outputs.map(({ cosine }) => cosine.mean))
const isClose = (tuned: Tuned, minCosine: number) => worst(tuned) >= minCosine

function noted(tuned: Tuned, minCosine: number): Tuned {
  const note = `The mean cosine of an output is ${worst(tuned).toFixed(5)}, below ${minCosine}: as near as float16 gets while no more operators are left in float32.`
  return { ...tuned, report: { ...tuned.report, notes: [...tuned.report.notes, note] } }
}

type Attempt = Pick<AutocastOptions, 'maxRange' | 'exclude'>

function attempts(model: OnnxModel, { maxRange }: AutocastOptions, { report }: Tuned, maxFloat: number): Attempt[] {
  const { float16, float32 } = report.operators
  const room = Math.floor(maxFloat * (float16 + float32)) - float32
  const roomy = maxRange ?? roomyRange
  const narrow = maxRange === undefined ? [{ maxRange: 512 }] : []
  return [...stems(model, room).map((exclude) => ({ maxRange: roomy, exclude })), ...narrow]
}

/** The first layers with what lies between them, in steps that double: at most as many nodes as there is room for. */
function stems({ graph }: OnnxModel, room: number): string[][] {
  const first = graph.nodes.findIndex(({ opType }) => linear.has(opType))
  const nodes = first < 0 ? [] : graph.nodes.slice(first, first + Math.max(0, room))
  const ends = nodes.flatMap(({ opType }, i) => (linear.has(opType) ? [i + 1] : []))
  const chosen = ends.filter((_, i) => i === ends.length - 1 || Number.isInteger(Math.log2(i + 1)))
  return chosen.map((end) => nodes.slice(0, end).map(labelOf))
}

type Outputs = Readonly<Record<string, Tensor>>

interface TrialContext {
  readonly samples: readonly Sample[]
  readonly runtime: Runtime
  readonly open: OpenOptions
}

/** Casts of one model, each judged against what it gave in float32. */
class Trial {
  private constructor(
    private readonly model: OnnxModel,
    private readonly options: AutocastOptions,
    private readonly context: TrialContext,
    private readonly reference: readonly Outputs[],
  ) {}

  static async of(model: OnnxModel, options: AutocastOptions, context: TrialContext): Promise<Trial> {
    return new Trial(model, options, context, await outputsOf(model, context))
  }

  async run({ exclude = [], ...attempt }: Attempt): Promise<Tuned> {
    const options = { ...this.options, ...attempt, exclude: [...(this.options.exclude ?? []), ...exclude] }
    const cast = autocast(this.model, options)
    // The samples are float32, whatever the inputs are to be.
    const judged = this.options.keepIOTypes === false ? autocast(this.model, { ...options, keepIOTypes: true }) : cast
    const fidelity = new OutputsFidelity()
    const outputs = await outputsOf(judged.model, this.context)
    outputs.forEach((each, i) => fidelity.add(this.reference[i]!, each))
    return { ...cast, report: { ...cast.report, layers: explained(cast.report.layers, exclude) }, outputs: fidelity.results() }
  }
}

function explained(layers: readonly LayerReport[], chosen: readonly string[]): LayerReport[] {
  return layers.map((layer) =>
    chosen.includes(layer.node) ? { ...layer, reason: 'an early layer, whose rounding grows on its way' } : layer,
  )
}

async function outputsOf(model: OnnxModel, { samples, runtime, open }: TrialContext): Promise<Outputs[]> {
  const opened = await runtime.open(writeOnnx(model), open)
  try {
    const all: Outputs[] = []
    for (const sample of samples) all.push(await opened.run(sample))
    return all
  } finally {
    await opened.close()
  }
}
