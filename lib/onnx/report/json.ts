import type { PrecisionReport } from './types.js'

/** Two spaces of indentation and a newline at the end, for files that people and diffs read. */
export function renderReportJson(report: PrecisionReport): string {
  return `${JSON.stringify(report, null, 2)}\n`
}
