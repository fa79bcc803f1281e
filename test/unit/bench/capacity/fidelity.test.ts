import { suite } from '../../../support/suite.js'
import * as assert from 'uvu/assert'
import { LearnedCost } from '../../../../lib/batching/cost/learned-cost.js'
import { MicroBatcher } from '../../../../lib/batching/micro-batcher.js'
import { Scheduler } from '../../../../lib/batching/rule/scheduler.js'
import type { BatchTarget } from '../../../../lib/batching/target.js'
import { simulate } from '../../../../lib/bench/capacity/simulate.js'
import { arrivalTimes } from '../../../../lib/bench/load/arrivals.js'
import { seededRandom } from '../../../../lib/core/random.js'
import type { Inputs } from '../../../../lib/core/runner.js'
import { Tensor } from '../../../../lib/core/tensor.js'
import { VirtualTime } from '../../../support/virtual-time.js'

const test = suite('capacity simulation against the batcher')
const slo = 30
const maxBatch = 16
const sizes = [1, 2, 4, 8, 16]
const tableMs = (rows: number) => 4 + 0.5 * rows
/** The n-th batch is as much faster or slower on both sides. */
const noisyTimes = () => {
  const random = seededRandom(3)
  return (rows: number) => tableMs(rows) * (0.95 + 0.1 * random())
}

/** A device in virtual time. */
function device(time: VirtualTime, lanes: number): BatchTarget {
  const executionMs = noisyTimes()
  const io = { type: 'float32' as const, shape: [-1, 1], dimNames: ['N', ''], ranges: [] }
  return {
    inputs: [{ ...io, name: 'x' }],
    outputs: [{ ...io, name: 'y' }],
    lanes,
    warmUpReport: { entries: sizes.map((rows) => ({ shapes: { x: [rows, 1] }, rows, steadyMs: tableMs(rows), runs: 5 })) },
    run: async (inputs: Inputs) => {
      const x = inputs['x'] as Tensor
      await time.sleep(executionMs(x.shape[0]!))
      return { y: new Tensor('float32', [...x.shape], x.data.slice() as Float32Array) }
    },
  }
}

async function throughBatcher(arrivals: Float64Array, lanes: number): Promise<Float64Array> {
  const time = new VirtualTime()
  const batcher = new MicroBatcher(device(time, lanes), { slo, maxBatch, clock: time, timers: time })
  const latency = new Float64Array(arrivals.length).fill(Number.NaN)
  const send = async (i: number) => {
    await batcher.run({ x: new Float32Array(1) }).then(
      () => (latency[i] = time.now() - arrivals[i]!),
      () => undefined,
    )
  }
  const all = async () => {
    const answers: Promise<void>[] = []
    for (let i = 0; i < arrivals.length; i++) {
      await time.sleepUntil(arrivals[i]!)
      answers.push(send(i))
    }
    await Promise.all(answers)
  }
  await time.run(all())
  await batcher.close()
  return latency
}

function throughSimulator(arrivals: Float64Array, lanes: number): Float64Array {
  const cost = new LearnedCost()
  for (const rows of sizes) cost.seed(0, rows, tableMs(rows))
  const scheduler = new Scheduler({ maxBatch, lanes, maxQueue: 1024, maxQueueDelay: 5, slo }, cost)
  const trace = {
    arrivals,
    rows: new Int32Array(arrivals.length).fill(1),
    deadlines: arrivals.map((time) => time + slo),
    priorities: new Float64Array(arrivals.length),
  }
  return simulate(scheduler, trace, { lanes, maxBatch, executionMs: noisyTimes() }).latencyMs
}

for (const [kind, load, lanes] of [
  ['poisson', 0.7, 1],
  ['poisson', 1.2, 1],
  ['bursty', 0.9, 2],
  ['bursty', 1.2, 2],
] as const) {
  test(`${kind} at ${load} over ${lanes}: what the batcher does to each request is foreseen`, async () => {
    const rate = (load * lanes * 1000 * maxBatch) / tableMs(maxBatch)
    for (const seed of [1, 2, 3]) {
      const arrivals = arrivalTimes(kind, { rate, durationMs: 1500, seed })
      const [real, simulated] = [await throughBatcher(arrivals, lanes), throughSimulator(arrivals, lanes)]
      // The batcher's timers and clock add up in another order: equal but for the last digits.
      const other = [...real.keys()].filter((i) => !Object.is(real[i], simulated[i]) && !(Math.abs(real[i]! - simulated[i]!) < 1e-6))
      assert.equal([seed, other], [seed, []])
    }
  })
}

test.run()
