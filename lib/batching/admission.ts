import { TrtError } from '../core/errors.js'
import { notByName } from '../core/input-names.js'
import { suggestion } from '../core/nearest.js'
import { abortSignal, invalid, number, plainObject, received, rejectUnknown } from '../core/options.js'
import type { RunOptions } from '../core/runner.js'
import { formatSpec } from '../core/shapes.js'
import { Entry, type EntryOwner } from './entry.js'
import { Layout, type LayoutContext } from './layout.js'
import { typeOf } from './row-plan.js'
import { rowsOf } from './split.js'
import type { BatchIo } from './target.js'

const known = ['signal', 'deadline', 'priority', 'outputs']
/** Priorities are exponents: beyond this their weights are no numbers any more. */
const mostPriority = 1000

/** Combinations of names and types that are remembered. */
const mostLayouts = 64

/** Checks requests before they may join a batch: what is wrong with one never reaches the others. */
export class Admission {
  readonly #context: LayoutContext
  readonly #outputs: OutputNames
  /** The session's inputs; null: the Runner does not say. */
  readonly #layout: Layout | null
  /** By names and types, for Runners that do not say theirs. */
  readonly #layouts = new Map<string, Layout>()

  constructor(inputs: readonly BatchIo[] | null, outputs: readonly BatchIo[] | null, context: LayoutContext) {
    this.#context = context
    this.#outputs = new OutputNames(outputs, context.batchAxis)
    this.#layout = inputs === null ? null : new Layout(inputs, context)
  }

  /**
   * Fills an entry from the arguments of `run`.
   *
   * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT`, `TRT_ERR_NAME`, `TRT_ERR_TYPE`, `TRT_ERR_SHAPE`, `TRT_ERR_BUFFER`
   */
  read(entry: Entry, inputs: unknown, options: RunOptions | undefined): void {
    if (options !== undefined) readOptions(entry, options)
    entry.outputs = this.#outputs.select(entry.outputs)
    if (typeof inputs !== 'object' || inputs === null) throw notByName(inputs)
    const layout = this.#layout ?? this.#layoutOf(inputs as Readonly<Record<string, unknown>>)
    layout.read(inputs as Readonly<Record<string, unknown>>, entry)
  }

  #layoutOf(inputs: Readonly<Record<string, unknown>>): Layout {
    if (ArrayBuffer.isView(inputs) || Array.isArray(inputs)) throw notByName(inputs)
    const found = Object.keys(inputs)
      .sort()
      .map((name) => ({ name, type: typeOf(inputs[name]) }))
    const key = JSON.stringify(found.map(({ name, type }) => [name, type]))
    let layout = this.#layouts.get(key)
    if (layout === undefined) {
      if (this.#layouts.size >= mostLayouts) this.#layouts.clear()
      layout = new Layout(found.map(undescribed), this.#context)
      this.#layouts.set(key, layout)
    }
    return layout
  }
}

function undescribed({ name, type }: { name: string; type: BatchIo['type'] | undefined }): BatchIo {
  if (type !== undefined) return { name, type, shape: null, dimNames: [], ranges: [] }
  const message = `The Runner below the batcher does not describe its inputs, so that each must say its type and shape: give a tensor for "${name}".`
  throw new TrtError('TRT_ERR_TYPE', message, { input: name })
}

function readOptions(entry: Entry, options: RunOptions): void {
  rejectUnknown(plainObject('the options of run', options), known, 'run')
  const { signal, deadline, priority, outputs } = options
  if (signal !== undefined) entry.signal = abortSignal('signal', signal)
  if (deadline !== undefined) entry.deadline = number('deadline', deadline, -Infinity, Infinity)
  if (priority !== undefined) entry.priority = number('priority', priority, -mostPriority, mostPriority)
  entry.outputs = outputs
}

/** Which outputs may be asked for. */
class OutputNames {
  readonly #outputs: readonly BatchIo[] | null
  /** Those without rows, which nobody can be given a part of. */
  readonly #whole: readonly BatchIo[]

  constructor(outputs: readonly BatchIo[] | null, batchAxis: number) {
    this.#outputs = outputs
    this.#whole = (outputs ?? []).filter(({ shape }) => shape !== null && (shape[batchAxis] ?? 0) >= 0)
  }

  /** @throws {TrtError} `TRT_ERR_NAME`, `TRT_ERR_INVALID_ARGUMENT`, `TRT_ERR_UNSUPPORTED` */
  select(names: readonly string[] | undefined): readonly string[] | undefined {
    if (names === undefined) {
      if (this.#whole.length > 0) this.#requireRows(this.#whole[0]!)
      return undefined
    }
    if (!Array.isArray(names) || names.length === 0 || new Set(names).size < names.length) {
      throw invalid(`Expected an array of different names, at least one, for outputs but received ${received(names)}.`)
    }
    if (this.#outputs !== null) for (const name of names) this.#requireKnown(name, this.#outputs)
    return [...names]
  }

  #requireKnown(name: string, outputs: readonly BatchIo[]): void {
    const output = outputs.find((each) => each.name === name)
    if (output === undefined) {
      const expected = outputs.map((each) => each.name)
      const message = `Output ${received(name)} is not one of the engine's.${suggestion(String(name), expected)} The engine gives ${expected.join(', ')}.`
      throw new TrtError('TRT_ERR_NAME', message, { expected, received: name })
    }
    if (this.#whole.includes(output)) this.#requireRows(output)
  }

  #requireRows(output: BatchIo): never {
    const message = `Output "${output.name}", ${formatSpec(output)}, has no free batch axis: no request could be given a part of it. Name the other outputs: run(inputs, { outputs: […] }).`
    throw new TrtError('TRT_ERR_UNSUPPORTED', message, { output: output.name, expected: formatSpec(output) })
  }
}

/** A request with more rows than its bucket takes, as entries that each fit. */
export function partsOf(entry: Entry, batchAxis: number, owner: EntryOwner): Entry[] {
  const { home, rows } = entry
  const parts: Entry[] = []
  for (let from = 0; from < rows; from += home.maxRows) {
    const to = Math.min(rows, from + home.maxRows)
    const part = new Entry(owner)
    part.rows = to - from
    part.home = home
    part.data = entry.data.map((data, i) => {
      const shape = entry.shapes?.[i] ?? home.dims[i]!.with(batchAxis, rows)
      return rowsOf(data, shape, { from, to, batchAxis })
    })
    part.shapes = entry.shapes?.map((shape) => shape.with(batchAxis, to - from)) ?? null
    part.enqueued = entry.enqueued
    part.deadline = entry.deadline
    part.priority = entry.priority
    part.outputs = entry.outputs
    parts.push(part)
  }
  return parts
}
