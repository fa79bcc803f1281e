import { type ErrorDetails, TrtError } from '../../core/errors.js'
import { defaultPercentile } from './thresholds.js'
import { type CalibratedTensor, type CalibrationMethod, type CalibrationTable, calibrationMethods } from './types.js'

/**
 * A line a tensor, in order: what a person can read, compare and edit. Numbers are the shortest decimals that give the same double again.
 *
 * ```
 * tensorrt-node calibration 1
 * method percentile 99.999
 * samples 100
 * dropped 0
 * # min max | asymmetric low high | symmetric high | tensor
 * -0.37 6.1 -0.37 6 6 "conv1"
 * ```
 */
const signature = 'tensorrt-node calibration'
const version = 1
const columns = '# min max | asymmetric low high | symmetric high | tensor'
/** A table has a line for each value of a graph; what has more is something else. */
const mostLines = 1_000_000

export function writeTable(table: CalibrationTable): string {
  const percentile = table.method === 'percentile' ? ` ${table.percentile ?? defaultPercentile}` : ''
  const head = [
    `${signature} ${version}`,
    `method ${table.method}${percentile}`,
    `samples ${table.samples}`,
    `dropped ${table.dropped}`,
    columns,
  ]
  const lines = [...table.tensors].map(([name, { min, max, asymmetric, symmetric }]) =>
    [min, max, asymmetric.low, asymmetric.high, symmetric.high, JSON.stringify(name)].join(' '),
  )
  return `${[...head, ...lines].join('\n')}\n`
}

/** Whether the text says that it is one of ours. */
export function isTable(text: string): boolean {
  return text.startsWith(signature)
}

/**
 * @param file How messages call it.
 * @throws {TrtError} `TRT_ERR_FILE` with the number of the line.
 */
export function readTable(text: string, file = 'the calibration'): CalibrationTable {
  const lines = new Lines(text, file, /^\s*(#|$)/)
  const [, found] = lines.next(/^tensorrt-node calibration (\d+)$/, `"${signature} ${version}"`)
  if (Number(found) !== version) lines.fail(`is of version ${found}; this package reads ${version}. Calibrate again, or update the package`)
  const [, method = '', percentile] = lines.next(/^method (\w+)(?: (\S+))?$/, '"method" and its name')
  const choice = methodOf(lines, method, percentile)
  const [, samples] = lines.next(/^samples (\d{1,15})$/, '"samples" and a number')
  const [, dropped] = lines.next(/^dropped (\d{1,15})$/, '"dropped" and a number')
  const tensors = new Map<string, CalibratedTensor>()
  while (lines.more()) {
    const { name, tensor } = readLine(lines)
    if (tensors.has(name)) lines.fail(`names ${JSON.stringify(name)} for the second time`)
    tensors.set(name, tensor)
  }
  return { format: 1, ...choice, samples: Number(samples), dropped: Number(dropped), tensors }
}

function methodOf(lines: Lines, method: string, percentile: string | undefined): Pick<CalibrationTable, 'method' | 'percentile'> {
  if (!(calibrationMethods as readonly string[]).includes(method)) lines.fail(`has no method of ${calibrationMethods.join(', ')}`)
  if (method !== 'percentile') {
    if (percentile !== undefined) lines.fail(`has more than a method`)
    return { method: method as CalibrationMethod }
  }
  const percent = Number(percentile)
  if (!(percent > 0 && percent <= 100)) lines.fail('has no percentile above 0 and up to 100')
  return { method, percentile: percent }
}

function readLine(lines: Lines): { name: string; tensor: CalibratedTensor } {
  const number = '(-?\\d[\\d.e+-]*)'
  const expected = 'five numbers and a name in quotes: min max low high high "name"'
  const match = lines.next(new RegExp(`^${`${number} `.repeat(5)}(".*")$`), expected)
  const [min, max, low, high, magnitude] = match.slice(1, 6).map(Number) as [number, number, number, number, number]
  if (![min, max, low, high, magnitude].every(Number.isFinite)) lines.fail(`has something else than ${expected}`)
  if (min > max) lines.fail('has a minimum above its maximum')
  if (!(low <= 0 && high >= 0 && low < high && magnitude > 0)) lines.fail('has a range that is empty, or without 0')
  const tensor = { min, max, asymmetric: { low, high }, symmetric: { low: -magnitude, high: magnitude } }
  return { name: nameOf(lines, match[6]!), tensor }
}

function nameOf(lines: Lines, quoted: string): string {
  try {
    return JSON.parse(quoted) as string
  } catch {
    return lines.fail('has a name that is not quoted as in JSON')
  }
}

/** The lines that are not skipped, one by one. */
export class Lines {
  readonly #lines: readonly string[]
  #at = -1

  constructor(
    text: string,
    private readonly file: string,
    private readonly skipped: RegExp,
  ) {
    this.#lines = text.split(/\r?\n/, mostLines + 1)
    if (this.#lines.length > mostLines) {
      this.#at = mostLines
      this.fail(`is one more than the ${mostLines} that a table may have`)
    }
  }

  more(): boolean {
    return this.#peek() < this.#lines.length
  }

  next(pattern: RegExp, expected: string): RegExpExecArray {
    this.#at = this.#peek()
    const match = pattern.exec(this.#lines[this.#at] ?? '')
    return match ?? this.fail(this.#at < this.#lines.length ? `is not ${expected}` : `is missing: expected ${expected}`)
  }

  fail(problem: string, details: ErrorDetails = {}): never {
    const line = Math.min(this.#at + 1, this.#lines.length)
    const content = this.#lines[this.#at]
    const shown = content === undefined ? '' : ` Received ${JSON.stringify(content.length > 60 ? `${content.slice(0, 60)}…` : content)}.`
    const message = `${this.file} is no usable calibration: line ${line} ${problem}.${shown}`
    throw new TrtError('TRT_ERR_FILE', message, { file: this.file, line, ...details })
  }

  #peek(): number {
    let at = this.#at + 1
    while (at < this.#lines.length && this.skipped.test(this.#lines[at]!)) at++
    return at
  }
}
