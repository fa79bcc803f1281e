// Questions: what do the small functions that every run goes through cost? One suite for each layer of the way in and out.
import { packing } from './functions/packing.js'
import { statistics } from './functions/statistics.js'
import { validation } from './functions/validation.js'
import { runBench } from './support/bench.js'
import { hotTable, runHot, type HotResult } from './support/hot.js'

await runBench({
  name: 'functions',
  question: 'What do the hot small functions cost?',
  defaults: { rounds: 1, durationMs: 1000 },
  method: ({ durationMs }) => `benny, one case after another, about ${durationMs} ms each`,
  async measure({ durationMs }) {
    const tables: string[] = []
    const summary: Record<string, Record<string, number>> = {}
    const details: Record<string, Record<string, HotResult>> = {}
    for (const suite of [validation, packing, statistics]) {
      const results = await runHot(suite, durationMs / 1e3)
      tables.push(hotTable(suite, results))
      details[suite.name] = results
      summary[suite.name] = Object.fromEntries(Object.entries(results).map(([name, { mean }]) => [name, Number(mean.toPrecision(3))]))
    }
    return { tables, targets: [], summary, details }
  },
})
