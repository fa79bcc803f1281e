import { type Inputs, isTrtError, type RunOptions } from '../../lib/index.js'

/** What became of the requests of a trace; milliseconds from the intended time of sending. NaN: refused. */
export interface Replayed {
  readonly latencyMs: Float64Array
  /** By error code. */
  readonly refused: Readonly<Record<string, number>>
}

interface Sendable {
  run(inputs: Inputs, options?: RunOptions): Promise<unknown>
}

/** Timers are a millisecond late: the last two are waited for in turns of the event loop. */
async function until(time: number): Promise<void> {
  for (let left = time - performance.now(); left > 0; left = time - performance.now()) {
    if (left > 2) await new Promise((resolve) => setTimeout(resolve, Math.floor(left) - 1))
    else await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Sends the same inputs at each of the times, each to be answered within `slo`: the same for all, or by its number. */
export async function replay(
  runner: Sendable,
  times: Float64Array,
  inputs: Inputs,
  slo: number | ((i: number) => number),
): Promise<Replayed> {
  const budget = typeof slo === 'number' ? () => slo : slo
  const latencyMs = new Float64Array(times.length).fill(Number.NaN)
  const refused: Record<string, number> = {}
  const answers: Promise<void>[] = []
  const origin = performance.now() + 5
  const send = async (i: number) => {
    const intended = origin + times[i]!
    try {
      await runner.run(inputs, { deadline: intended + budget(i) })
      latencyMs[i] = performance.now() - intended
    } catch (error) {
      const code = isTrtError(error) ? error.code : String(error)
      refused[code] = (refused[code] ?? 0) + 1
    }
  }
  for (let i = 0; i < times.length; i++) {
    await until(origin + times[i]!)
    answers.push(send(i))
  }
  await Promise.all(answers)
  return { latencyMs, refused }
}
