import { formatMs } from '../../core/text-format.js'

/** A step of a phase, as builds report them. */
export interface PhaseStep {
  readonly phase: string
  readonly parent: string | null
  readonly step: number
  /** 0: not counted. */
  readonly steps: number
}

interface Open extends PhaseStep {
  readonly beganMs: number
}

// A builder nests some five deep; more would push what stands above out of sight.
const mostLines = 6

/** The phases that are open now, outer before inner. */
export class PhaseTree {
  readonly #open = new Map<string, Open>()

  update(step: PhaseStep, nowMs: number): void {
    if (step.steps > 0 && step.step >= step.steps) return this.#close(step.phase)
    const known = this.#open.get(step.phase)
    this.#open.set(step.phase, { ...step, beganMs: known?.beganMs ?? nowMs })
  }

  /** What is inside of a phase ends with it, reported or not. */
  #close(phase: string): void {
    this.#open.delete(phase)
    for (const { phase: inner, parent } of this.#open.values()) if (parent === phase) this.#close(inner)
  }

  /** One line for each open phase, indented by what it is a part of; none is longer than `columns` − 1. */
  render(nowMs: number, columns: number): string[] {
    return this.#lines(null, 0, nowMs)
      .slice(0, mostLines)
      .map((line) => (line.length < columns ? line : `${line.slice(0, Math.max(0, columns - 2))}…`))
  }

  #lines(parent: string | null, depth: number, nowMs: number): string[] {
    // One whose parent was never told stands at the top.
    const isHere = ({ parent: own }: Open) => (parent === null ? own === null || !this.#open.has(own) : own === parent)
    return [...this.#open.values()].filter(isHere).flatMap(({ phase, step, steps, beganMs }) => {
      const count = steps > 0 ? ` ${step}/${steps}` : ''
      const line = `  ${'  '.repeat(depth)}└ ${phase}${count}  ${formatMs(nowMs - beganMs)}`
      return [line].concat(this.#lines(phase, depth + 1, nowMs))
    })
  }
}
