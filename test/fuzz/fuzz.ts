import { seededRandom } from '../../lib/core/random.js'
import { isTrtError } from '../../lib/core/errors.js'
import { mutate, randomBytes } from './mutate.js'
import type { FuzzedReader } from './readers.js'

export interface FuzzFailure {
  input: Uint8Array
  reason: string
}

export interface FuzzReport {
  name: string
  inputs: number
  accepted: number
  /** How often each code refused an input. */
  refused: Map<string, number>
  failures: FuzzFailure[]
  slowestMs: number
  elapsedMs: number
}

// Our inputs have a few kilobytes at most. A slow one is tried again before it is blamed: the machine may have been busy.
const SLOW_MS = 50
const RETRIES = 5
const MEMORY_BYTES = 32 * 2 ** 20
const MAX_RANDOM_BYTES = 200
const RANDOM_SHARE = 0.2
const MAX_FAILURES = 10

/** Gives `inputs` byte strings to a reader, the same ones for the same seed; stops after ten failures. */
export function fuzz(reader: FuzzedReader, inputs: number, seed: number): FuzzReport {
  const random = seededRandom(seed)
  const report: FuzzReport = { name: reader.name, inputs: 0, accepted: 0, refused: new Map(), failures: [], slowestMs: 0, elapsedMs: 0 }
  const began = performance.now()
  for (; report.inputs < inputs && report.failures.length < MAX_FAILURES; report.inputs++) {
    const example = reader.seeds[Math.floor(random() * reader.seeds.length)] as Uint8Array
    const input = random() < RANDOM_SHARE ? randomBytes(random, example, MAX_RANDOM_BYTES) : mutate(random, example)
    const reason = tryInput(reader, input, report)
    if (reason !== null) report.failures.push({ input, reason })
  }
  report.elapsedMs = performance.now() - began
  return report
}

/** Null, or what is wrong with how the reader took it. */
function tryInput(reader: FuzzedReader, input: Uint8Array, report: FuzzReport): string | null {
  const before = process.memoryUsage().arrayBuffers
  let ms = performance.now()
  const problem = outcome(reader, input, report)
  ms = performance.now() - ms
  // A collection in between only lowers it.
  const grown = process.memoryUsage().arrayBuffers - before
  if (problem !== null) return problem
  if (grown > MEMORY_BYTES) return `took ${grown} bytes for an input of ${input.length}`
  if (ms > SLOW_MS) ms = Math.min(ms, ...Array.from({ length: RETRIES }, () => time(reader, input)))
  report.slowestMs = Math.max(report.slowestMs, ms)
  return ms > SLOW_MS ? `took ${ms.toFixed(0)} ms for an input of ${input.length} bytes` : null
}

function outcome(reader: FuzzedReader, input: Uint8Array, report: FuzzReport): string | null {
  const copy = Uint8Array.from(input)
  try {
    if (reader.read(input)) report.accepted++
    else count(report, 'refused')
  } catch (error) {
    if (!isTrtError(error)) return `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
    count(report, error.code)
  }
  return copy.every((byte, i) => byte === input[i]) ? null : 'changed its input'
}

function count(report: FuzzReport, code: string): void {
  report.refused.set(code, (report.refused.get(code) ?? 0) + 1)
}

function time(reader: FuzzedReader, input: Uint8Array): number {
  const began = performance.now()
  try {
    reader.read(input)
  } catch {
    // Judged already: this is for the time alone.
  }
  return performance.now() - began
}
