import { TrtError } from '../../core/errors.js'
import type { TensorRtBackend } from './check-options.js'

/** What the first 64 bytes of a plan tell. Undocumented by NVIDIA and observed: a member that is not sound is null. */
export interface PlanHeader {
  readonly backend: TensorRtBackend
  /** 'major.minor.patch.build' of the library that built it. */
  readonly version: string | null
  /** Of the whole plan; TensorRT-RTX alone writes it where we can read it. */
  readonly bytes: number | null
  /** TensorRT-RTX: the GPUs it was compiled for, '7.5', '8.6' …, and 'unnamed' for one that NVIDIA does not name. Null: not told. */
  readonly computeCapabilities: readonly string[] | null
  /** TensorRT-RTX: bytes of weights. */
  readonly weightBytes: number | null
}

export const planHeaderBytes = 64

const magics: Readonly<Record<string, TensorRtBackend>> = { ftrt: 'tensorrt', vtrt: 'tensorrt-rtx' }
/** Bit by bit. The seventh is set where no targets were asked for, by 1.5 and later; what it stands for is not documented. */
const targets = ['7.5', '8.0', '8.6', '8.9', '12.0', '12.1', 'unnamed']

/** Null: no plan of TensorRT. A plan that is cut short within its header is one, and tells what it can. */
export function parsePlanHeader(bytes: Uint8Array): PlanHeader | null {
  const backend = magics[Buffer.from(bytes.subarray(0, 4)).toString('latin1')]
  if (backend === undefined) return null
  const nothing = { version: null, bytes: null, computeCapabilities: null, weightBytes: null }
  if (bytes.byteLength < planHeaderBytes) return { backend, ...nothing }
  const view = new DataView(bytes.buffer, bytes.byteOffset, planHeaderBytes)
  const version = versionOf(bytes.subarray(24, 28))
  if (backend === 'tensorrt') return { backend, ...nothing, version }
  return {
    backend,
    version,
    bytes: sound(view.getBigUint64(16, true)),
    computeCapabilities: capabilities(view.getUint32(32, true)),
    weightBytes: sound(view.getBigUint64(56, true)),
  }
}

function versionOf(parts: Uint8Array): string | null {
  // A version of 0 is none: then the bytes mean something else.
  return parts[0] === 0 ? null : parts.join('.')
}

function sound(value: bigint): number | null {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : null
}

function capabilities(mask: number): string[] | null {
  if (mask === 0 || mask >= 2 ** targets.length) return null
  return targets.filter((_, bit) => (mask & (1 << bit)) !== 0)
}

/** Where a plan begins in a file: at 0, or after the length and JSON that Ultralytics writes before it. */
export interface PlanPlace {
  readonly offset: number
  readonly metadata: Readonly<Record<string, unknown>> | null
}

/** Ultralytics' JSON is a few hundred bytes. */
export const maxUltralyticsBytes = 1 << 20

/** Null: neither a plan nor one of Ultralytics. `bytes` may be the beginning of the file only. */
export function findPlan(bytes: Uint8Array): PlanPlace | null {
  if (parsePlanHeader(bytes) !== null) return { offset: 0, metadata: null }
  if (bytes.byteLength < 8) return null
  const offset = 4 + new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
  if (offset > maxUltralyticsBytes || parsePlanHeader(bytes.subarray(offset)) === null) return null
  try {
    const metadata: unknown = JSON.parse(Buffer.from(bytes.subarray(4, offset)).toString('utf8'))
    return typeof metadata === 'object' && metadata !== null ? { offset, metadata: metadata as Record<string, unknown> } : null
  } catch {
    return null
  }
}

/**
 * A plan that cannot be whole is refused before a library sees it: without a driver TensorRT-RTX tells every damage as the
 * missing driver.
 *
 * @param planBytes Of the plan alone.
 * @throws {TrtError} `TRT_ERR_ENGINE`
 */
export function requireWhole(header: PlanHeader, planBytes: number): void {
  const expected = Math.max(planHeaderBytes, header.bytes ?? 0)
  if (planBytes >= expected && (header.bytes === null || header.bytes === planBytes)) return
  const how = planBytes < expected ? 'is cut short' : 'goes on after its end'
  const message = `The plan of ${titles[header.backend]} ${how}: expected ${expected} bytes, received ${planBytes}. Copy or build it again.`
  throw new TrtError('TRT_ERR_ENGINE', message, { expected, received: planBytes })
}

const titles: Readonly<Record<TensorRtBackend, string>> = { tensorrt: 'TensorRT', 'tensorrt-rtx': 'TensorRT-RTX' }

/** What runs a plan, besides its own version. */
export interface VersionRules {
  /** Of the library here; null: unknown. */
  readonly library: string | null
  /** A version-compatible plan brings, or is given, the runtime that it needs. */
  readonly otherVersions: boolean
}

/**
 * A plan runs with the version that built it, unless it was built to be version-compatible.
 *
 * @throws {TrtError} `TRT_ERR_ENGINE`
 */
export function requireVersion(header: PlanHeader, { library, otherVersions }: VersionRules): void {
  if (header.version === null || library === null || otherVersions || sameVersion(header.version, library)) return
  const title = titles[header.backend]
  const compatible =
    header.backend === 'tensorrt'
      ? ' A version-compatible engine is loaded with tensorrt: { allowHostCode: true }, or with leanRuntime.'
      : ''
  const message = `The plan was built by ${title} ${header.version}, and here is ${title} ${library}, which does not run it. Build it again here, or install the version it was built with.${compatible}`
  throw new TrtError('TRT_ERR_ENGINE', message, { built: header.version, here: library })
}

/** A library may tell fewer parts of its version than a plan does. */
function sameVersion(plan: string, library: string): boolean {
  const [a, b] = [plan.split('.'), library.split('.')]
  return b.every((part, i) => a[i] === undefined || part === a[i])
}

/** In words, for people: what a machine needs to run it. */
export function needsOf({ backend, version, computeCapabilities }: PlanHeader): string {
  const library = `${titles[backend]}${version === null ? '' : ` ${version}`}`
  const named = (computeCapabilities ?? []).filter((each) => each !== 'unnamed')
  const gpu = computeCapabilities === null ? 'the GPU it was built for' : `a GPU of compute capability ${named.join(', ')}`
  return `${library}, a CUDA runtime (libcudart 12 or 13), an NVIDIA driver, and ${gpu}`
}
