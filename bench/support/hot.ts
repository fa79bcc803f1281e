import benny from 'benny'
import { table } from './table.js'

/** A hot function: `prepare` stays outside of the timing, checks that the right path is taken, and returns what is timed. */
export interface HotCase {
  name: string
  prepare: () => () => unknown
}

export interface HotSuite {
  name: string
  cases: readonly HotCase[]
}

export interface HotResult {
  /** Nanoseconds. */
  mean: number
  /** Half of the 95 % confidence interval, in percent of the mean. */
  margin: number
}

/** Beyond this a mean says nothing: other work ran meanwhile. */
const widestMargin = 10
/** Benchmark.js drops a call whose result is never used. */
const sink: { last: unknown } = { last: undefined }

/** One after another, closed loop, one call at a time: benny's way, good for functions that never wait. */
export async function runHot(suite: HotSuite, secondsEach: number): Promise<Record<string, HotResult>> {
  const cases = suite.cases.map(({ name, prepare }) =>
    benny.add(name, () => {
      const call = prepare()
      return () => {
        sink.last = call()
      }
    }),
  )
  const limits = benny.configure({ cases: { maxTime: secondsEach, minSamples: 5 }, minDisplayPrecision: 2 })
  const summary = await benny.suite(suite.name, ...cases, limits)
  return Object.fromEntries(
    summary.results.map(({ name, details }) => [name, { mean: details.mean * 1e9, margin: details.relativeMarginOfError }]),
  )
}

export function hotTable(suite: HotSuite, results: Readonly<Record<string, HotResult>>): string {
  const rows = Object.entries(results).map(([name, { mean, margin }]) => [
    name,
    mean < 100 ? mean.toFixed(1) : Math.round(mean).toLocaleString('en-US'),
    `±${margin.toFixed(1)} %`,
    margin > widestMargin ? 'too noisy to trust' : '',
  ])
  return table([suite.name, 'ns/call', 'margin', ''], rows)
}
