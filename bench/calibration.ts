// Question: what does calibration cost in time against plain inference of the same samples, in memory as samples grow in number, and
// in the choice of ranges?
import { writeOnnx } from '../lib/onnx/graph/write.js'
import { autoCandidates } from '../lib/onnx/calibration/choose-method.js'
import { collectStatistics } from '../lib/onnx/calibration/collect.js'
import { makeTable } from '../lib/onnx/calibration/table.js'
import type { MethodChoice, TensorStatistics } from '../lib/onnx/calibration/types.js'
import { seededRandom } from '../lib/core/random.js'
import type { OpenModel, Sample } from '../lib/onnx/runtime.js'
import { peakOf } from './calibration/peak.js'
import { type Subject, subjectOf } from './calibration/subject.js'
import { runBench, type Target } from './support/bench.js'
import { lineSegments, recognition } from './support/real-models.js'
import { interleave, type RoundPlan } from './support/rounds.js'
import { median, ratios } from './support/statistics.js'
import { figure, table } from './support/table.js'

const samples = 100
/** Made once, so that making them costs neither side. */
const distinct = 8
const tensors = 100
const few = 20
const many = 500

const timed = async (work: () => Promise<unknown>) => {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** Opening sessions and measuring shapes is part of the calibration; the other side's session is open. */
async function time(subject: Subject, plan: RoundPlan, count: number) {
  const random = seededRandom(1)
  const made = Array.from({ length: distinct }, () => subject.sample(random))
  const given: Sample[] = Array.from({ length: count }, (_, i) => made[i % distinct]!)
  const plain: OpenModel = await subject.runtime.open(writeOnnx(subject.model))
  let statistics = new Map<string, TensorStatistics>()
  const inference = async () => {
    for (const sample of given) await plain.run(sample)
  }
  const calibration = async () => {
    ;({ statistics } = await collectStatistics(subject.model, subject.tensors, given, subject.runtime))
  }
  const rounds = await interleave(
    [
      { name: 'plain', measure: () => timed(inference) },
      { name: 'calibration', measure: () => timed(calibration) },
    ],
    plan,
  )
  await plain.close()
  return { rounds, ratio: median(ratios(rounds.calibration, rounds.plain)), statistics }
}

/** Milliseconds for ranges of both forms, of a hundred tensors by each of the methods. */
async function ranges(
  statistics: ReadonlyMap<string, TensorStatistics>,
  methods: readonly MethodChoice[],
  rounds: number,
): Promise<number> {
  const all = [...statistics.values()]
  const hundred = new Map(Array.from({ length: tensors }, (_, i) => [String(i), all[i % all.length]!]))
  const measured: number[] = []
  for (let round = 0; round < rounds; round++) {
    measured.push(await timed(async () => methods.map((method) => makeTable(hundred, method, { samples, dropped: 0 }))))
  }
  return median(measured)
}

await runBench({
  name: 'calibration',
  question: 'What does calibration cost: in time against plain inference, in memory as samples grow, and for the choice of ranges?',
  defaults: { rounds: 5, durationMs: 1 },
  method: ({ rounds, quick }) =>
    `${rounds} rounds of ${quick ? 10 : samples} samples a side, sides in random order, one thread for inference; both on the cleaned graph; medians`,
  async measure({ rounds, quick }, plan) {
    const count = quick ? 10 : samples
    const rows: string[][] = []
    const details: Record<string, unknown> = {}
    const worst = { time: 0, memory: 0, entropy: 0, auto: 0 }
    for (const real of [lineSegments(), recognition()]) {
      const subject = await subjectOf(real)
      const { ratio, rounds: measured, statistics } = await time(subject, plan, count)
      const entropy = await ranges(statistics, [{ method: 'entropy' }], rounds)
      const auto = await ranges(statistics, autoCandidates, rounds)
      const [small, large] = [await peakOf(subject.name, quick ? 4 : few), await peakOf(subject.name, quick ? 20 : many)]
      worst.time = Math.max(worst.time, ratio)
      worst.memory = Math.max(worst.memory, large / small)
      worst.entropy = Math.max(worst.entropy, entropy)
      worst.auto = Math.max(worst.auto, auto)
      details[subject.name] = { tensors: subject.tensors.length, elements: subject.elements, measured, ratio, small, large, entropy, auto }
      const perSample = (list: readonly number[]) => figure(median(list) / count)
      const memory = [small, large].map((bytes) => figure(bytes / 2 ** 20))
      const size = [String(subject.tensors.length), figure(subject.elements / 1e6)]
      rows.push([
        subject.name,
        ...size,
        perSample(measured.plain),
        perSample(measured.calibration),
        figure(ratio),
        ...memory,
        figure(entropy),
        figure(auto),
      ])
    }
    const head = [
      'model',
      'tensors',
      'M elements',
      'plain, ms',
      'calibration, ms',
      'ratio',
      `peak ${few}, MiB`,
      `peak ${many}, MiB`,
      'entropy, ms',
      'auto, ms',
    ]
    const thresholdsMs = Math.max(worst.entropy, worst.auto)
    const targets: Target[] = [
      { name: 'time of 100 samples to plain inference', value: worst.time, bound: 'at most', limit: 2.5 },
      { name: 'peak memory of 500 samples to that of 20', value: worst.memory, bound: 'at most', limit: 1.1 },
      { name: 'ranges of 100 tensors, entropy or auto, ms', value: thresholdsMs, bound: 'at most', limit: 1000 },
    ]
    return { tables: [table(head, rows)], targets, summary: { time: worst.time, memory: worst.memory, thresholdsMs }, details }
  },
})
