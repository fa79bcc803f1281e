import { errorFrom } from '../backend/status.js'
import { type Attachments, type Pending, reportHead } from '../backend/completions.js'
import type { Status } from '../backend/native.js'
import { TrtError } from '../core/errors.js'
import type { Tensor } from '../core/tensor.js'
import { type Abortable, leave } from './abort-group.js'
import type { Lender } from './loans.js'
import type { OutputPlan, Wanted } from './outputs.js'
import { aborted } from './tasks.js'

export type RunResult = Record<string, Tensor>

/** What a run needs of its session. */
export interface RunOwner {
  cancel(id: number): void
  /** Called once for each run that was submitted, before its promise settles. */
  finished(run: Run, error: TrtError | null, report: Float64Array, at: number): void
}

/**
 * One run in flight. It keeps what native code reads and writes alive: the table of pending runs refers to it until native
 * code has let go. One object and no closure for each run: this is the hot path.
 */
export class Run implements Pending, Abortable {
  resolve!: (result: RunResult) => void
  reject!: (error: unknown) => void
  id = 0
  /** When it was submitted, on the session's clock. */
  started = 0
  views: readonly ArrayBufferView[] | null = null
  wanted: Wanted | null = null
  /** The caller's memory, by output name, as it was given. */
  into: Readonly<Record<string, unknown>> | null = null
  /** Pins the arrays that native code writes. Null: all memory is the backend's. */
  targets: readonly (ArrayBufferView | null)[] | null = null
  signal: AbortSignal | null = null
  /** Other sessions whose memory it uses. */
  borrowed: readonly Lender[] | null = null
  /** Whether it belongs to the statistics: warm-up does not. */
  counted = true

  constructor(readonly owner: RunOwner) {}

  /** Called by its signal. The promise settles when the backend says so. */
  abort(): void {
    this.owner.cancel(this.id)
  }

  /** Called by lib/backend/completions.ts. Never throws: others are settled after this one. */
  settle(report: Float64Array, at: number, attachments: Attachments): number {
    if (this.signal !== null) leave(this.signal, this)
    const status = report[at + 1]!
    if (status !== 0) {
      this.#fail(this.#error(status, attachments?.[report[at + reportHead - 1]!] as string | undefined), report, at)
      return at + reportHead
    }
    const end = this.#endOf(report, at)
    let result: RunResult
    try {
      result = this.#collect(report, at + reportHead, attachments)
    } catch (cause) {
      this.#fail(new TrtError('TRT_ERR_INTERNAL', 'The backend gave an output that its shape does not fit.', {}, { cause }), report, at)
      return end
    }
    this.owner.finished(this, null, report, at)
    this.resolve(result)
    return end
  }

  #fail(error: TrtError, report: Float64Array, at: number): void {
    this.owner.finished(this, error, report, at)
    this.reject(error)
  }

  #error(status: Status, message: string | undefined): TrtError {
    if (this.signal?.aborted === true) {
      const error = errorFrom(status, message ?? '')
      if (error.code === 'TRT_ERR_ABORTED') return aborted('run', this.signal)
      return error
    }
    return errorFrom(status, message ?? 'The backend gave no reason.')
  }

  #endOf(report: Float64Array, at: number): number {
    const outputs = report[at + reportHead - 1]!
    at += reportHead
    for (let i = 0; i < outputs; i++) at += report[at]! + 2
    return at
  }

  #collect(report: Float64Array, at: number, attachments: Attachments): RunResult {
    const { plans } = this.wanted!
    const result: RunResult = {}
    for (let i = 0; i < plans.length; i++) {
      const plan = plans[i]!
      const rank = report[at++]!
      const shape: number[] = []
      for (const end = at + rank; at < end; at++) shape.push(report[at]!)
      assign(result, plan, this.#tensor(plan, shape, report[at++]!, attachments))
    }
    return result
  }

  /** @param place As `NativeChannel.report` has it. */
  #tensor(plan: OutputPlan, shape: readonly number[], place: number, attachments: Attachments): Tensor {
    if (place >= 0) return plan.copy(shape, place)
    if (place === -1) return plan.place(shape, this.into![plan.name])
    return plan.wrap(shape, attachments![-2 - place] as ArrayBuffer)
  }
}

/** A model may name an output `__proto__`: an assignment would set the object's prototype instead. */
function assign(result: RunResult, { name }: OutputPlan, value: Tensor): void {
  if (name === '__proto__') Object.defineProperty(result, name, { value, enumerable: true })
  else result[name] = value
}
