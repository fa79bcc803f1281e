import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { Tempo } from '../../../../lib/batching/rule/tempo.js'
import { arrivalTimes } from '../../../../lib/bench/load/arrivals.js'
import { suite } from '../../../support/suite.js'

/** What is believed of the rate of arrivals: a long batch takes 12 ms. */
const test = suite('tempo')
const unit = 12

function fed(times: ArrayLike<number>): Tempo {
  const tempo = new Tempo()
  for (let i = 0; i < times.length; i++) tempo.add(times[i]!, unit)
  tempo.look(times[times.length - 1]!, unit)
  return tempo
}

const within = (value: number, low: number, high: number) => assert.ok(value >= low && value <= high, `${value} in [${low}, ${high}]`)

test('knows nothing of one arrival', () => {
  assert.is(fed([5]).rate, 0)
})

test('comes to the rate of equal gaps, and expects no other', () => {
  const tempo = fed(Float64Array.from({ length: 2000 }, (_, i) => i * 2))
  within(tempo.rate, 0.45, 0.55)
  within(tempo.after, 0.9, 1.1)
})

test('comes to the rate of independent callers, which a short memory would lose in chance', () => {
  const times = arrivalTimes('poisson', { rate: 1000, durationMs: 5000, seed: 3 })
  const rates = [3000, 3500, 4000, 4500, 5000].map((end) => fed(times.filter((time) => time < end)).rate)
  for (const rate of rates) within(rate, 0.8, 1.25)
})

/** Bursts of 2 a millisecond for 100 ms, then 0.2 for 100 ms, twenty times. */
const bursts = Array.from({ length: 20 }, (_, cycle) => [
  ...Array.from({ length: 200 }, (_, i) => cycle * 200 + i / 2),
  ...Array.from({ length: 20 }, (_, i) => cycle * 200 + 100 + i * 5),
]).flat()

test('sees a burst within four milliseconds, and that it will be less afterwards', () => {
  const tempo = fed([...bursts, ...Array.from({ length: 8 }, (_, i) => 4000 + i / 2)])
  within(tempo.rate, 1.4, 2.6)
  within(tempo.rate * tempo.after, 0.7, 1.5)
  within(tempo.lasts, 20, 300)
})

test('sees the end of a burst in the silence, and that it will be more again', () => {
  const tempo = fed([...bursts, ...Array.from({ length: 200 }, (_, i) => 4000 + i / 2)])
  within(tempo.rate, 1.4, 2.6)
  tempo.look(4108, unit)
  within(tempo.rate, 0, 0.6)
  assert.ok(tempo.after > 2)
})

test('follows a load that begins after an hour', () => {
  const hour = 3_600_000
  const tempo = fed([0, 1000, 2000, ...Array.from({ length: 1000 }, (_, i) => hour + i / 20)])
  within(tempo.rate, 10, 40)
})

test('follows a load that falls to a hundredth', () => {
  const tempo = fed([...Array.from({ length: 1000 }, (_, i) => i / 10), ...Array.from({ length: 100 }, (_, i) => 100 + 100 * i)])
  within(tempo.rate, 0.005, 0.02)
})

test('has numbers for whatever comes', () => {
  const gap = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e-6 }), fc.double({ min: 0, max: 100 }), fc.double({ min: 0, max: 1e9 }))
  const step = fc.record({ gap, unit: fc.double({ min: 1e-3, max: 1e5 }), add: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const tempo = new Tempo()
      let now = 0
      for (const { gap: ms, unit: each, add } of steps) {
        now += Number.isNaN(ms) ? 0 : ms
        const long = Number.isNaN(each) ? 1 : each
        if (add) tempo.add(now, long)
        else tempo.look(now, long)
        assert.ok(tempo.rate >= 0 && Number.isFinite(tempo.rate), `rate ${tempo.rate}`)
        assert.ok(tempo.after > 0 && Number.isFinite(tempo.after), `after ${tempo.after}`)
        assert.ok(tempo.lasts > 0, `lasts ${tempo.lasts}`)
      }
    }),
    { seed: 7 },
  )
})

test.run()
