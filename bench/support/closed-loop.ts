import { percentile } from './statistics.js'

/** A closed loop: as many callers as `inFlight`, each starting its next operation when its last has settled. */
export interface LoopPlan {
  inFlight: number
  durationMs: number
  /** Milliseconds. */
  now?: () => number
  /** Microseconds of CPU the process has used so far, user and system. */
  cpu?: () => number
}

export interface LoopResult {
  operations: number
  perSecond: number
  /** Of the whole process: JavaScript thread, our threads, the collector's. Microseconds. */
  cpuPerOperation: number
  /** Microseconds. */
  p50: number
  p99: number
}

/** More latencies than this are sampled cyclically: percentiles need no more, and nothing grows while measuring. */
const keptLatencies = 1 << 18
const latencies = new Float64Array(keptLatencies)

export function processCpu(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

export async function closedLoop(operation: () => Promise<unknown>, plan: LoopPlan): Promise<LoopResult> {
  const now = plan.now ?? (() => performance.now())
  const cpu = plan.cpu ?? processCpu
  let operations = 0
  const cpuBefore = cpu()
  const begin = now()
  const end = begin + plan.durationMs
  const caller = async (): Promise<void> => {
    let started = now()
    do {
      await operation()
      const finished = now()
      latencies[operations++ % keptLatencies] = finished - started
      started = finished
    } while (started < end)
  }
  await Promise.all(Array.from({ length: plan.inFlight }, caller))
  const elapsed = now() - begin
  const cpuUsed = cpu() - cpuBefore
  const sorted = latencies.subarray(0, Math.min(operations, keptLatencies)).slice().sort()
  return {
    operations,
    perSecond: (operations / elapsed) * 1e3,
    cpuPerOperation: cpuUsed / operations,
    p50: percentile(sorted, 0.5) * 1e3,
    p99: percentile(sorted, 0.99) * 1e3,
  }
}
