/** `Prediction.high` lies so many standard deviations of the logarithm above the mean: 95 % of executions are shorter. */
export const highQuantile = 1.645
/** The logistic curve that runs closest to the normal one. */
const logistic = 1.702

/** Standard deviation of the logarithm of a time. 0: it is known exactly, or not at all. */
export function spreadOf(mean: number, high: number): number {
  return high > mean && mean > 0 ? Math.log(high / mean) / highQuantile : 0
}

/** The time that lies so many standard deviations above the mean. */
export function quantileOf(mean: number, spread: number, deviations: number): number {
  return mean * Math.exp(spread * deviations)
}

/** How likely an execution is to take no longer than `slack`. */
export function chanceWithin(slack: number, mean: number, spread: number): number {
  if (spread === 0 || slack <= 0) return slack >= mean ? 1 : 0
  return 1 / (1 + Math.exp((-logistic * Math.log(slack / mean)) / spread))
}
