import type { Outcome } from './schema.js'

/** What a step's program is told, as JSON in its first argument. */
export interface StepContext {
  backend: 'tensorrt' | 'tensorrt-rtx'
  device: number
  models: 'all' | 'small'
  quick: boolean
  /** Built engines, shared by the steps. */
  cacheDir: string
  /** Milliseconds since its start after which a program begins nothing new: it is killed soon after. */
  softLimitMs: number
  trtexec: string | null
  /** Major version of TensorRT; 0: not known. */
  major: number
}

export function contextOf(argument: string | undefined): StepContext {
  if (argument === undefined) throw new Error('Expected the context as JSON: this program is started by scripts/verify-gpu.ts')
  return JSON.parse(argument) as StepContext
}

/** The program's answer: its last line. */
export function tell(outcome: Outcome): void {
  // `status` first: by it the last line is known for what it is.
  const { status, ...rest } = outcome
  console.log(JSON.stringify({ status, ...rest }))
}
