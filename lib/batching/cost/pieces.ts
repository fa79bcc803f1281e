/** Weighted sums of points, from which a line through them follows. */
interface Sums {
  w: number
  x: number
  y: number
  xx: number
  xy: number
  yy: number
}

interface Line {
  at: number
  slope: number
  /** Weighted squares that the line leaves. */
  left: number
}

/** Squares may exceed what is expected of them by this many standard deviations. */
const tolerance = 3

/**
 * Replaces measured values by the fewest straight pieces that explain them, none of them falling, and then makes them ascend:
 * where one is above those that follow it, their mean by weight counts, so that a size that was rarely seen does not lift the others.
 * Noise would look like steps, and a batch of 9 rows that seems as cheap as one of 8 is a trap; a true step is far beyond it.
 *
 * @param weights Of each value: 1 / its variance.
 */
export function straighten(rows: Float64Array, values: Float64Array, weights: Float64Array): void {
  const prefix = prefixSums(rows, values, weights)
  fit(0, values.length)
  ascend(values, weights)

  function fit(from: number, to: number): void {
    const line = lineOf(prefix, from, to)
    const free = to - from - 2
    if (free > 0 && line.left > free + tolerance * Math.sqrt(2 * free)) {
      const middle = bestSplit(prefix, from, to)
      fit(from, middle)
      fit(middle, to)
      return
    }
    for (let i = from; i < to; i++) values[i] = line.at + line.slope * rows[i]!
  }
}

/** Pools adjacent violators: the nearest values, by weighted squares, that never fall. */
function ascend(values: Float64Array, weights: Float64Array): void {
  const blocks: { value: number; weight: number; end: number }[] = []
  for (let i = 0; i < values.length; i++) {
    let block = { value: values[i]!, weight: weights[i]!, end: i + 1 }
    for (let last = blocks.at(-1); last !== undefined && last.value > block.value; last = blocks.at(-1)) {
      const weight = last.weight + block.weight
      block = { value: (last.value * last.weight + block.value * block.weight) / weight, weight, end: block.end }
      blocks.pop()
    }
    blocks.push(block)
  }
  let i = 0
  for (const { value, end } of blocks) while (i < end) values[i++] = value
}

/** Where two lines leave the least. */
function bestSplit(prefix: readonly Sums[], from: number, to: number): number {
  let best = from + 1
  let least = Infinity
  for (let middle = from + 1; middle < to; middle++) {
    const left = lineOf(prefix, from, middle).left + lineOf(prefix, middle, to).left
    if (left >= least) continue
    least = left
    best = middle
  }
  return best
}

function lineOf(prefix: readonly Sums[], from: number, to: number): Line {
  const a = prefix[from]!
  const b = prefix[to]!
  const w = b.w - a.w
  const x = (b.x - a.x) / w
  const y = (b.y - a.y) / w
  const xx = Math.max(0, b.xx - a.xx - w * x * x)
  const xy = b.xy - a.xy - w * x * y
  const yy = Math.max(0, b.yy - a.yy - w * y * y)
  const slope = to - from < 2 || xx === 0 ? 0 : Math.max(0, xy / xx)
  return { at: y - slope * x, slope, left: Math.max(0, yy - slope * (2 * xy - slope * xx)) }
}

function prefixSums(rows: Float64Array, values: Float64Array, weights: Float64Array): Sums[] {
  const sums: Sums[] = [{ w: 0, x: 0, y: 0, xx: 0, xy: 0, yy: 0 }]
  for (let i = 0; i < values.length; i++) {
    const before = sums[i]!
    const w = weights[i]!
    const x = rows[i]!
    const y = values[i]!
    sums.push({
      w: before.w + w,
      x: before.x + w * x,
      y: before.y + w * y,
      xx: before.xx + w * x * x,
      xy: before.xy + w * x * y,
      yy: before.yy + w * y * y,
    })
  }
  return sums
}
