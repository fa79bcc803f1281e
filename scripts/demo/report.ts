import type { EventLoopDelay } from '../../lib/bench/event-loop-delay.js'
import type { EngineBackend, IoInfo, LatencySummary } from '../../lib/index.js'
import { renderBar } from '../../lib/cli/view/progress.js'
import { renderTable } from '../../lib/core/text-table.js'

interface EngineFacts {
  readonly backend: EngineBackend
  readonly inputs: readonly IoInfo[]
  readonly outputs: readonly IoInfo[]
}

const libraries: Readonly<Record<string, string>> = { cpu: 'ONNX Runtime', tensorrt: 'TensorRT', 'tensorrt-rtx': 'TensorRT-RTX' }

/** Which backend runs the engine and why, what goes in and out, how many runs execute at once. */
export function engineSummary({ backend, inputs, outputs }: EngineFacts, lanes: number): string {
  const rows = [
    ['backend', `${backend.name} (${libraries[backend.name] ?? 'library'} ${backend.version ?? 'of unknown version'})`],
    ['why', backend.reason],
    ...backend.refused.map(({ name, reason }) => ['', `${name}: ${firstSentence(reason)}`]),
    ...(backend.refused.length === 0 ? [] : [['', 'more: npx tensorrt-node doctor']]),
    ...inputs.map((input) => ['input', describe(input)]),
    ...outputs.map((output) => ['output', describe(output)]),
    ['lanes', String(lanes)],
  ]
  return `Engine\n${renderTable(rows, { indent: 2, left: [0, 1] })}`
}

/** What is wrong, without every path that was tried: those are doctor's. */
function firstSentence(reason: string): string {
  return reason.replace(/(could be used): .*$/s, '$1')
}

/** `x: float32 [?, 3, 48, ?], from [1, 3, 48, 32] to [8, 3, 48, 2400]`. */
function describe({ name, type, shape, ranges: [range] }: IoInfo): string {
  const dims = shape === null ? 'of any shape' : formatShape(shape.map((dim) => (dim < 0 ? '?' : dim)))
  const bounds = range === undefined ? '' : `, from ${formatShape(range.min)} to ${formatShape(range.max)}`
  return `${name}: ${type} ${dims}${bounds}`
}

export function formatShape(dims: readonly (number | string)[]): string {
  return `[${dims.join(', ')}]`
}

export function latencyTable({ count, p50, p95, p99, max }: LatencySummary): string {
  const rows = [['p50', 'p95', 'p99', 'max'], [p50, p95, p99, max].map((ms) => ms.toFixed(2))]
  return `Latency of ${count} run${count === 1 ? '' : 's'}, one after the other, in milliseconds\n${renderTable(rows, { indent: 2, left: [] })}`
}

/** How late a timer of the JavaScript thread was while inferences ran: a blocked event loop would be as late as they are long. */
export function eventLoopLine({ p99, max }: EventLoopDelay): string {
  return `Largest event-loop delay meanwhile: ${max.toFixed(2)} ms (p99 ${p99.toFixed(2)} ms)`
}

/** Disposing of it removes the bar. */
export interface Bar extends Disposable {
  update(label: string, fraction: number): void
}

/** Standard error, or something like it. */
export interface BarTarget {
  readonly isTTY?: boolean
  readonly columns: number
  write(text: string): unknown
}

/** A progress bar on a terminal, nothing elsewhere: what was done is said in words afterwards. */
export function progressBar(target: BarTarget): Bar {
  if (target.isTTY !== true) return { update() {}, [Symbol.dispose]() {} }
  const began = performance.now()
  const columns = target.columns || 80 // 0 where the terminal does not tell
  return {
    update(label, fraction) {
      target.write(`\r${renderBar({ label, fraction, elapsedMs: performance.now() - began }, columns)}\x1b[K`)
    },
    [Symbol.dispose]: () => void target.write('\r\x1b[K'),
  }
}
