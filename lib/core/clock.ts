import { performance } from 'node:perf_hooks'

/** Where time comes from: milliseconds that only grow, from any origin. Tests inject their own. */
export interface Clock {
  now(): number
}

/** `performance.now()`: deadlines are absolute on this clock unless another is injected. */
export const systemClock: Clock = { now: () => performance.now() }
