import { monitorEventLoopDelay } from 'node:perf_hooks'

/** How late the event loop was, in milliseconds. */
export interface EventLoopDelay {
  mean: number
  p50: number
  p99: number
  max: number
}

const RESOLUTION_MS = 1

/**
 * Watches the event loop of this thread with a timer each millisecond. Node's histogram holds the whole interval between
 * two timers; what is told here is the part above the interval that was asked for.
 */
export function watchEventLoop(): { stop(): EventLoopDelay } {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  return {
    stop() {
      histogram.disable()
      const late = (ns: number) => (histogram.count === 0 ? 0 : Math.max(0, ns / 1e6 - RESOLUTION_MS))
      return {
        mean: late(histogram.mean),
        p50: late(histogram.percentile(50)),
        p99: late(histogram.percentile(99)),
        max: late(histogram.max),
      }
    },
  }
}
