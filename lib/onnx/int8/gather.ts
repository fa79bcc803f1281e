import { iterate } from '../calibration/iterate.js'
import { SampleCheck, type Samples } from '../calibration/sample.js'
import type { OnnxModel } from '../graph/types.js'
import type { Sample } from '../runtime.js'
import { invalid } from '../../core/options.js'

export interface Gathered {
  /** To calibrate on. */
  readonly calibration: readonly Sample[]
  /** To choose by: never calibrated on, unless there is a single sample. */
  readonly heldOut: readonly Sample[]
  readonly seen: number
}

/** int8 looks at its data several times: so many samples are kept, spread evenly over all that there are. */
const mostSamples = 64
const mostBytes = 384 * 2 ** 20
const mostHeldOut = 8

/**
 * Samples of any source, walked through once; memory does not depend on how many there are.
 *
 * @throws {TrtError} Of a sample that does not fit the model, with its index; `TRT_ERR_INVALID_ARGUMENT`: none at all.
 */
export async function gather(model: OnnxModel, samples: Samples, signal?: AbortSignal): Promise<Gathered> {
  const check = new SampleCheck(model)
  let kept: Sample[] = []
  let [every, seen, bytes] = [1, 0, 0]
  for await (const given of iterate('calibration data', samples, signal)) {
    const sample = check.take(given, seen)
    if (seen++ % every !== 0) continue
    kept.push(sample)
    bytes += bytesOf(sample)
    if (kept.length <= 2 || (kept.length <= mostSamples && bytes <= mostBytes)) continue
    every *= 2
    kept = kept.filter((_, i) => i % 2 === 0)
    bytes = kept.reduce((sum, each) => sum + bytesOf(each), 0)
  }
  if (seen === 0)
    throw invalid('The calibration data has no samples. Give at least one, better a hundred: inputs like those that the model will meet.')
  const isHeldOut = (i: number) => i % 4 === 1 && i < mostHeldOut * 4
  const heldOut = kept.filter((_, i) => isHeldOut(i))
  return { calibration: kept.filter((_, i) => !isHeldOut(i)), heldOut: heldOut.length > 0 ? heldOut : kept, seen }
}

function bytesOf(sample: Sample): number {
  return Object.values(sample).reduce((sum, { data }) => sum + data.byteLength, 0)
}
