import type { BuildProgress } from './build-options.js'

/** What part of a whole build each stage is thought to be: what the backend does is nearly all of it. */
const stages = { read: [0, 0.02], check: [0.02, 0.03], backend: [0.03, 0.95], load: [0.95, 0.98], store: [0.98, 1] } as const
/** Where there is any: then the backend's own part is short. */
const precisionRange = [0.03, 0.8] as const
export type Stage = keyof typeof stages

/** Turns steps of phases that nobody knows the number of beforehand into one fraction that only grows. */
export class ProgressReporter {
  readonly #report: ((progress: BuildProgress) => void) | undefined
  #fraction = 0
  #finishedPhases = 0
  #phase = ''

  constructor(report: ((progress: BuildProgress) => void) | undefined) {
    this.#report = report
  }

  stage(stage: Stage, share: number): void {
    const [begin, end] = stages[stage]
    this.#tell({ phase: stage, parent: null, step: share, steps: 1 }, begin + (end - begin) * share)
  }

  /** A part of what gives the model its precision: calibration, the choice of layers … @param done 0 … 1, over all of them. */
  precision(phase: string, done: number): void {
    const [begin, end] = precisionRange
    this.#tell({ phase, parent: 'precision', step: 0, steps: 0 }, begin + (end - begin) * Math.min(1, Math.max(0, done)))
  }

  /** A phase of the backend: each is taken for half of what then remains. Nested phases give the name, not the fraction. */
  backend(phase: string, parent: string | null, step: number, steps: number): void {
    if (parent === null && phase !== this.#phase) {
      if (this.#phase !== '') this.#finishedPhases++
      this.#phase = phase
    }
    const share = parent === null && steps > 0 ? Math.min(1, step / steps) : 0
    const [begin, end] = stages.backend
    this.#tell({ phase, parent, step, steps }, begin + (end - begin) * (1 - 0.5 ** (this.#finishedPhases + share)))
  }

  #tell(what: Omit<BuildProgress, 'fraction'>, fraction: number): void {
    this.#fraction = Math.max(this.#fraction, fraction)
    this.#report?.({ ...what, fraction: this.#fraction })
  }
}
