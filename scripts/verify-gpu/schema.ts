/** What `npm run verify:gpu` writes: report.json is a Report, README.md the same for people. */

/** Changes when a member changes its meaning or goes; new ones may come without. */
export const reportSchema = 'tensorrt-node/verify-gpu/1'

/** `unproven`: neither the simulator nor a device node of the kernel driver was seen, so the report claims no hardware. */
export type Where = 'hardware' | 'simulator' | 'unproven'

/** `timed out`: ended at its limit. `not run`: no time was left for it, or it had nothing to work with. */
export type StepStatus = 'passed' | 'failed' | 'timed out' | 'not run'

/** What a step found. `tables` and `notes` go into the Markdown as they are; `details` only into the JSON. */
export interface Outcome {
  status: StepStatus
  /** One line. */
  summary: string
  tables?: readonly Table[]
  notes?: readonly string[]
  details?: unknown
}

export interface Table {
  title: string
  columns: readonly string[]
  rows: readonly (readonly string[])[]
}

export interface StepResult extends Outcome {
  name: string
  /** The question that the step answers. */
  question: string
  ms: number
  limitMs: number
  /** End of what it printed, kept where it did not pass. */
  output?: string
}

export interface Device {
  name: string
  /** Compute capability, `9.0`. */
  capability: string | null
  memoryBytes: number | null
  [fact: string]: unknown
}

export interface Library {
  name: string
  path: string | null
  version: string | null
}

/** What the first step finds; the others, and the head of the report, build on it. */
export interface Machine {
  where: Where
  /** What `where` was concluded from. */
  because: string
  backend: string
  /** Of TensorRT. */
  version: string | null
  device: Device | null
  driver: string | null
  libraries: readonly Library[]
  environment: Readonly<Record<string, string | number>>
}

export interface Report {
  schema: typeof reportSchema
  /** ISO 8601. */
  created: string
  package: { version: string; commit: string | null }
  machine: Machine | null
  steps: readonly StepResult[]
  /** `passed` only if every step passed. */
  verdict: 'passed' | 'failed'
  ms: number
}
