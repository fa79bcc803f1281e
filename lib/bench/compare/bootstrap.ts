/** A number and the interval in which the true one lies in 95 of 100 such experiments. */
export interface Interval {
  estimate: number
  low: number
  high: number
}

const resamples = 5000

/** 97.5 % quantiles of Student's t for 1, 2, 3 … degrees of freedom; beyond them the normal one is within 1.5 %. */
// biome-ignore format: a table
const studentT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
]

/**
 * Bootstrap interval of a mean, by percentiles widened for few values (T. Hesterberg, "What Teachers Should Know About the
 * Bootstrap", 2015, section 4.3: the plain one is too narrow by a tenth at ten values).
 *
 * @param values At least two.
 * @param random Uniform in [0, 1).
 */
export function meanInterval(values: readonly number[], random: () => number): Interval {
  const means = Float64Array.from({ length: resamples }, () => resampledMean(values, random)).sort()
  return { estimate: mean(values), ...tails(means, values.length) }
}

/** The same of ln(mean b / mean a), the two resampled apart: they were not measured in pairs. */
export function ratioInterval(a: readonly number[], b: readonly number[], random: () => number): Interval {
  const logs = Float64Array.from({ length: resamples }, () => Math.log(resampledMean(b, random) / resampledMean(a, random))).sort()
  return { estimate: Math.log(mean(b) / mean(a)), ...tails(logs, Math.min(a.length, b.length)) }
}

/** The same of mean b - mean a. */
export function differenceInterval(a: readonly number[], b: readonly number[], random: () => number): Interval {
  const differences = Float64Array.from({ length: resamples }, () => resampledMean(b, random) - resampledMean(a, random)).sort()
  return { estimate: mean(b) - mean(a), ...tails(differences, Math.min(a.length, b.length)) }
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function resampledMean(values: readonly number[], random: () => number): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[Math.floor(random() * values.length)]!
  return sum / values.length
}

function tails(sorted: Float64Array, count: number): { low: number; high: number } {
  const tail = widenedTail(count)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(share * (sorted.length - 1))))]!
  return { low: at(tail), high: at(1 - tail) }
}

/** The share cut off on each side: 2.5 % for many values, less for few. */
function widenedTail(count: number): number {
  const t = studentT[count - 2] ?? 1.96
  return normalTail(t * Math.sqrt(count / (count - 1)))
}

/** Share of a normal distribution beyond `z` (Abramowitz and Stegun 26.2.17, exact to 7.5e-8). */
export function normalTail(z: number): number {
  const k = 1 / (1 + 0.2316419 * z)
  const series = k * (0.31938153 + k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + k * 1.330274429))))
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series
}
