import { invalid } from '../../core/options.js'
import type { MethodChoice } from './types.js'

/** What `auto` tries, in the order in which equal errors are decided. */
export const autoCandidates: readonly MethodChoice[] = [
  { method: 'percentile', percentile: 99.999 },
  { method: 'mse' },
  { method: 'minmax' },
  { method: 'percentile', percentile: 99.99 },
  { method: 'entropy' },
]

export interface MethodResult {
  readonly method: string
  readonly error: number
  readonly chosen: boolean
}

/** `percentile 99.99` */
export function methodName({ method, percentile }: MethodChoice): string {
  return percentile === undefined ? method : `${method} ${percentile}`
}

/**
 * The method whose result errs least, the first of equals, with what each gave.
 *
 * @param evaluate Error of the outputs on samples that were not calibrated on; smaller is better, NaN and Infinity are never
 *   chosen. Called one after the other.
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`: no candidate, or none with a finite error; and what `evaluate` throws.
 */
export async function chooseMethod<C extends MethodChoice>(
  candidates: readonly C[],
  evaluate: (candidate: C) => Promise<number>,
): Promise<{ chosen: C; results: MethodResult[] }> {
  const errors: number[] = []
  for (const candidate of candidates) errors.push(await evaluate(candidate))
  let [least, at] = [Infinity, -1]
  for (const [i, error] of errors.entries()) if (error < least) [least, at] = [error, i]
  const chosen = candidates[at]
  if (chosen === undefined) {
    const tried = candidates.map((candidate, i) => `${methodName(candidate)}: ${errors[i]}`)
    throw invalid(`No calibration method gave a usable model (${tried.join(', ') || 'none was tried'}). Leave more layers float.`, {
      tried,
    })
  }
  return { chosen, results: candidates.map((candidate, i) => ({ method: methodName(candidate), error: errors[i]!, chosen: i === at })) }
}
