import { createHash } from 'node:crypto'
import { invalid } from '../../core/options.js'
import { iterate } from '../../onnx/calibration/iterate.js'
import { SampleCheck, type Samples } from '../../onnx/calibration/sample.js'
import type { OnnxModel } from '../../onnx/graph/types.js'

/**
 * A digest of calibration data: engines from other data are other engines. The samples are walked through for it, and again by
 * the build.
 *
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`: samples that can be walked through only once; and what the samples are refused for.
 */
export async function samplesKey(model: OnnxModel, samples: Samples, signal: AbortSignal | undefined): Promise<string> {
  if (isOnce(samples)) {
    throw invalid(
      'Calibration data of a build with cacheDir must be iterable several times, because the cache is keyed by it: an array, images() or arrays(), not a generator that has begun. Leave out cacheDir, or give such data.',
    )
  }
  const check = new SampleCheck(model)
  const hash = createHash('sha256')
  let index = 0
  for await (const given of iterate('calibration data', samples, signal)) {
    for (const [name, { type, shape, data }] of Object.entries(check.take(given, index++))) {
      hash.update(JSON.stringify([name, type, shape]))
      hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    }
  }
  return hash.digest('hex')
}

/** A generator is its own iterator: what it has given is gone. */
const isOnce = (samples: Samples): boolean => 'next' in samples
