import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { benchmark } from '../../../lib/bench/benchmark.js'
import type { BenchmarkOptions } from '../../../lib/bench/options.js'
import { TrtError } from '../../../lib/core/errors.js'
import type { Inputs, RunOptions } from '../../../lib/core/runner.js'
import { rejection } from '../../support/failure.js'
import { simulatedProbes, SimulatedRunner, type SimulatedOptions } from '../../support/simulated.js'
import { VirtualTime } from '../../support/virtual-time.js'

const test = suite('benchmark')

/** The whole harness in virtual time. */
function world(simulated: SimulatedOptions) {
  const time = new VirtualTime(1000)
  const runner = new SimulatedRunner(time, simulated)
  const measure = (options: Partial<BenchmarkOptions>, target: Parameters<typeof benchmark>[0] = runner) =>
    time.run(benchmark(target, { inputs: {}, warmUp: 100, duration: 300, pacer: time, probes: simulatedProbes(time), ...options }))
  return { time, runner, measure }
}

test('open loop, constant arrivals below capacity: every latency is the service time', async () => {
  const { measure } = world({ serviceMs: 4 })
  const { steps } = await measure({ rate: 100, arrivals: 'constant', slo: 5 })
  const [step] = steps
  assert.equal([step!.from, step!.to, step!.stable, step!.offered, step!.answered], [100, 400, true, 30, 30])
  assert.equal([step!.offeredRate, step!.throughput, step!.inTime, step!.goodput], [100, 100, 30, 1])
  const { min, p50, p99, max } = step!.latency
  assert.equal([min, p50, p99, max], [4, 4, 4, 4])
  assert.equal([step!.refused, step!.failed], [{}, {}])
})

test('open loop above capacity: the queue grows, and what is late counts as offered', async () => {
  // One each 10 ms, 20 ms of work: request n waits n * 10 ms and is answered n * 10 + 20 ms after it was due.
  const { measure } = world({ serviceMs: 20 })
  const { steps } = await measure({ rate: 100, arrivals: 'constant', slo: 320, tellDeadlines: false, stability: 0 })
  const [step] = steps
  // Due at 100 … 390 ms: requests 10 … 39 with 120 … 410 ms, of which 10 … 30 take at most 320.
  assert.equal([step!.offered, step!.answered, step!.inTime], [30, 30, 21])
  assert.equal([step!.latency.min, step!.latency.max, step!.goodput], [120, 410, 0.7])
  // In 300 ms it answered 15, whichever they were.
  assert.is(step!.throughput, 50)
  assert.is(step!.stable, null)
})

test('latency counts from the intended time, also when the event loop is late', async () => {
  const { time, measure } = world({ serviceMs: 0 })
  // The first request after 150 ms stops everything for 60 ms; those due meanwhile are sent after it.
  let stopped = false
  const blocking = {
    async run() {
      if (!stopped && time.now() >= 1150) {
        stopped = true
        time.jump(60)
      }
    },
  }
  const { steps } = await measure({ rate: 100, arrivals: 'constant', stability: 0 }, blocking)
  const [step] = steps
  assert.is(step!.offered, 30)
  // 60 of itself, then 50, 40, 30, 20, 10 and 0: in all 210 ms.
  assert.equal([step!.latency.max, step!.latency.mean], [60, 7])
  assert.equal([step!.sendDelay.max, step!.sendDelay.mean], [50, 5])
})

test('closed loop: as many in flight as asked, step by step', async () => {
  const { runner, measure } = world({ serviceMs: 10, lanes: 2 })
  const { steps, settings } = await measure({ concurrency: [1, 2, 4] })
  assert.equal(
    steps.map(({ load, throughput, latency }) => [load, throughput, latency.p50]),
    [
      [1, 100, 10],
      [2, 200, 10],
      [4, 200, 20],
    ],
  )
  assert.equal([runner.mostInFlight, settings.mode, settings.arrivals], [4, 'closed', null])
})

test('iterations alone: exactly as many, without windows', async () => {
  const { measure, runner } = world({ serviceMs: 10 })
  const { steps } = await measure({ warmUp: 0, duration: 0, iterations: 25 })
  assert.equal([steps[0]!.offered, steps[0]!.answered, runner.seen.length], [25, 25, 25])
  assert.equal([steps[0]!.windows, steps[0]!.to, steps[0]!.throughput], [[], 250, 100])
})

