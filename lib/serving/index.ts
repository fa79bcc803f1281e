/** `tensorrt-node/serving`: patterns of real-time services, each a Runner around a Runner, in any order. */
export { bulkhead, type BulkheadClass, type BulkheadOptions, type BulkheadRunner, type BulkheadStats } from './bulkhead.js'
export { hedge, type HedgeOptions, type HedgeRunner, type HedgeStats } from './hedge.js'
export { isTransient, retry, type RetryOptions, type RetryRunner, type RetryStats } from './retry.js'
export { timeout, type TimeoutOptions, type TimeoutRunner, type TimeoutStats } from './timeout.js'
export type { CompartmentStats } from './support/compartment.js'
export type { Counts } from './support/counted.js'
export type { TimeOptions } from './support/time.js'
