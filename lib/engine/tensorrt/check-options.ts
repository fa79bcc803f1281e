import type { Refusal } from '../../backend/registry.js'
import { TrtError } from '../../core/errors.js'
import { invalid } from '../../core/options.js'
import { buildOptions, loadOptions } from './option-table.js'
import type { Encoded } from './options.js'

export type TensorRtBackend = 'tensorrt' | 'tensorrt-rtx'

export const isTensorRt = (backend: string): backend is TensorRtBackend => backend === 'tensorrt' || backend === 'tensorrt-rtx'

/** Options whose value does not change which engine comes out. */
export const sameOutcome: ReadonlySet<string> = new Set(
  [...buildOptions, ...loadOptions].filter(({ outcome }) => outcome === 'same').map(({ key }) => key),
)

/**
 * Whether the backend that was chosen has the options that were given; what must wait for a choice, since 'auto' may take any.
 *
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`: an option of the other TensorRT.
 */
export function requireFor(backend: TensorRtBackend, encoded: Encoded): void {
  for (const { key, only } of [...buildOptions, ...loadOptions]) {
    if (encoded[key] === undefined || only === undefined || only === backend) continue
    throw invalid(`tensorrt.${key} is an option of the backend '${only}', and this engine is for '${backend}'. Leave it out.`, {
      option: key,
      backend,
    })
  }
}

/**
 * What TensorRT-RTX 1.x cannot build without a GPU: told before the build, since its own error says nothing of the reason.
 *
 * @throws {TrtError} `TRT_ERR_UNSUPPORTED`
 */
export function requireBuildable(encoded: Encoded, buildOnly: Refusal | null): void {
  if (buildOnly === null) return
  const on = (key: string) => encoded[key] === '1'
  const wrong = ['refit', 'refitIdentical', 'stripWeights'].find(on)
  if (wrong === undefined) return
  const message = `tensorrt.${wrong} needs a GPU to build with: TensorRT-RTX cannot make such an engine without one, and here ${buildOnly.reason.replace(/\.$/, '')}. Leave it out, or build on a machine with a GPU.`
  throw new TrtError('TRT_ERR_UNSUPPORTED', message, { option: wrong, remedy: buildOnly.remedy })
}

/** What the user should know before minutes are spent. */
export function warningsOf(encoded: Encoded): string[] {
  const targets = (encoded['computeCapabilities'] ?? '').split(',')
  if (!targets.includes('75')) return []
  return [
    'compute capability 75 (Turing) makes the engine many times larger (17 times, for a small convolutional network), and fails for a model with a float32 MatMul or Gemm. Leave it out where no such GPU is served.',
  ]
}
