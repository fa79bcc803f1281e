import { Lines } from './table-text.js'
import type { CalibratedTensor, CalibrationMethod, CalibrationTable } from './types.js'

/**
 * TensorRT's calibration cache, as IInt8Calibrator of TensorRT 10 and before wrote it:
 *
 * ```
 * TRT-8601-EntropyCalibration2
 * input: 3c010a14
 * ```
 *
 * The number is the bits of a float32, most significant digit first: the scale, of which 127 make the range.
 */
const methodOf: Readonly<Record<string, CalibrationMethod>> = {
  EntropyCalibration: 'entropy',
  EntropyCalibration2: 'entropy',
  MinMaxCalibration: 'minmax',
  LegacyCalibration: 'percentile',
}

/** TensorRT writes 0 for a tensor of zeros: as in thresholds.ts. */
const rangeOfZeros = 1

export function isTensorRtCache(text: string): boolean {
  return /^\s*TRT-\d+-/.test(text)
}

/**
 * Ranges around zero are all that such a cache holds: minimum and maximum are those ends, and so is the range for uint8; `sharpen` of
 * known-ranges.ts finds the tensors that cannot be negative.
 *
 * @throws {TrtError} `TRT_ERR_FILE` with the number of the line.
 */
export function readTensorRtCache(text: string, file = 'the calibration cache'): CalibrationTable {
  const lines = new Lines(text, file, /^\s*$/)
  const [, calibrator = ''] = lines.next(/^\s*TRT-\d+-(\w+)\s*$/, '"TRT-", a version and a calibrator: TRT-8601-EntropyCalibration2')
  if (!Object.hasOwn(methodOf, calibrator)) lines.fail(`names none of ${Object.keys(methodOf).join(', ')}`)
  const tensors = new Map<string, CalibratedTensor>()
  while (lines.more()) {
    // The last colon divides: names may have some.
    const [, name = '', digits = ''] = lines.next(/^(.+): *([0-9a-fA-F]{1,8})\s*$/, 'a name, a colon and up to eight hexadecimal digits')
    if (tensors.has(name)) lines.fail(`names ${JSON.stringify(name)} for the second time`)
    const scale = floatOf(Number.parseInt(digits, 16))
    if (!(scale >= 0 && scale < Infinity)) lines.fail(`has the scale ${scale}, which is none`)
    tensors.set(name, around(scale === 0 ? rangeOfZeros : scale * 127))
  }
  return { format: 1, method: methodOf[calibrator]!, samples: 0, dropped: 0, tensors }
}

function around(high: number): CalibratedTensor {
  const range = { low: -high, high }
  return { min: -high, max: high, asymmetric: range, symmetric: range }
}

function floatOf(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0]!
}
