/**
 * A million inputs, random and mutated, for everything that reads bytes from outside. Seeds are fixed: a failure repeats.
 * Usage: node --import tsx test/fuzz/run.ts [inputs in all, default 1,000,000] [seed, default 1]
 */
import { renderTable } from '../../lib/core/text-table.js'
import { fuzz, type FuzzReport } from './fuzz.js'
import { readers } from './readers.js'

const inputs = Number(process.argv[2] ?? 1_000_000)
const seed = Number(process.argv[3] ?? 1)
if (!Number.isSafeInteger(inputs) || inputs < 1 || !Number.isSafeInteger(seed)) throw new Error('expected: [inputs ≥ 1] [seed]')

const number = (value: number) => value.toLocaleString('en-US')
const rows = [['reader', 'inputs', 'accepted', 'failures', 'slowest ms', 'µs each', 'refused by']]
const reports: FuzzReport[] = []
for (const [index, reader] of readers.entries()) {
  const report = fuzz(reader, Math.ceil(reader.share * inputs), seed * 1000 + index)
  reports.push(report)
  const codes = [...report.refused].map(([code, times]) => `${code} ${number(times)}`).join(', ')
  const each = ((report.elapsedMs * 1000) / report.inputs).toFixed(1)
  rows.push([
    report.name,
    number(report.inputs),
    number(report.accepted),
    String(report.failures.length),
    report.slowestMs.toFixed(1),
    each,
    codes,
  ])
}
console.log(renderTable(rows, { left: [0, 6] }))
for (const { name, failures } of reports) {
  for (const { input, reason } of failures) console.log(`${name}: ${reason}\n  input (base64): ${Buffer.from(input).toString('base64')}\n`)
}
const total = reports.reduce((sum, report) => sum + report.inputs, 0)
const failed = reports.reduce((sum, report) => sum + report.failures.length, 0)
console.log(`${number(total)} inputs, ${failed} failures, seed ${seed}`)
process.exitCode = failed === 0 ? 0 : 1