test('iterations need more windows than three: the range reaches back', async () => {
  const { measure } = world({ serviceMs: 10 })
  const { steps } = await measure({ iterations: 55 })
  assert.equal([steps[0]!.from, steps[0]!.to, steps[0]!.offered], [100, 700, 60])
})

test('goes on until three windows agree, and reports those', async () => {
  // Slow at first: 30 ms for the first ten runs, then 10 ms.
  const { measure } = world({ serviceMs: (n) => (n < 10 ? 30 : 10) })
  const { steps } = await measure({})
  const [step] = steps
  // The last slow one ends in the third window.
  assert.equal([step!.stable, step!.from, step!.to, step!.latency.max], [true, 400, 700, 10])
  assert.equal(
    step!.windows.map(({ throughput }) => throughput),
    [30, 30, 100, 100, 100, 100],
  )
})

test('gives up on agreement after maxWindows, and says so', async () => {
  const { measure } = world({ serviceMs: (n) => 1 + (n % 40) })
  const { steps } = await measure({ maxWindows: 4, stability: 0.0001 })
  assert.equal([steps[0]!.stable, steps[0]!.windows.length], [false, 4])
})

test('refusals are counted by reason, and a closed loop does not ask again at once', async () => {
  const { measure, runner } = world({ serviceMs: 10, most: 1 })
  const { steps } = await measure({ concurrency: 2, slo: 100 })
  const [step] = steps
  assert.is(step!.answered, 30)
  const refused = step!.refused['TRT_ERR_OVERLOADED overload']!
  assert.ok(refused > 200 && refused <= 300, `${refused}`)
  assert.equal([step!.offered, step!.goodput], [30 + refused, 30 / (30 + refused)])
  assert.is(runner.mostInFlight, 1)
})

test('Poisson arrivals at one server wait as long as queueing theory says', async () => {
  const { measure } = world({ serviceMs: 10 })
  const { steps } = await measure({ rate: 70, arrivals: 'poisson', warmUp: 5000, duration: 1_000_000, stability: 0 })
  // Pollaczek and Khinchine: load 0.7, so 0.7 * 10 / (2 * 0.3) ms in the queue, and 10 ms of service.
  const { mean, min } = steps[0]!.latency
  assert.ok(Math.abs(mean - 21.67) < 0.6, `${mean}`)
  assert.ok(Math.abs(min - 10) < 1e-6)
})

test('classes: shares, rows, priorities and deadlines reach the runner; each is reported', async () => {
  const { runner, measure } = world({ serviceMs: 1 })
  const asked: { rows: number; class: string }[] = []
  const { steps, settings } = await measure({
    rate: 100,
    arrivals: 'constant',
    classes: [
      { name: 'fast', weight: 1, deadline: 15, priority: 2 },
      { name: 'bulk', weight: 3, rows: 8 },
    ],
    inputs: (request) => (asked.push({ rows: request.rows, class: request.class }), {}),
  })
  const [step] = steps
  const [fast, bulk] = step!.classes
  assert.equal([fast!.name, fast!.offered + bulk!.offered, fast!.goodput, bulk!.goodput], ['fast', 30, 1, null])
  assert.is(step!.goodput, 1)
  assert.ok(bulk!.offered > fast!.offered)
  runner.seen.forEach(({ at, options }, n) => {
    assert.equal(asked[n], options.priority === 2 ? { rows: 1, class: 'fast' } : { rows: 8, class: 'bulk' })
    assert.is(options.deadline, options.priority === 2 ? at + 15 : undefined)
  })
  assert.equal(settings.classes[1], { name: 'bulk', weight: 3, rows: 8, deadline: null, priority: 0 })
})

test('the same seed sends the same requests at the same times; another one does not', async () => {
  const times = async (seed: number) => {
    const { runner, measure } = world({ serviceMs: 1, lanes: 9 })
    await measure({ rate: 200, arrivals: 'bursty', seed })
    return runner.seen.map(({ at }) => at)
  }
  assert.equal(await times(4), await times(4))
  assert.not.equal(await times(4), await times(5))
})

