// Question: on a CPU and with a real model, what does a batcher do to requests that arrive by themselves?
import { realModel } from './batcher/real-model.js'
import { runBench } from './support/bench.js'
import { recognition } from './support/real-models.js'

await runBench({
  name: 'batcher-model',
  question: 'OCR recognition on the CPU backend, Poisson arrivals at 0.8 of capacity: batcher against one by one',
  defaults: { rounds: 5, durationMs: 6000 },
  method: ({ rounds, durationMs, seed }) =>
    `open loop, latency from the intended time; ${rounds} rounds of ${durationMs} ms a side, the same arrivals (seed ${seed}), sides in random order; medians`,
  async measure({ durationMs, seed }, plan) {
    const { table, ...details } = await realModel(recognition(), durationMs, { ...plan, warmUp: 1, seed })
    const { 'one by one': alone, batcher } = details.medians
    const round = (value: number) => Number(value.toPrecision(3))
    const side = (turn: NonNullable<typeof alone>) => ({
      p50: round(turn.p50),
      p99: round(turn.p99),
      goodput: round(turn.goodput),
      cpuMs: round(turn.cpu),
    })
    return { tables: [table], targets: [], summary: { oneByOne: side(alone!), batcher: side(batcher!) }, details }
  },
})
