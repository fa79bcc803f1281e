import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { type BatchEvent, channels, type RequestEvent } from '../../../lib/core/channels.js'
import { TrtError } from '../../../lib/core/errors.js'
import { instrument } from '../../../lib/telemetry/instrument.js'
import { type Attributes, globalTracer, type SpanLike, type SpanOptionsLike, type TracerLike } from '../../../lib/telemetry/tracer.js'
import { failure, rejection } from '../../support/failure.js'

const test = suite('instrument')

interface Recorded {
  name: string
  options: SpanOptionsLike
  attributes: Attributes
  status: { code: number; message?: string } | null
  exceptions: string[]
  ended: number | 'now' | null
}

/** A tracer with the interface of @opentelemetry/api, and what it was told. */
function fakeTracer() {
  const spans: Recorded[] = []
  const startSpan = (name: string, options: SpanOptionsLike = {}): SpanLike => {
    const span: Recorded = { name, options, attributes: { ...options.attributes }, status: null, exceptions: [], ended: null }
    const position = spans.push(span)
    return {
      spanContext: () => `span ${position}`,
      setAttributes: (attributes) => Object.assign(span.attributes, attributes),
      setStatus: (status) => (span.status = status),
      recordException: ({ message }) => void span.exceptions.push(message),
      end: (time) => (span.ended = time ?? 'now'),
    }
  }
  const tracer: TracerLike = { startSpan, startActiveSpan: (name, options, body) => body(startSpan(name, options)) }
  return { tracer, spans }
}

/** Announces its requests as a batcher does; `answer` fills in what became of them. */
function telling(answer: (event: RequestEvent) => void) {
  let id = 0
  const runner = {
    async run(_: object, options: { priority?: number } = {}) {
      const event: RequestEvent = { runner, id: ++id, rows: 2, priority: options.priority ?? 0, deadline: Infinity, started: 0 }
      channels.requestStart.publish(event)
      await Promise.resolve()
      answer(event)
      channels.requestEnd.publish(event)
      return { y: event.id }
    },
  }
  return runner
}

test('a span for each request, with what the runner told of it', async () => {
  const { tracer, spans } = fakeTracer()
  const runner = telling((event) => Object.assign(event, { outcome: 'answered', times: { queue: 3, compute: 4 } }))
  const traced = instrument(runner, { tracer, name: 'ocr', attributes: { model: 'v4' } })
  const answers = await Promise.all([traced.run({}), traced.run({}, { priority: 2 })])
  traced.close()
  assert.equal(answers, [{ y: 1 }, { y: 2 }])
  assert.equal(
    spans.map(({ name, ended, status }) => [name, ended, status]),
    [
      ['ocr', 'now', null],
      ['ocr', 'now', null],
    ],
  )
  assert.equal(spans[1]!.attributes, {
    model: 'v4',
    'tensorrt_node.priority': 2,
    'tensorrt_node.request.id': 2,
    'tensorrt_node.rows': 2,
    'tensorrt_node.outcome': 'answered',
    'tensorrt_node.queue_ms': 3,
    'tensorrt_node.compute_ms': 4,
  })
})

test('a batch is a span of its own time, linked to its requests', async () => {
  const { tracer, spans } = fakeTracer()
  const batches: BatchEvent[] = []
  const requests: RequestEvent[] = []
  const runner = telling((event) => {
    if (requests.push(event) < 2) return
    const known = { runner, id: 7, lane: 1, bucket: 'x[4]', rows: 4, requests, reason: 'full', predicted: 5 }
    batches.push({ ...known, started: 100, ended: 106 })
    for (const request of requests) request.batch = batches[0]!
    channels.batchEnd.publish(batches[0])
  })
  const traced = instrument(runner, { tracer, clock: { now: () => 110 } })
  const before = Date.now()
  await Promise.all([traced.run({}), traced.run({})])
  traced.close()
  const batch = spans[2]!
  assert.equal([batch.name, batch.options.links], ['inference.batch', [{ context: 'span 1' }, { context: 'span 2' }]])
  // It began 10 ms and ended 4 ms ago.
  assert.ok(Math.abs(batch.options.startTime! - (before - 10)) < 1000)
  assert.ok(Math.abs((batch.ended as number) - batch.options.startTime! - 6) <= 1)
  assert.equal([batch.attributes['tensorrt_node.reason'], batch.attributes['tensorrt_node.rows']], ['full', 4])
  assert.is(spans[1]!.attributes['tensorrt_node.batch.id'], 7)
})

test('a failure is on its span, and reaches the caller as it was', async () => {
  const { tracer, spans } = fakeTracer()
  const error = new TrtError('TRT_ERR_DEADLINE', 'too late', { reason: 'expired' })
  const throwing = instrument({ run: () => Promise.reject(error) }, { tracer })
  assert.is(await rejection(throwing.run()), error)
  const synchronous = instrument(
    {
      run: (): Promise<object> => {
        throw error
      },
    },
    { tracer },
  )
  assert.is(await rejection(synchronous.run()), error)
  for (const { status, exceptions, attributes, ended } of spans) {
    assert.equal([status, exceptions], [{ code: 2, message: 'TRT_ERR_DEADLINE' }, ['TRT_ERR_DEADLINE: too late']])
    assert.equal([attributes['error.type'], ended], ['TRT_ERR_DEADLINE', 'now'])
  }
  for (const each of [throwing, synchronous]) each.close()
})

test('a runner that tells nothing has spans all the same, and others’ events do not mix in', async () => {
  const { tracer, spans } = fakeTracer()
  const other = telling((event) => Object.assign(event, { outcome: 'answered' }))
  const outer = instrument({ run: async () => (await other.run({})).y }, { tracer })
  assert.is(await outer.run(), 1)
  outer.close()
  assert.equal(
    spans.map(({ attributes }) => attributes),
    [{}],
  )
})

test('closed, it no longer listens; the runner still runs', async () => {
  const { tracer, spans } = fakeTracer()
  const runner = telling((event) => Object.assign(event, { outcome: 'answered' }))
  const traced = instrument(runner, { tracer })
  traced.close()
  assert.equal(
    [channels.requestStart.hasSubscribers, channels.requestEnd.hasSubscribers, channels.batchEnd.hasSubscribers],
    [false, false, false],
  )
  await traced.run({})
  assert.equal(spans[0]!.attributes, {})
})

test('without a tracer it takes the global one, and says what to install where there is none', () => {
  const { tracer } = fakeTracer()
  const names: string[] = []
  const api = { trace: { getTracer: (name: string) => (names.push(name), tracer) } }
  assert.is(
    globalTracer(() => api),
    tracer,
  )
  assert.equal(names, ['tensorrt-node'])
  const missing = failure(() =>
    globalTracer(() => {
      throw new Error('Cannot find module')
    }),
  )
  assert.equal([missing.code, missing.details['package']], ['TRT_ERR_UNAVAILABLE', '@opentelemetry/api'])
  assert.match(missing.message, 'npm install @opentelemetry/api')
})

test('a misspelt option is refused', () => {
  const code = failure(() => instrument({ run: () => Promise.resolve() }, { tracr: 1 } as never)).code
  assert.is(code, 'TRT_ERR_INVALID_ARGUMENT')
})

test.run()
