import type { BatchIo, BatchTarget } from '../../../lib/batching/target.js'
import type { Inputs, Outputs, RunOptions } from '../../../lib/core/runner.js'
import { Tensor, tensor } from '../../../lib/core/tensor.js'

/** One execution on a fake device, which ends when the test says so. */
export interface FakeRun {
  readonly inputs: Readonly<Record<string, Tensor>>
  readonly rows: number
  readonly options: RunOptions | undefined
  settled: boolean
  /** Answers; default: each output is twice the input of its position, computed from what the memory holds now. */
  finish(outputs?: Outputs): void
  fail(error: Error): void
}

export interface FakeDeviceOptions {
  readonly inputs?: readonly BatchIo[]
  readonly outputs?: readonly BatchIo[]
  readonly lanes?: number
  /** Called for each run: may finish it at once, or set a timer of the test's. */
  readonly onRun?: (run: FakeRun) => void
}

/** An input or output as an engine describes it: `io('x', [-1, 4])`, `io('x', ['N', 3, 'W'])`. */
export function io(name: string, dims: readonly (number | string)[], more: Partial<BatchIo> = {}): BatchIo {
  return {
    name,
    type: 'float32',
    shape: dims.map((dim) => (typeof dim === 'string' ? -1 : dim)),
    dimNames: dims.map((dim) => (typeof dim === 'string' ? dim : '')),
    ranges: [],
    ...more,
  }
}

/** Stands in for a session: describes itself, hands out memory, and runs until told to end. */
export class FakeDevice implements BatchTarget {
  readonly inputs: readonly BatchIo[]
  readonly outputs: readonly BatchIo[]
  readonly lanes: number
  readonly runs: FakeRun[] = []
  allocations = 0
  /** Executions at once, and the most there have been. */
  running = 0
  mostRunning = 0
  closed = false
  readonly #onRun: (run: FakeRun) => void

  constructor({ inputs, outputs, lanes = 1, onRun = () => {} }: FakeDeviceOptions = {}) {
    this.inputs = inputs ?? [io('x', ['N', 2])]
    this.outputs = outputs ?? [io('y', ['N', 2])]
    this.lanes = lanes
    this.#onRun = onRun
  }

  alloc(name: string, shape?: readonly number[]): Tensor {
    this.allocations++
    return tensor(this.inputs.find((each) => each.name === name)!.type as 'float32', shape ?? [])
  }

  run(inputs: Inputs, options?: RunOptions): Promise<Outputs> {
    this.running++
    this.mostRunning = Math.max(this.mostRunning, this.running)
    const given = inputs as Readonly<Record<string, Tensor>>
    return new Promise<Outputs>((resolve, reject) => {
      const end = (act: () => void) => {
        if (run.settled) throw new Error('a run was ended twice')
        run.settled = true
        this.running--
        act()
      }
      const run: FakeRun = {
        inputs: given,
        rows: Object.values(given)[0]!.shape[0]!,
        options,
        settled: false,
        finish: (outputs) => end(() => resolve(outputs ?? this.#twice(given))),
        fail: (error) => end(() => reject(error)),
      }
      this.runs.push(run)
      this.#onRun(run)
    })
  }

  #twice(inputs: Readonly<Record<string, Tensor>>): Outputs {
    const given = this.inputs.map(({ name }) => inputs[name]!)
    return Object.fromEntries(this.outputs.map(({ name }, i) => [name, twice(given[i] ?? given[0]!)]))
  }

  /** The oldest run that has not ended. */
  get current(): FakeRun {
    const run = this.runs.find(({ settled }) => !settled)
    if (run === undefined) throw new Error('nothing is running')
    return run
  }
}

export function twice({ type, shape, data }: Tensor): Tensor {
  const result = data.slice()
  for (let i = 0; i < result.length; i++) (result as Float32Array)[i] = (data as Float32Array)[i]! * 2
  return new Tensor(type, [...shape], result)
}
