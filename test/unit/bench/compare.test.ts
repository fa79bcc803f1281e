import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { benchmark } from '../../../lib/bench/benchmark.js'
import { meanInterval, normalTail } from '../../../lib/bench/compare/bootstrap.js'
import { comparePairs, compareReports, type RoundValues } from '../../../lib/bench/compare/compare.js'
import { compare } from '../../../lib/bench/compare/interleave.js'
import { seededRandom } from '../../../lib/core/random.js'
import { rejection, failure } from '../../support/failure.js'
import { simulatedProbes, SimulatedRunner } from '../../support/simulated.js'
import { VirtualTime } from '../../support/virtual-time.js'

const test = suite('compare')

/** Nearly normal, of mean 0 and deviation 1. */
function normal(random: () => number): number {
  let sum = -6
  for (let i = 0; i < 12; i++) sum += random()
  return sum
}

test('the tail of a normal distribution', () => {
  for (const [z, tail] of [
    [0, 0.5],
    [1.96, 0.025],
    [2.576, 0.005],
  ] as const)
    assert.ok(Math.abs(normalTail(z) - tail) < 1e-4, `${z}`)
})

test('an interval of 95 % holds the true mean in about 95 of 100 experiments, also of eight values', () => {
  const random = seededRandom(11)
  let held = 0
  for (let experiment = 0; experiment < 300; experiment++) {
    const { low, high } = meanInterval(
      Array.from({ length: 8 }, () => 5 + normal(random)),
      random,
    )
    if (low <= 5 && 5 <= high) held++
  }
  // 285 expected; three deviations are 11.
  assert.ok(held >= 273 && held <= 299, `${held} of 300`)
})

function rounds(count: number, value: (random: () => number) => number, seed: number): RoundValues[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, () => {
    const p50 = value(random)
    return { throughput: 1000 / p50, goodput: null, mean: p50, p50, p99: p50 * 2, cpuPerRequest: 100 }
  })
}

test('a difference is told with its direction, a share of A', () => {
  const a = rounds(10, (random) => 10 + normal(random) * 0.1, 1)
  const b = rounds(10, (random) => 9 + normal(random) * 0.1, 2)
  const metrics = comparePairs(a, b, 1)
  const of = (name: string) => metrics.find(({ metric }) => metric === name)!
  assert.equal([of('p50').verdict, of('throughput').verdict, of('cpuPerRequest').verdict], ['better', 'better', 'noise'])
  assert.ok(Math.abs(of('p50').change + 0.1) < 0.02 && of('p50').low < of('p50').change && of('p50').change < of('p50').high)
  assert.equal([comparePairs(b, a, 1).find(({ metric }) => metric === 'p50')!.verdict, of('goodput')], ['worse', undefined])
})

test('two equal sides differ by noise: no verdict in nine of ten comparisons', () => {
  let alarms = 0
  for (let seed = 1; seed <= 100; seed++) {
    const side = (offset: number) => rounds(8, (random) => 10 + normal(random), seed * 2 + offset)
    const p50 = comparePairs(side(0), side(1), seed).find(({ metric }) => metric === 'p50')
    if (p50!.verdict !== 'noise') alarms++
  }
  assert.ok(alarms <= 12, `${alarms} false alarms of 100`)
})

function world() {
  const time = new VirtualTime()
  const options = { inputs: {}, pacer: time, probes: simulatedProbes(time), warmUp: 10, duration: 300 }
  return { time, options }
}

test('sides are measured in turn under the same arrivals, and the faster one is told', async () => {
  const { time, options } = world()
  const [slow, fast] = [new SimulatedRunner(time, { serviceMs: 6 }), new SimulatedRunner(time, { serviceMs: 4 })]
  const told: number[] = []
  const work = compare(
    { name: 'slow', runner: slow },
    { name: 'fast', runner: fast },
    { ...options, rate: 100, rounds: 4, onRound: (round) => told.push(round) },
  )
  const { a, b, interleaved, load, values, metrics } = await time.run(work)
  assert.equal([a, b, interleaved, load, values, told], ['slow', 'fast', true, 100, 4, [0, 0, 1, 2, 3]])
  const p50 = metrics.find(({ metric }) => metric === 'p50')!
  assert.equal([p50.verdict, p50.change < -0.2], ['better', true])
  assert.is(metrics.find(({ metric }) => metric === 'throughput')!.verdict, 'noise')
  const gaps = (runner: SimulatedRunner) =>
    runner.seen.map(({ at }, i) => (i === 0 ? 0 : at - runner.seen[i - 1]!.at)).filter((gap) => gap < 100)
  const rounded = (list: number[]) => list.map((gap) => Math.round(gap * 1e6))
  assert.equal(rounded(gaps(slow)).slice(0, 20), rounded(gaps(fast)).slice(0, 20))
})

test('a comparison at two loads is refused', async () => {
  const { time, options } = world()
  const runner = new SimulatedRunner(time, { serviceMs: 1 })
  const side = { name: 'one', runner }
  assert.is((await rejection(compare(side, side, { ...options, concurrency: [1, 2] }))).code, 'TRT_ERR_INVALID_ARGUMENT')
})

test('reports are compared where their loads agree', async () => {
  const { time, options } = world()
  const random = seededRandom(3)
  const report = (serviceMs: number, concurrency: number[]) =>
    time.run(benchmark(new SimulatedRunner(time, { serviceMs: () => serviceMs + random() }), { ...options, duration: 3000, concurrency }))
  const [slow, fast] = [await report(10, [1, 2]), await report(5, [2, 3])]
  const comparisons = compareReports(slow, fast)
  assert.equal(
    comparisons.map(({ load, interleaved, values }) => [load, interleaved, values]),
    [[2, false, 20]],
  )
  assert.equal(
    comparisons[0]!.metrics.map(({ metric, verdict }) => [metric, verdict]),
    [
      ['throughput', 'better'],
      ['mean', 'better'],
      ['p50', 'better'],
      ['p99', 'better'],
    ],
  )
  assert.ok(compareReports(slow, slow)[0]!.metrics.every(({ verdict }) => verdict === 'noise'))
  const apart = await report(5, [7])
  assert.is(failure(() => compareReports(slow, apart)).code, 'TRT_ERR_INVALID_ARGUMENT')
})

test.run()
