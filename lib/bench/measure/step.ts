import { seededRandom } from '../../core/random.js'
import { arrivalTimes } from '../load/arrivals.js'
import { drawClasses } from '../load/classes.js'
import type { ResolvedBenchmark } from '../options.js'
import type { StepReport } from '../report/schema.js'
import { summarizeSamples } from '../report/summarize.js'
import { BatchLog } from './batch-log.js'
import { StepControl, type StepLimits } from './control.js'
import { closedLoop, type Load, openLoop, type Target } from './loop.js'
import { Samples } from './samples.js'
import { agreeing } from './stability.js'

/** What one step is given beyond the settings that all steps share. */
export interface StepPlan {
  load: number
  seed: number
  onMeasuring: () => void
}

/** Holds one load and reports it. @throws As the loops. */
export async function measureStep(target: Target, settings: ResolvedBenchmark, plan: StepPlan): Promise<StepReport> {
  const { pacer, probes, limits, classes } = settings
  const watch = new Watch(probes)
  const control = new StepControl(limits, () => {
    watch.begin()
    plan.onMeasuring()
  })
  const samples = new Samples()
  const send = sending(settings, plan)
  const log = new BatchLog(settings.observe ?? new Set([target])).open()
  const origin = pacer.now()
  try {
    const { signal, ...rest } = settings
    await send({ target, ...rest, ...(signal === undefined ? {} : { signal }), samples, control, origin })
    const effort = watch.end()
    const range = control.range((from, to) => startsWithin(samples, from, to))
    settings.onSamples({ load: plan.load, samples, range })
    const { from, to, stable } = range
    return {
      load: plan.load,
      from,
      to,
      stable,
      windows: control.windows.map(({ from, to, throughput, latency }) => ({ from, to, throughput, latency })),
      ...summarizeSamples(samples, classes, { from, to, percentiles: settings.percentiles }),
      batches: log.batches(origin, from, to),
      stages: log.stages(origin, from, to),
      cpuPerRequest: effort.cpu / Math.max(1, startsWithin(samples, limits.warmUp, Infinity)),
      eventLoopDelay: effort.eventLoopDelay,
    }
  } finally {
    watch.close()
    log.close()
  }
}

/** The loop, with all that it needs made before its first request is sent: arrival times and classes too. */
function sending({ mode, arrivals, classes, limits }: ResolvedBenchmark, { load: amount, seed }: StepPlan): (load: Load) => Promise<void> {
  if (mode === 'closed') return (load) => closedLoop(load, amount, seededRandom(seed))
  const durationMs = longest(limits, amount)
  const at = arrivalTimes(arrivals, { rate: amount, durationMs, seed })
  const schedule = { at, durationMs, classes: drawClasses(classes, at.length, seed) }
  return (load) => openLoop(load, schedule)
}

function longest({ warmUp, duration, iterations, stability, maxWindows }: StepLimits, rate: number): number {
  const windows = duration === 0 ? 0 : (duration / agreeing) * (stability > 0 ? Math.max(maxWindows, agreeing) : agreeing)
  // Twice the mean time that the iterations need: bursts may be late. And the loop must pass the end of the last window.
  return warmUp + Math.max(windows, (2000 * iterations) / rate) + 1000
}

function startsWithin(samples: Samples, from: number, to: number): number {
  let count = 0
  for (let at = 0; at < samples.count; at++) if (samples.intended[at]! >= from && samples.intended[at]! < to) count++
  return count
}

/** CPU and event loop from the end of the warm-up to the end of the step. */
class Watch {
  readonly #probes: ResolvedBenchmark['probes']
  #cpu = 0
  #eventLoop: ReturnType<ResolvedBenchmark['probes']['watchEventLoop']> | null = null

  constructor(probes: ResolvedBenchmark['probes']) {
    this.#probes = probes
  }

  begin(): void {
    this.#cpu = this.#probes.cpu()
    this.#eventLoop = this.#probes.watchEventLoop()
  }

  end(): { cpu: number; eventLoopDelay: StepReport['eventLoopDelay'] } {
    if (this.#eventLoop === null) return { cpu: 0, eventLoopDelay: { mean: 0, p50: 0, p99: 0, max: 0 } }
    const eventLoopDelay = this.#eventLoop.stop()
    this.#eventLoop = null
    return { cpu: this.#probes.cpu() - this.#cpu, eventLoopDelay }
  }

  /** A watch that nobody reads ticks each millisecond all the same. */
  close(): void {
    this.#eventLoop?.stop()
  }
}
