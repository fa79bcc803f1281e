import { readdirSync, readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { TrtError } from '../../../lib/core/errors.js'
import type { Runner } from '../../../lib/core/runner.js'
import * as serving from '../../../lib/serving/index.js'
import { Bottom, type Ending, timed } from '../../support/serving/bottom.js'
import { suite } from '../../support/suite.js'
import { VirtualTime } from '../../support/virtual-time.js'

/** Wrappers in any order keep what a Runner promises. */
const test = suite('any order')

type Wrap = (runner: Runner<number, number>, time: VirtualTime) => Runner<number, number> & { stats(): serving.Counts }

const wraps: Readonly<Record<string, Wrap>> = {
  timeout: (runner, time) => serving.timeout(runner, { ms: 60, ...timed(time) }),
  retry: (runner, time) => serving.retry(runner, { random: () => 0.5, ...timed(time) }),
  bulkhead: (runner, time) => serving.bulkhead(runner, { limit: 3, queue: 4, ...timed(time) }),
  hedge: (runner, time) => serving.hedge(runner, { learnFrom: 3, maxExtra: 1, ...timed(time) }),
}

/** Somebody else's wrapper: hands on a copy of the options. */
const copying: Wrap = (runner) => {
  const counts = { requests: 0, answered: 0, failed: 0, pending: 0 }
  return {
    stats: () => counts,
    async run(inputs, options) {
      counts.requests++
      try {
        const answer = await runner.run(inputs, { ...options })
        counts.answered++
        return answer
      } catch (error) {
        counts.failed++
        throw error
      }
    },
  }
}

const endings: fc.Arbitrary<Ending> = fc.record(
  {
    ms: fc.integer({ min: 0, max: 100 }),
    error: fc.constantFrom(new TrtError('TRT_ERR_DEVICE', 'soon over'), new TrtError('TRT_ERR_SHAPE', 'never over'), new Error('a defect')),
  },
  { requiredKeys: ['ms'] },
)
const requests = fc.record(
  { at: fc.integer({ min: 0, max: 200 }), within: fc.integer({ min: 0, max: 150 }), abortAfter: fc.integer({ min: 0, max: 150 }) },
  { requiredKeys: ['at'] },
)
const courses = fc.record({
  stack: fc.array(fc.constantFrom(...Object.keys(wraps), 'copying'), { minLength: 1, maxLength: 6 }),
  endings: fc.array(endings, { minLength: 1, maxLength: 20 }),
  requests: fc.array(requests, { minLength: 1, maxLength: 20 }),
})
type Course = typeof courses extends fc.Arbitrary<infer T> ? T : never

interface Sent {
  readonly deadline: number
  readonly abortedAt: number
  readonly settledAt: number
  /** Its answer; undefined: it was rejected. */
  readonly answer: number | undefined
}

async function play({ stack, endings: all, requests: asked }: Course) {
  const time = new VirtualTime()
  const bottom = new Bottom(time, (call) => all[call % all.length]!)
  const layers: (Runner<number, number> & { stats(): serving.Counts })[] = []
  for (const name of stack) layers.push((wraps[name] ?? copying)(layers.at(-1) ?? bottom, time))
  const send = async ({ at, within = Infinity, abortAfter = Infinity }: Course['requests'][number], id: number): Promise<Sent> => {
    await time.sleepUntil(at)
    const controller = new AbortController()
    const deadline = at + within
    const abortedAt = at + abortAfter
    if (abortedAt < Infinity) time.setTimeout(() => controller.abort(), abortAfter)
    const options = { signal: controller.signal, ...(within < Infinity && { deadline }) }
    const [result] = await Promise.allSettled([layers.at(-1)!.run(id, options)])
    return { deadline, abortedAt, settledAt: time.now(), answer: result.status === 'fulfilled' ? result.value : undefined }
  }
  const sent = await time.run(Promise.all(asked.map(send)))
  return { bottom, layers, sent }
}

async function check(course: Course): Promise<void> {
  const { bottom, layers, sent } = await play(course)
  for (const layer of layers) {
    const { requests: count, answered, failed, pending } = layer.stats()
    assert.is(pending, 0)
    assert.is(count, answered + failed)
  }
  assert.is(layers.at(-1)!.stats().requests, course.requests.length)
  assert.is(layers.at(-1)!.stats().answered, sent.filter(({ answer }) => answer !== undefined).length)
  sent.forEach(({ answer, deadline, settledAt }, id) => {
    assert.ok(answer === undefined || answer === id, `${id} was answered with ${answer}`)
    if (course.stack.includes('timeout')) assert.ok(settledAt <= deadline, `${id} ended at ${settledAt}, after its deadline ${deadline}`)
  })
  for (const { inputs, options, began, endedAt } of bottom.calls) {
    const { deadline, abortedAt } = sent[inputs]!
    assert.ok((options.deadline ?? Infinity) <= deadline, 'a deadline was extended')
    assert.ok(began < deadline || deadline === Infinity, 'a run was begun after its deadline')
    assert.ok(began <= abortedAt, 'a run was begun after its abort')
    assert.not(endedAt > abortedAt, 'the abort did not reach the bottom')
  }
}

test('one answer for each request, deadlines kept, aborts heard, counters that add up, nothing unhandled', async () => {
  const unhandled: unknown[] = []
  const listen = (reason: unknown) => void unhandled.push(reason)
  process.on('unhandledRejection', listen)
  try {
    await fc.assert(fc.asyncProperty(courses, check), { numRuns: 150, seed: 8 })
    await new Promise((resolve) => setImmediate(resolve))
  } finally {
    process.off('unhandledRejection', listen)
  }
  assert.equal(unhandled, [])
})

test('a signal that has served a thousand requests has no listener left', async () => {
  const time = new VirtualTime()
  const controller = new AbortController()
  let listeners = 0
  const { addEventListener, removeEventListener } = controller.signal
  controller.signal.addEventListener = (...args: unknown[]) => (listeners++, addEventListener.apply(controller.signal, args as never))
  controller.signal.removeEventListener = (...args: unknown[]) => (listeners--, removeEventListener.apply(controller.signal, args as never))
  // No wrapper hands its caller's signal on once a timeout is around the runner.
  let runner: Runner<number, number> = wraps['timeout']!(new Bottom(time, () => ({ ms: 1 })), time)
  for (const wrap of Object.values(wraps)) runner = wrap(runner, time)
  await time.run(Promise.allSettled(Array.from({ length: 1000 }, (_, n) => runner.run(n, { signal: controller.signal }))))
  assert.is(listeners, 0)
})

test('no pattern imports another', () => {
  const folder = new URL('../../../lib/serving/', import.meta.url)
  const patterns = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'index.ts')
  assert.ok(patterns.length >= 4)
  for (const name of patterns) {
    const source = readFileSync(new URL(name, folder), 'utf8')
    const siblings = [...source.matchAll(/from '(\.\/[^']+)'/g)].map(([, path]) => path!).filter((path) => !path.startsWith('./support/'))
    assert.equal(siblings, [], name)
  }
})

test.run()
