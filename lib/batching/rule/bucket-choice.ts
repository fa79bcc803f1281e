import type { BucketQueue } from './bucket-queue.js'
import type { CostModel } from './types.js'

/** So many buckets are compared with each other; of more, the most urgent ones. */
const mostCompared = 8

export interface Chosen {
  readonly bucket: BucketQueue
  /** Others wait too, and this one's turn has come whatever they would gain. */
  readonly overdue: boolean
}

interface Batch {
  readonly bucket: BucketQueue
  readonly rows: number
  readonly ms: number
}

/** Which bucket goes next: the one after whose batch the most rows of all of them can still be served; of equals the one that serves more per time. */
export function chooseBucket(buckets: readonly BucketQueue[], cost: CostModel, starvation: number, now: number): Chosen {
  const overdue = longestWaiting(buckets)
  if (now - overdue.since >= starvation) return { bucket: overdue, overdue: true }
  const batches = mostUrgent(buckets).map((bucket) => largestBatch(bucket, cost, now))
  let best = batches[0]!
  let bestRows = -1
  for (const batch of batches) {
    let rows = batch.rows
    for (const other of batches) if (other !== batch) rows += rowsSurviving(other.bucket, batch.ms)
    if (rows < bestRows || (rows === bestRows && batch.rows * best.ms <= best.rows * batch.ms)) continue
    best = batch
    bestRows = rows
  }
  return { bucket: best.bucket, overdue: false }
}

function longestWaiting(buckets: readonly BucketQueue[]): BucketQueue {
  let longest = buckets[0]!
  for (const bucket of buckets) if (bucket.since < longest.since) longest = bucket
  return longest
}

function mostUrgent(buckets: readonly BucketQueue[]): readonly BucketQueue[] {
  if (buckets.length <= mostCompared) return buckets
  return buckets.toSorted((a, b) => a.due - b.due).slice(0, mostCompared)
}

function largestBatch(bucket: BucketQueue, cost: CostModel, now: number): Batch {
  bucket.look(cost, now)
  const size = bucket.largestSurviving(0)
  if (size < 0) return { bucket, rows: 0, ms: bucket.sizes.mean[0]! }
  return { bucket, rows: Math.min(bucket.sizes.rows[size]!, bucket.window.rows), ms: bucket.sizes.mean[size]! }
}

/** Rows of the largest batch that could begin in `ms`. */
export function rowsSurviving(bucket: BucketQueue, ms: number): number {
  const size = bucket.largestSurviving(ms)
  return size < 0 ? 0 : bucket.sizes.rows[size]!
}
