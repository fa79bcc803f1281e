import { benchmark } from '../../lib/bench/benchmark.js'
import type { BenchmarkOptions } from '../../lib/bench/options.js'
import type { BenchmarkReport } from '../../lib/bench/report/schema.js'
import { simulatedProbes } from './simulated.js'
import { SimulatedBatcher } from './simulated-batcher.js'
import { VirtualTime } from './virtual-time.js'

/** Sixteen rows in 12 ms, in requests per second. */
export const capacity = 16_000 / 12

/** A report such as a batcher gives from idle to overload, in virtual time: the same each time but for its date. */
export function sampleReport(options: Partial<BenchmarkOptions> = {}): Promise<BenchmarkReport> {
  const time = new VirtualTime()
  const common = {
    name: 'Sample <batcher> & co',
    inputs: {},
    pacer: time,
    probes: simulatedProbes(time),
    warmUp: 200,
    duration: 1500,
    maxWindows: 3,
  }
  const rates = [0.1, 0.3, 0.5, 0.7, 0.9, 1.2].map((load) => Math.round(load * capacity))
  return time.run(benchmark(new SimulatedBatcher(time), { ...common, rate: rates, slo: 30, arrivals: 'bursty', ...options }))
}
