import { renderHtml } from '../../bench/html/page.js'
import { answered } from '../../bench/measure/samples.js'
import type { MeasuredSamples } from '../../bench/options.js'
import { renderCsv } from '../../bench/report/csv.js'
import type { BenchmarkReport } from '../../bench/report/schema.js'
import { writeAtomically } from '../../engine/files.js'
import type { BenchFlags } from './flags.js'

/** One request of `--exportTimes`: milliseconds, from the beginning of what is measured of its step. */
interface RequestTimes {
  load: number
  /** When it should have been sent. */
  startMs: number
  endMs: number
  latencyMs: number
  /** Only of those that were not answered. */
  outcome?: string
}

/** Keeps the times of each request, step by step. */
export class TimesLog {
  readonly times: RequestTimes[] = []

  readonly add = ({ load, samples, range: { from, to } }: MeasuredSamples): void => {
    for (let i = 0; i < samples.count; i++) {
      const intended = samples.intended[i]!
      if (intended < from || intended >= to) continue
      const [startMs, endMs] = [intended - from, samples.ended[i]! - from]
      const outcome = samples.outcome[i] === answered ? {} : { outcome: samples.outcomes[samples.outcome[i]!]! }
      this.times.push({ load, startMs, endMs, latencyMs: endMs - startMs, ...outcome })
    }
  }
}

/** Writes each file that the flags name. @returns Their names. */
export async function writeOutputs(report: BenchmarkReport, times: TimesLog, { html, csv, exportTimes }: BenchFlags): Promise<string[]> {
  const written: string[] = []
  const write = async (file: string | undefined, content: () => string) => {
    if (file === undefined) return
    await writeAtomically(file, [Buffer.from(content())])
    written.push(file)
  }
  await write(html, () => renderHtml(report))
  await write(csv, () => renderCsv(report))
  await write(exportTimes, () => `${JSON.stringify(times.times)}\n`)
  return written
}
