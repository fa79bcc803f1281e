/**
 * A million requests of all kinds through a batcher: everyone is answered, memory stays flat.
 * Usage: node --expose-gc --import tsx test/soak/run.ts [requests, default 1,000,000]
 */
import { renderTable } from '../../lib/core/text-table.js'
import { allowed, isFlat, soak } from './batcher.js'

const requests = Number(process.argv[2] ?? 1_000_000)
if (!Number.isSafeInteger(requests) || requests < 1000) throw new Error('expected: [requests ≥ 1000]')
if ((globalThis as { gc?: unknown }).gc === undefined) throw new Error('expected: node --expose-gc')

const progress = (tenth: number) => process.stderr.write(tenth === 10 ? '\r\u001b[K' : `\r${tenth * 10} %`)
const report = await soak(requests, process.stderr.isTTY ? progress : undefined)
const rows = report.memory.map(({ heap, external, rss }, i) => [`${(i + 1) * 10} %`, heap.toFixed(2), external.toFixed(2), rss.toFixed(1)])
console.log(renderTable([['requests', 'heap MB', 'external MB', 'RSS MB'], ...rows], { left: [0] }))
const outcomes = Object.entries(report.outcomes).map(([outcome, count]) => `${outcome} ${count.toLocaleString('en-US')}`)
console.log(
  `\n${outcomes.join(', ')}; mean batch ${report.meanBatch.toFixed(1)}, ${report.retries} ran alone after a failure, ${report.seconds.toFixed(0)} s`,
)
const flat = isFlat(report)
console.log(`${flat ? 'flat' : 'GREW'}: from the third to the last tenth, allowed ${JSON.stringify(allowed)} MB`)
console.log(JSON.stringify({ requests: report.requests, flat, growthMB: report.growth }))
process.exitCode = flat ? 0 : 1
