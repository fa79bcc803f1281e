// Question: what does each pattern for services cost a request, around a Runner that does nothing?
import type { Runner } from '../lib/core/runner.js'
import { runBench } from './support/bench.js'
import { processCpu } from './support/closed-loop.js'
import { interleave } from './support/rounds.js'
import { median, spread } from './support/statistics.js'
import { figure, table } from './support/table.js'

type Serving = typeof import('../lib/serving/index.js')
/** As it ships: see support/product.ts. */
const { bulkhead, hedge, retry, timeout } = (await import(new URL('../dist/serving/index.js', import.meta.url).href)) as Serving

type Numbers = Runner<number, number>
const answer = Promise.resolve(1)
const nothing: Numbers = { run: () => answer }
/** At once, as a service has them: a timer alone would be the most expensive part. */
const inFlight = 16
const limit = 1000

const stacks = {
  nothing: () => nothing,
  timeout: () => timeout(nothing, { ms: 1000 }),
  retry: () => retry(nothing),
  bulkhead: () => bulkhead(nothing, { limit }),
  hedge: () => hedge(nothing),
  all: () => timeout(retry(bulkhead(hedge(nothing), { limit })), { ms: 1000 }),
} satisfies Record<string, () => Numbers>
type Name = keyof typeof stacks
const names = Object.keys(stacks) as Name[]

/** Microseconds of the process for a call, the collector included. */
async function costOf(runner: Numbers, durationMs: number): Promise<number> {
  let calls = 0
  const before = processCpu()
  const began = performance.now()
  const caller = async () => {
    while (performance.now() - began < durationMs) {
      for (let i = 0; i < 100; i++) await runner.run(1)
      calls += 100
    }
  }
  await Promise.all(Array.from({ length: inFlight }, caller))
  return (processCpu() - before) / calls
}

await runBench({
  name: 'patterns',
  question: 'What does each pattern for services cost a request, around a Runner that does nothing? Microseconds of CPU, 16 in flight',
  defaults: { rounds: 9, durationMs: 300 },
  async measure({ durationMs }, plan) {
    const sides = names.map((name) => ({ name, measure: () => costOf(stacks[name](), durationMs) }))
    const rounds = await interleave(sides, plan)
    const own = (name: Name) => rounds[name].map((each, i) => each - rounds.nothing[i]!)
    const us = Object.fromEntries(names.slice(1).map((name) => [name, Number(median(own(name)).toPrecision(3))]))
    const rows = names.slice(1).map((name) => {
      const { min, max } = spread(own(name))
      return [name, figure(median(own(name))), `${figure(min)} – ${figure(max)}`]
    })
    const targets = Object.entries(us).map(([name, value]) => ({
      name: `us: ${name}`,
      value,
      bound: 'at most' as const,
      limit: name === 'all' ? 15 : 2,
    }))
    return { tables: [table(['µs a call, beyond the Runner', 'median', 'rounds'], rows)], targets, summary: { us }, details: rounds }
  },
})
