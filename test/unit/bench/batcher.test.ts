import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { MicroBatcher } from '../../../lib/batching/micro-batcher.js'
import { benchmark } from '../../../lib/bench/benchmark.js'
import { latencyBudget } from '../../../lib/core/latency-budget.js'
import type { Inputs, Outputs } from '../../../lib/core/runner.js'
import { Tensor } from '../../../lib/core/tensor.js'
import { instrument } from '../../../lib/telemetry/instrument.js'
import type { SpanOptionsLike } from '../../../lib/telemetry/tracer.js'
import { simulatedProbes } from '../../support/simulated.js'
import { VirtualTime } from '../../support/virtual-time.js'

/** The harness and the tracer over the batcher itself: what it publishes is what they read. */
const test = suite('benchmark of a batcher')

/** A device that takes 4 + n / 2 ms for n rows, and gives back what it got. */
function world(options: { slo?: number } = {}) {
  const time = new VirtualTime()
  const device = {
    async run({ x }: Inputs): Promise<Outputs> {
      const { shape, data } = x as Tensor<'float32'>
      await time.sleep(4 + shape[0]! / 2)
      return { y: new Tensor('float32', [...shape], Float32Array.from(data)) }
    },
  }
  const batcher = new MicroBatcher(device, { maxBatch: 16, lanes: 1, clock: time, timers: time, ...options })
  const inputs = { x: new Tensor('float32', [1, 2], Float32Array.of(1, 2)) }
  return { time, batcher, inputs }
}

test('what is offered is answered or refused; batches and stages are the batcher’s own', async () => {
  const { time, batcher, inputs } = world({ slo: 30 })
  const common = { pacer: time, probes: simulatedProbes(time), inputs, warmUp: 500, duration: 3000, stability: 0 }
  const { steps } = await time.run(benchmark(batcher, { ...common, rate: [400, 1600], slo: 30 }))
  const [light, heavy] = steps
  assert.equal([light!.goodput! > 0.99, heavy!.goodput! > 0.6, heavy!.goodput! < 0.9], [true, true, true])
  for (const step of steps) {
    const refused = Object.values(step.refused).reduce((sum, count) => sum + count, 0)
    assert.equal([step.answered + refused, step.failed], [step.offered, {}])
    const { compute, queue, total } = step.stages!
    assert.ok(compute!.p50 >= 4.5 && compute!.max <= 12.5, `${compute!.p50}`)
    assert.ok(Math.abs(total!.mean - queue!.mean - compute!.mean) < 1, `${total!.mean}`)
    assert.ok(step.batches!.count > 100 && step.batches!.meanRows <= 16)
    assert.ok(Math.abs(step.batches!.costError!.p50) < 0.1, `${step.batches!.costError!.p50}`)
  }
  assert.ok(heavy!.batches!.meanRows > 12 && heavy!.batches!.utilisation > 0.9)
  assert.match(Object.keys(heavy!.refused)[0]!, /^TRT_ERR_DEADLINE (deadline|expired)$/)
  assert.is(latencyBudget(batcher.stats(), { target: 30 }).attack, 'queue')
  await time.run(batcher.close())
})

test('spans: each request with its stages, each batch linked to its requests', async () => {
  const { time, batcher, inputs } = world()
  const spans: { name: string; options: SpanOptionsLike; attributes: Record<string, unknown> }[] = []
  const startSpan = (name: string, options: SpanOptionsLike = {}) => {
    const span = { name, options, attributes: { ...options.attributes } as Record<string, unknown> }
    const position = spans.push(span)
    return {
      spanContext: () => position,
      setAttributes: (attributes: object) => Object.assign(span.attributes, attributes),
      setStatus: () => undefined,
      recordException: () => undefined,
      end: () => undefined,
    }
  }
  const tracer = {
    startSpan,
    startActiveSpan: <T>(name: string, options: SpanOptionsLike, body: (span: ReturnType<typeof startSpan>) => T) =>
      body(startSpan(name, options)),
  }
  const traced = instrument(batcher, { tracer, clock: time })
  const answers = await time.run(Promise.all([1, 2, 3].map(() => traced.run(inputs))))
  traced.close()
  assert.is(answers.length, 3)
  const batch = spans.find(({ name }) => name === 'inference.batch')
  assert.equal(
    batch!.options.links!.map(({ context }) => context as number),
    [1, 2, 3],
  )
  assert.is(batch!.attributes['tensorrt_node.rows'], 3)
  for (const { name, attributes } of spans.slice(0, 3)) {
    assert.equal(
      [name, attributes['tensorrt_node.outcome'], attributes['tensorrt_node.batch.id']],
      ['inference', 'answered', batch!.attributes['tensorrt_node.batch.id']],
    )
    assert.is(attributes['tensorrt_node.compute_ms'], 5.5)
  }
  await time.run(batcher.close())
})

test.run()
