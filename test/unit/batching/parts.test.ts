import fc from 'fast-check'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { sizeOf } from '../../../lib/core/shapes.js'
import { copyBox } from '../../../lib/batching/box.js'
import { SteadyClock } from '../../../lib/batching/steady-clock.js'
import { Alarm } from '../../../lib/batching/timers.js'
import { FakeTime } from '../../support/batching/fake-time.js'

const test = suite('parts of a batcher')

/** All indices of a shape, in row-major order. */
function indices(size: readonly number[]): number[][] {
  return size.reduce<number[][]>((all, dim) => all.flatMap((index) => Array.from({ length: dim }, (_, i) => [...index, i])), [[]])
}

const positionOf = (dims: readonly number[], index: readonly number[]) => index.reduce((at, i, axis) => at * dims[axis]! + i, 0)

test('a box is copied to its place, and nothing else is touched', () => {
  const side = fc.record({ size: fc.integer({ min: 0, max: 6 }), from: fc.tuple(fc.nat(2), fc.nat(2)), to: fc.tuple(fc.nat(2), fc.nat(2)) })
  fc.assert(
    fc.property(fc.array(side, { maxLength: 4 }), (axes) => {
      const size = axes.map((axis) => axis.size)
      const place = (which: 'from' | 'to') => {
        const dims = axes.map((axis) => axis[which][0] + axis.size + axis[which][1])
        const first = axes.map((axis) => axis[which][0])
        return { dims, first, data: new Int32Array(sizeOf(dims)), start: sizeOf(dims) === 0 ? 0 : positionOf(dims, first) }
      }
      const [from, to] = [place('from'), place('to')]
      from.data.forEach((_, i) => (from.data[i] = i + 1))
      copyBox(from, to, size)
      const expected = new Int32Array(to.data.length)
      for (const index of indices(size)) {
        const shifted = (first: readonly number[]) => index.map((i, axis) => i + first[axis]!)
        expected[positionOf(to.dims, shifted(to.first))] = from.data[positionOf(from.dims, shifted(from.first))]!
      }
      assert.equal([...to.data], [...expected])
    }),
  )
})

test('long runs are copied like short ones', () => {
  const data = Float32Array.from({ length: 200 }, (_, i) => i)
  const to = { data: new Float32Array(160), dims: [2, 80], start: 0 }
  copyBox({ data, dims: [2, 100], start: 10 }, to, [2, 80])
  assert.equal([to.data[0], to.data[79], to.data[80], to.data[159]], [10, 89, 110, 189])
})

test('a clock that goes back continues from where it was, and times of the caller are moved along', () => {
  let time = 100
  const clock = new SteadyClock({ now: () => time })
  assert.is(clock.now(), 100)
  time = 40
  assert.is(clock.now(), 100)
  time = 45
  assert.is(clock.now(), 105)
  assert.equal([clock.fromCaller(50), clock.toCaller(110)], [110, 50])
  time = Number.NaN
  assert.is(clock.now(), 105)
})

test('an alarm holds one timer, and keeps one that is set for earlier', async () => {
  const time = new FakeTime(0)
  let rung = 0
  const alarm = new Alarm(time, () => void rung++)
  alarm.set(10, 0)
  alarm.set(20, 0)
  assert.is(time.armed, 1)
  await time.advance(10)
  assert.equal([rung, time.armed], [1, 0])
  alarm.set(30, 10)
  alarm.set(15, 10)
  assert.is(time.armed, 1)
  await time.advance(5)
  assert.equal([rung, time.armed], [2, 0])
  alarm.set(30, 15)
  alarm.set(Infinity, 15)
  assert.is(time.armed, 0)
  alarm.set(10, 15)
  await time.advance(0)
  assert.is(rung, 3)
})

test.run()
