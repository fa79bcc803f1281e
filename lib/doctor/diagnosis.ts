import type { AddonAnswer } from './probe-child.js'
import type { Family } from '../backend/tensorrt/places.js'
import type { MachineFacts } from './machine.js'

/** What came of one library: `found` is the first candidate that could be loaded. */
export interface LibraryReport {
  name: string
  /** Section of the report. */
  family: Family
  lookedFor: readonly string[]
  found: { path: string; origin: string; version: string | null; values: Readonly<Record<string, number | string | null>> } | null
  /** Candidates that could not be loaded, with the loader's words. */
  tried: { path: string; origin: string; error: string }[]
  /** Directories that were looked in, besides the system's loader. */
  searched: string[]
}

export interface OnnxRuntimeReport {
  path: string | null
  /** Which step of the lookup gave the path: option, environment, package. */
  origin: string | null
  version: string | null
  error: string | null
}

/** One backend of the addon, asked whether it can work here. */
export interface BackendReport {
  name: string
  usable: boolean
  version: string | null
  reason: string | null
  remedy: string | null
  devices: readonly Readonly<Record<string, unknown>>[]
  /** Whether it can build engines, be it without running them. */
  canBuild: boolean
  /** What the backend itself loaded, with what it tried in vain. */
  libraries: readonly { name: string; path: string | null; version?: string | null; tried?: readonly { path: string; error: string }[] }[]
}

/** What the driver answers to the first call that needs it. */
export interface CudaReport {
  /** Null: it did not tell. */
  devices: number | null
  /** A number of cudaError; null: no answer. */
  code: number | null
  error: string | null
}

export interface Verdict {
  /** Whether some backend can run a model here. */
  usable: boolean
  /** The one that `backend: 'auto'` would take. */
  backend: string | null
  /** Sentences for people. */
  summary: string
  /** One command that mends the first thing that needs mending; null: nothing does. */
  command: string | null
}

/** JSON-safe: what `tensorrt-node doctor --json` prints. */
export interface Diagnosis extends MachineFacts {
  package: { version: string; root: string }
  /** The variables that steer the search, where they are set. */
  environment: Readonly<Record<string, string>>
  addon: (AddonAnswer & { error: null }) | { path: null; error: string }
  onnxRuntime: OnnxRuntimeReport
  backends: BackendReport[]
  libraries: LibraryReport[]
  /** Null: there is no CUDA runtime to ask with. */
  cuda: CudaReport | null
  verdict: Verdict
}