test('a recorded trace keeps its own rate', async () => {
  const { measure } = world({ serviceMs: 1 })
  const { steps, settings } = await measure({ mode: 'open', arrivals: { kind: 'trace', times: [0, 10, 20, 30] } })
  assert.equal([steps[0]!.load, steps[0]!.offered], [100, 30])
  assert.equal(settings.arrivals, { kind: 'trace', recorded: 4 })
})

test('CPU per request: of all that began after the warm-up', async () => {
  const { measure } = world({ serviceMs: 10 })
  const { steps } = await measure({})
  // 100 µs a millisecond and 10 ms a request.
  assert.is(steps[0]!.cpuPerRequest, 1000)
})

test('a runner that does not answer is aborted after the time to settle; what never settles is pending', async () => {
  const { time, measure } = world({ serviceMs: 1 })
  const hanging = (stubborn: boolean) => ({
    run: (_: Inputs, { signal }: RunOptions = {}) =>
      new Promise<never>((_, reject) => {
        if (!stubborn) signal?.addEventListener('abort', () => reject(signal.reason as Error))
      }),
  })
  const polite = await measure({ concurrency: 3, warmUp: 0, settle: 500, maxWindows: 3, iterations: 0 }, hanging(false))
  assert.equal(polite.steps[0]!.failed, { TRT_ERR_ABORTED: 3 })
  const began = time.now()
  const stubborn = await measure({ rate: 100, arrivals: 'constant', settle: 500, maxWindows: 3 }, hanging(true))
  assert.equal(stubborn.steps[0]!.failed, { pending: 30 })
  assert.ok(time.now() - began < 2000)
})

test("the caller's fault ends the measurement with its error, also when it is thrown", async () => {
  const { measure } = world({ serviceMs: 1 })
  const wrong = {
    run(): Promise<never> {
      throw new TrtError('TRT_ERR_NAME', 'no such input')
    },
  }
  for (const options of [{ concurrency: 2 }, { rate: 50 }]) assert.is((await rejection(measure(options, wrong))).code, 'TRT_ERR_NAME')
})

test('its signal stops it, in flight or not', async () => {
  const { time, measure } = world({ serviceMs: 5000 })
  for (const options of [{ concurrency: 2 }, { rate: 1 }]) {
    const controller = new AbortController()
    time.setTimeout(() => controller.abort(), 200)
    const stopped = measure({ ...options, settle: 100, signal: controller.signal })
    assert.is((await rejection(stopped)).code, 'TRT_ERR_ABORTED')
  }
})

test('progress tells each step twice', async () => {
  const { measure } = world({ serviceMs: 10 })
  const told: string[] = []
  await measure({ concurrency: [1, 2], onProgress: ({ phase, load, step, steps }) => told.push(`${phase} ${load} ${step}/${steps}`) })
  assert.equal(told, ['warm-up 1 0/2', 'measuring 1 0/2', 'warm-up 2 1/2', 'measuring 2 1/2'])
})

test('the report is JSON-safe and says where and how', async () => {
  const { measure } = world({ serviceMs: 10 })
  const report = await measure({ name: 'two words', concurrency: [1] })
  assert.equal(JSON.parse(JSON.stringify(report)), report)
  assert.equal([report.schema, report.name, report.settings.seed], ['tensorrt-node/benchmark/1', 'two words', 1])
  assert.match(report.environment.package, /^tensorrt-node@\d/)
})

test('options that cannot be are refused', async () => {
  const { measure } = world({ serviceMs: 1 })
  const wrong: Partial<BenchmarkOptions>[] = [
    { concurency: 1 } as never,
    { concurrency: 0 },
    { concurrency: [] },
    { mode: 'open' },
    { mode: 'closed', rate: 3 },
    { rate: 3, concurrency: 2 },
    { rate: -1 },
    { rate: Number.NaN },
    { slo: 0 },
    { duration: 0, iterations: 0 },
    { stability: 2 },
    { inputs: 3 as never },
  ]
  for (const options of wrong) assert.is((await rejection(measure(options))).code, 'TRT_ERR_INVALID_ARGUMENT', JSON.stringify(options))
})

test.run()
