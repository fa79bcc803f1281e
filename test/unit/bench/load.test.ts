import fc from 'fast-check'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { type Arrivals, arrivalTimes } from '../../../lib/bench/load/arrivals.js'
import { drawClasses, picker, resolveClasses } from '../../../lib/bench/load/classes.js'
import { failure } from '../../support/failure.js'

const test = suite('load')
const shapes: Arrivals[] = [{ kind: 'constant' }, { kind: 'poisson' }, { kind: 'bursty' }, { kind: 'trace', times: [5, 6, 9, 15] }]

test('constant: equal gaps from 0', () => {
  assert.equal([...arrivalTimes('constant', { rate: 4, durationMs: 1000, seed: 1 })], [0, 250, 500, 750])
})

test('a trace begins at 0, is stretched to the rate, and begins again one mean gap after its end', () => {
  const times = [100, 110, 140]
  assert.equal([...arrivalTimes({ kind: 'trace', times }, { durationMs: 150, seed: 1 })], [0, 10, 40, 60, 70, 100, 120, 130])
  assert.equal([...arrivalTimes({ kind: 'trace', times }, { rate: 100, durationMs: 60, seed: 1 })], [0, 5, 20, 30, 35, 50])
})

/** Mean and standard deviation. */
function moments(values: readonly number[]): [number, number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return [mean, Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)]
}

const gapsOf = (times: Float64Array) => [...times].slice(1).map((time, i) => time - times[i]!)
const near = (actual: number, expected: number, share: number) =>
  assert.ok(Math.abs(actual - expected) <= share * expected, `${actual} is not ${expected}`)

test('poisson: gaps have the mean of the rate and, being exponential, the same deviation', () => {
  const [mean, deviation] = moments(gapsOf(arrivalTimes('poisson', { rate: 500, durationMs: 200_000, seed: 3 })))
  near(mean, 2, 0.02)
  near(deviation, 2, 0.03)
})

test('bursty: the mean rate, and by far more spread than poisson in windows as long as a phase', () => {
  const perWindow = (kind: 'poisson' | 'bursty') => {
    const counts = new Array<number>(4000).fill(0)
    for (const time of arrivalTimes(kind, { rate: 500, durationMs: 400_000, seed: 5 })) counts[Math.floor(time / 100)]!++
    return moments(counts)
  }
  const [mean, deviation] = perWindow('bursty')
  near(mean, 50, 0.03)
  near(perWindow('poisson')[1], Math.sqrt(50), 0.05)
  assert.ok(deviation > 3 * Math.sqrt(50), `${deviation}`)
})

test('bursty with a peak of 2 is silent between bursts', () => {
  const times = arrivalTimes({ kind: 'bursty', peak: 2, phase: 1000 }, { rate: 1000, durationMs: 60_000, seed: 1 })
  near(times.length, 60_000, 0.25)
  assert.ok(Math.max(...gapsOf(times)) > 500)
})

test('property: arrivals ascend, stay inside, repeat with their seed, and keep the rate', () => {
  const plan = fc.record({ rate: fc.integer({ min: 100, max: 2000 }), seed: fc.nat(), shape: fc.constantFrom(...shapes) })
  fc.assert(
    fc.property(plan, ({ rate, seed, shape }) => {
      const times = arrivalTimes(shape, { rate, durationMs: 20_000, seed })
      assert.equal(arrivalTimes(shape, { rate, durationMs: 20_000, seed }), times)
      times.forEach((time, i) => assert.ok(time >= 0 && time < 20_000 && (i === 0 || time >= times[i - 1]!)))
      // Bursts are the widest: some 200 phases, so that the mean strays by a tenth now and then.
      near(times.length, rate * 20, shape.kind === 'bursty' ? 0.45 : 0.15)
    }),
    { numRuns: 60 },
  )
})

test('other seeds give other times', () => {
  const take = (seed: number) => arrivalTimes('poisson', { rate: 100, durationMs: 1000, seed })
  assert.not.equal(take(1), take(2))
})

test('what is no plan of arrivals is refused', () => {
  const plan = { rate: 10, durationMs: 1000, seed: 1 }
  const wrong: (() => unknown)[] = [
    () => arrivalTimes('uniform' as never, plan),
    () => arrivalTimes({ kind: 'bursty', peek: 2 } as never, plan),
    () => arrivalTimes({ kind: 'bursty', peak: 2.5 }, plan),
    () => arrivalTimes('poisson', { ...plan, rate: 0 }),
    () => arrivalTimes('poisson', { ...plan, rate: Number.NaN }),
    () => arrivalTimes('poisson', { durationMs: 1000, seed: 1 }),
    () => arrivalTimes('poisson', { ...plan, rate: 1e7, durationMs: 1e6 }),
    () => arrivalTimes({ kind: 'trace', times: [1] }, plan),
    () => arrivalTimes({ kind: 'trace', times: [2, 1] }, plan),
    () => arrivalTimes({ kind: 'trace', times: [1, Number.NaN] }, plan),
  ]
  for (const each of wrong) assert.is(failure(each).code, 'TRT_ERR_INVALID_ARGUMENT')
})

test('classes: defaults, and the SLO as deadline of those without one', () => {
  assert.equal(resolveClasses(undefined, undefined), [{ name: 'all', weight: 1, rows: 1, deadline: Infinity, priority: 0 }])
  assert.equal(
    resolveClasses(
      [
        { deadline: 15, weight: 3 },
        { name: 'bulk', rows: 4 },
      ],
      60,
    ).map(({ name, deadline, rows }) => [name, deadline, rows]),
    [
      ['class 1', 15, 1],
      ['bulk', 60, 4],
    ],
  )
})

test('classes are drawn by weight, never one without, and repeat with their seed', () => {
  const classes = resolveClasses([{ weight: 30 }, { weight: 0 }, { weight: 70 }, { weight: 0 }], undefined)
  const drawn = drawClasses(classes, 10_000, 7)
  assert.equal(drawClasses(classes, 10_000, 7), drawn)
  const counts = [0, 1, 2, 3].map((wanted) => drawn.filter((each) => each === wanted).length)
  assert.equal([counts[1], counts[3]], [0, 0])
  near(counts[0]!, 3000, 0.05)
  assert.equal([picker(classes)(0), picker(classes)(0.299), picker(classes)(0.301), picker(classes)(0.9999999999999999)], [0, 0, 2, 2])
})

test('classes that cannot be are refused', () => {
  const wrong = [[], [{ weight: 0 }], [{ rows: 0 }], [{ deadline: 0 }], [{ deadine: 3 }], [{ name: 'a' }, { name: 'a' }], [{ weight: -1 }]]
  for (const classes of wrong) assert.is(failure(() => resolveClasses(classes as never, 30)).code, 'TRT_ERR_INVALID_ARGUMENT')
})

test.run()
