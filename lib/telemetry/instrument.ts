import { type BatchEvent, channels, type RequestEvent } from '../core/channels.js'
import { type Clock, systemClock } from '../core/clock.js'
import { isTrtError } from '../core/errors.js'
import { plainObject, rejectUnknown, text } from '../core/options.js'
import type { RunOptions } from '../core/runner.js'
import { type Attributes, globalTracer, type SpanLike, statusError, type TracerLike } from './tracer.js'

export interface InstrumentOptions {
  /** Default: `trace.getTracer('tensorrt-node')` of `@opentelemetry/api`, which must then be installed. */
  tracer?: TracerLike
  /** Name of the spans; batches have it with `.batch` behind. Default: `inference`. */
  name?: string
  /** Added to each span. */
  attributes?: Attributes
  /** The runner's clock, which its events are told on. Default: `performance.now()`. */
  clock?: Clock
}

/** All that is asked of what is wrapped, so that a Session typed by its model stays typed. */
type Run = (inputs: never, options?: never) => Promise<unknown>

export interface Instrumented<R extends Run> {
  run: R
  /** Traces no more; `run` goes on. */
  close(): void
}

const prefix = 'tensorrt_node'

/**
 * A span of OpenTelemetry for each request, a child of the active one, and one for each batch, linked to the requests in it.
 * Queue, assembly, computation and so on are attributes, where the runner tells them (a MicroBatcher does).
 *
 * @throws {TrtError} `TRT_ERR_UNAVAILABLE`: no tracer was given and `@opentelemetry/api` is not installed.
 *   `TRT_ERR_INVALID_ARGUMENT`
 */
export function instrument<R extends Run>(runner: { run: R }, options: InstrumentOptions = {}): Instrumented<R> {
  rejectUnknown(plainObject('the options of instrument', options), ['tracer', 'name', 'attributes', 'clock'], 'instrument')
  const name = text('name', options.name ?? 'inference')
  const tracing = new Tracing(runner, { tracer: options.tracer ?? globalTracer(), clock: options.clock ?? systemClock, name, options })
  return {
    run: ((inputs: unknown, runOptions?: unknown) => tracing.run(inputs, runOptions)) as Run as R,
    close: () => tracing.close(),
  }
}

interface Setup {
  tracer: TracerLike
  clock: Clock
  name: string
  options: InstrumentOptions
}

class Tracing {
  readonly #spans = new WeakMap<RequestEvent, SpanLike>()
  /** Of the call of `run` that is on the stack: events of its runner are published within it. */
  #calling: { event: RequestEvent | null } | null = null

  constructor(
    private readonly runner: { run: Run },
    private readonly setup: Setup,
  ) {
    channels.requestStart.subscribe(this.#onStart)
    // Its object is the one of the start; but a runner may fill it only where someone listens to the end.
    channels.requestEnd.subscribe(this.#onEnd)
    channels.batchEnd.subscribe(this.#onBatch)
  }

  close(): void {
    channels.requestStart.unsubscribe(this.#onStart)
    channels.requestEnd.unsubscribe(this.#onEnd)
    channels.batchEnd.unsubscribe(this.#onBatch)
  }

  run(inputs: unknown, options: unknown): Promise<unknown> {
    const { tracer, name, options: given } = this.setup
    return tracer.startActiveSpan(name, { attributes: { ...given.attributes, ...asked(options as RunOptions | undefined) } }, (span) =>
      this.#traced(span, inputs, options),
    )
  }

  async #traced(span: SpanLike, inputs: unknown, options: unknown): Promise<unknown> {
    const call: { event: RequestEvent | null } = { event: null }
    try {
      const answer = this.#call(call, inputs, options)
      if (call.event !== null) this.#spans.set(call.event, span)
      return await answer
    } catch (error) {
      failed(span, error)
      throw error
    } finally {
      if (call.event !== null) span.setAttributes(requestAttributes(call.event))
      span.end()
    }
  }

  #call(call: { event: RequestEvent | null }, inputs: unknown, options: unknown): Promise<unknown> {
    const outer = this.#calling
    this.#calling = call
    try {
      return options === undefined ? this.runner.run(inputs as never) : this.runner.run(inputs as never, options as never)
    } finally {
      this.#calling = outer
    }
  }

  readonly #onStart = (message: unknown) => {
    const event = message as RequestEvent
    if (event.runner === this.runner && this.#calling !== null) this.#calling.event = event
  }

  readonly #onEnd = () => undefined

  readonly #onBatch = (message: unknown) => {
    const event = message as BatchEvent
    if (event.runner !== this.runner || event.ended === undefined) return
    const { tracer, clock, name, options } = this.setup
    const epoch = (time: number) => Date.now() + (time - clock.now())
    const members = event.requests.map((request) => this.#spans.get(request)).filter((span) => span !== undefined)
    const span = tracer.startSpan(`${name}.batch`, {
      root: true,
      startTime: epoch(event.started),
      attributes: { ...options.attributes, ...batchAttributes(event) },
      links: members.map((member) => ({ context: member.spanContext() as never })),
    })
    if (event.error !== undefined) span.setStatus({ code: statusError, message: event.error })
    span.end(epoch(event.ended))
  }
}

function failed(span: SpanLike, error: unknown): void {
  const type = isTrtError(error) ? error.code : error instanceof Error ? error.name : 'unknown'
  span.setAttributes({ 'error.type': type })
  if (error instanceof Error) span.recordException(error)
  span.setStatus({ code: statusError, message: type })
}

function asked(options: RunOptions | undefined): Attributes {
  return options?.priority === undefined ? {} : { [`${prefix}.priority`]: options.priority }
}

function requestAttributes({ id, rows, outcome, reason, times, batch }: RequestEvent): Attributes {
  const attributes: Attributes = { [`${prefix}.request.id`]: id, [`${prefix}.rows`]: rows }
  if (outcome !== undefined) attributes[`${prefix}.outcome`] = outcome
  if (reason !== undefined) attributes[`${prefix}.reason`] = reason
  if (batch !== undefined) attributes[`${prefix}.batch.id`] = batch.id
  for (const [stage, ms] of Object.entries(times ?? {})) if (typeof ms === 'number') attributes[`${prefix}.${stage}_ms`] = ms
  return attributes
}

function batchAttributes({ id, lane, bucket, rows, requests, reason, predicted }: BatchEvent): Attributes {
  return {
    [`${prefix}.batch.id`]: id,
    [`${prefix}.lane`]: lane,
    [`${prefix}.bucket`]: bucket,
    [`${prefix}.rows`]: rows,
    [`${prefix}.requests`]: requests.length,
    [`${prefix}.reason`]: reason,
    [`${prefix}.predicted_ms`]: predicted,
  }
}
