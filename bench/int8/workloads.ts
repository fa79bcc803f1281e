import type { Runtime } from '../../lib/onnx/runtime.js'
import { lineSegments } from './line-segments.js'
import { detection, direction, recognition } from './ocr.js'
import { speech } from './speech.js'
import type { Workload } from './workload.js'

/** By the name that the bench's last line uses. @param share Of the data: 1, or less for a smoke test. */
export const workloads: Readonly<Record<string, (share: number, runtime: Runtime) => Promise<Workload>>> = {
  'ocr-rec': (share) => recognition(share),
  'ocr-det': (share) => detection(share),
  'ocr-cls': (share) => direction(share),
  'mlsd-tiny': (share) => lineSegments('tiny', share),
  'mlsd-large': (share) => lineSegments('large', share),
  speech: (share, runtime) => speech(share, runtime),
}
