import fc from 'fast-check'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { type LatencySummary, WindowedRecorder } from '../../../lib/core/windows.js'

const test = suite('windows')
const empty: LatencySummary = { count: 0, mean: 0, p50: 0, p90: 0, p95: 0, p99: 0, p999: 0, max: 0 }

function recorder(start = 0) {
  const clock = { time: start, now: () => clock.time }
  return { clock, recorder: new WindowedRecorder(clock) }
}

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) <= expected / 1000, `${actual} is not ${expected}`)
}

test('nothing recorded: all zero', () => {
  assert.equal(recorder().recorder.summary(), { ...empty, last10s: empty, lastMinute: empty })
})

test('1 ms to 1000 ms: the percentiles are where they must be', () => {
  const { recorder: each } = recorder()
  for (let ms = 1; ms <= 1000; ms++) each.record(ms)
  const { last10s, lastMinute, ...all } = each.summary()
  assert.equal([all.count, all.mean, all.max], [1000, 500.5, 1000])
  for (const { p50, p90, p95, p99, p999 } of [all, last10s, lastMinute]) {
    ;[500, 900, 950, 990, 999].forEach((expected, i) => near([p50, p90, p95, p99, p999][i]!, expected))
  }
})

test('each window forgets what is older than it, the start nothing', () => {
  const { clock, recorder: each } = recorder()
  const counts = () => {
    const { count, last10s, lastMinute } = each.summary()
    return [count, last10s.count, lastMinute.count]
  }
  each.record(1)
  clock.time = 9_999
  assert.equal(counts(), [1, 1, 1])
  clock.time = 10_000
  assert.equal(counts(), [1, 0, 1])
  each.record(2)
  clock.time = 59_999
  assert.equal(counts(), [2, 0, 2])
  clock.time = 60_000
  assert.equal(counts(), [2, 0, 1])
  clock.time = 1e9
  assert.equal(counts(), [2, 0, 0])
})

test('a slot used again starts empty', () => {
  const { clock, recorder: each } = recorder()
  each.record(5)
  clock.time = 10_000
  each.record(7)
  const { last10s, max } = each.summary()
  assert.equal([last10s.count, last10s.max, last10s.mean, max], [1, 7, 7, 7])
  near(last10s.p50, 7)
})

test('reading changes nothing', () => {
  const { clock, recorder: each } = recorder()
  each.record(3)
  const before = each.summary()
  each.summary(1e6)
  assert.equal(each.summary(), before)
  clock.time = 500
  each.record(3)
  assert.is(each.summary().last10s.count, 2)
})

test('a clock that goes back, or starts below zero, loses nothing', () => {
  const { clock, recorder: each } = recorder(-12_345)
  each.record(1)
  clock.time = 20_000
  each.record(1)
  clock.time = 3_000
  each.record(1)
  const { count, last10s, lastMinute } = each.summary()
  assert.equal([count, last10s.count, lastMinute.count], [3, 2, 3])
})

test('zero, negative, endless and not-a-number durations are counted, not thrown', () => {
  const { recorder: each } = recorder()
  for (const ms of [0, -1, Number.NaN, 1e-12]) each.record(ms)
  assert.equal([each.summary().count, each.summary().p50, each.summary().p999], [4, 0, 0])
  each.record(1e9)
  assert.is(each.summary().max, 1e9)
})

const exact = (values: readonly number[], share: number) => values[Math.max(0, Math.ceil(share * values.length - 1e-9) - 1)]!

test('property: percentiles are within 0.1 % of the exact nearest rank', () => {
  const duration = fc.double({ min: 1e-5, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(fc.array(duration, { minLength: 1, maxLength: 400 }), (durations) => {
      const { recorder: each } = recorder()
      for (const ms of durations) each.record(ms)
      const sorted = [...durations].sort((a, b) => a - b)
      const { count, p50, p90, p95, p99, p999, max } = each.summary()
      assert.equal([count, max], [sorted.length, sorted.at(-1)])
      ;[0.5, 0.9, 0.95, 0.99, 0.999].forEach((share, i) => near([p50, p90, p95, p99, p999][i]!, exact(sorted, share)))
    }),
  )
})

test('property: a window holds exactly what its slots cover, whatever the gaps', () => {
  const event = fc.record({ gap: fc.integer({ min: 0, max: 20_000 }), ms: fc.integer({ min: 1, max: 100 }) })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const { clock, recorder: each } = recorder()
      const told: { at: number; ms: number }[] = []
      for (const { gap, ms } of events) {
        clock.time += gap
        told.push({ at: clock.time, ms })
        each.record(ms)
      }
      const since = (slotMs: number, slots: number) => {
        const first = (Math.floor(clock.time / slotMs) - slots + 1) * slotMs
        return told.filter(({ at }) => at >= first)
      }
      const { last10s, lastMinute } = each.summary()
      for (const [summary, inside] of [
        [last10s, since(1000, 10)],
        [lastMinute, since(5000, 12)],
      ] as const) {
        assert.is(summary.count, inside.length)
        assert.is(summary.max, Math.max(0, ...inside.map(({ ms }) => ms)))
      }
    }),
  )
})

test.run()
