import { type CostSeed, costSeeds } from '../../core/cost-seeds.js'
import type { Tensor } from '../../core/tensor.js'
import type { Session } from '../../engine/session.js'
import { type Context, withProgress } from '../context.js'
import type { SubjectFlags } from './flags.js'

/** Where neither a flag nor a profile says more: as the batcher has it. */
const defaultMaxBatch = 16
/** Milliseconds; sizes that are left then run once. */
const longestWarmUp = 3000

/** Runs the batches that a batcher will form, in powers of two: its first costs, and those of `plan`. */
export async function warmUpBatches(
  session: Session,
  base: Readonly<Record<string, Tensor>>,
  flags: SubjectFlags,
  context: Context,
): Promise<CostSeed[]> {
  const shapes = Object.fromEntries(Object.entries(base).map(([name, { shape }]) => [name, shape]))
  const batchSizes = sizesOf(session, flags.maxBatch)
  if (batchSizes.length === 0) return []
  const warm = () => session.warmUp({ shapes, batchSizes, maxMs: longestWarmUp, signal: context.signal })
  return costSeeds(await withProgress(context, flags, 'warming up batches', warm))
}

function sizesOf({ inputs }: Session, maxBatch: number | undefined): number[] {
  const batched = inputs.filter(({ shape, isShape }) => !isShape && (shape?.[0] ?? 0) < 0)
  const ranges = batched.map((input) => input.ranges).filter(({ length }) => length > 0)
  const largest = maxBatch ?? Math.min(...ranges.map((each) => Math.max(...each.map(({ max }) => max[0]!))))
  const most = Number.isFinite(largest) ? largest : defaultMaxBatch
  const sizes = new Set([most])
  for (let size = 1; size < most; size *= 2) sizes.add(size)
  const taken = (size: number) => ranges.every((each) => each.some(({ min, max }) => min[0]! <= size && size <= max[0]!))
  return [...sizes].filter(taken).sort((a, b) => a - b)
}
