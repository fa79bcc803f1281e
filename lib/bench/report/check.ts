import { invalid } from '../../core/options.js'
import { type BenchmarkReport, reportSchema } from './schema.js'

/** What each step must have for tables, drawings and comparisons. */
const stepNumbers = ['load', 'from', 'to', 'offered', 'offeredRate', 'answered', 'throughput', 'cpuPerRequest'] as const
const stepObjects = ['latency', 'histogram', 'eventLoopDelay', 'sendDelay', 'refused', 'failed'] as const
const stepLists = ['windows', 'classes', 'slices'] as const

/**
 * A report that was read from a file.
 *
 * @param where What it is called in a message: the file.
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`
 */
export function checkReport(value: unknown, where: string): BenchmarkReport {
  const report = (value ?? {}) as BenchmarkReport
  if (report.schema !== reportSchema) {
    throw invalid(
      `Expected a benchmark's report (schema "${reportSchema}") in ${where}, but its schema is ${JSON.stringify(report.schema) ?? 'missing'}.`,
      {
        expected: reportSchema,
      },
    )
  }
  const { settings, environment, steps, name } = report
  if (typeof name !== 'string' || !isObject(settings) || !isObject(environment) || !Array.isArray(steps))
    throw broken(where, 'name, settings, environment or steps')
  steps.forEach((step, i) => {
    const lacking = [
      ...stepNumbers.filter((key) => !Number.isFinite(step?.[key])),
      ...stepObjects.filter((key) => !isObject(step?.[key])),
      ...stepLists.filter((key) => !Array.isArray(step?.[key])),
    ]
    if (lacking.length > 0) throw broken(where, lacking.map((key) => `steps[${i}].${key}`).join(', '))
  })
  return report
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)

function broken(where: string, what: string) {
  return invalid(`The report in ${where} is not whole: ${what} is missing or of another kind.`, { missing: what })
}
