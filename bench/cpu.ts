// Question: are real models as fast on our CPU backend as in onnxruntime-node, and are the results the same?
import { identical } from './cpu/identity.js'
import { idleSessions } from './cpu/idle.js'
import { latency } from './cpu/latency.js'
import { throughput } from './cpu/throughput.js'
import { runBench, type Target } from './support/bench.js'
import { lineSegments, recognition } from './support/real-models.js'

const models = [recognition(), lineSegments()]

/** One number for each model: that of the least favourable number of threads. */
const worst = (ratios: Readonly<Record<number, number>>): number => Math.max(...Object.values(ratios))

await runBench({
  name: 'cpu',
  question:
    'Are real models as fast as in onnxruntime-node, and the results the same? (Operations of milliseconds: p50 is the column to read)',
  defaults: { rounds: 9, durationMs: 600 },
  async measure({ durationMs }, plan) {
    const tables: string[] = []
    const details: Record<string, unknown> = {}
    const summary = { p50: {} as Record<string, number>, throughput2: {} as Record<string, number>, identical: true, idleSessions: {} }
    const targets: Target[] = []
    for (const model of models) {
      const same = await identical(model)
      const single = await latency(model, durationMs, plan)
      const loaded = await throughput(model, durationMs, plan)
      summary.identical &&= same
      summary.p50[model.name] = worst(single.ratios)
      summary.throughput2[model.name] = loaded.ratio
      tables.push(single.table, loaded.table)
      details[model.name] = { latency: single, throughput: loaded, identical: same }
      targets.push(
        { name: `p50 to onnxruntime-node, ${model.name}`, value: worst(single.ratios), bound: 'at most', limit: 1.03 },
        { name: `throughput of two lanes to onnxruntime-node, ${model.name}`, value: loaded.ratio, bound: 'at least', limit: 1 },
        { name: `results equal bit for bit, ${model.name}`, value: Number(same), bound: 'at least', limit: 1 },
      )
    }
    const idle = await idleSessions(lineSegments(), durationMs, plan)
    tables.push(idle.table)
    details['idle'] = idle
    summary.idleSessions = idle.ratios
    return { tables, targets, summary, details }
  },
})
