import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { interleave, shuffled, type Side } from '../../../bench/support/rounds.js'
import { seededRandom } from '../../../lib/core/random.js'

const test = suite('bench rounds')

const never = (): number => 0.999
const scripted = (values: readonly number[]): (() => number) => {
  let next = 0
  return () => values[next++ % values.length] as number
}

/** Sides a and b that write down when they are measured; results count up over both. */
function recorded(): { log: string[]; sides: Side<number>[] } {
  const log: string[] = []
  const side = (name: string): Side<number> => ({ name, measure: async () => log.push(name) })
  return { log, sides: [side('a'), side('b')] }
}

test('every side is measured once in each round', async () => {
  const { log, sides } = recorded()
  await interleave(sides, { rounds: 2, warmUp: 0, random: never })
  assert.equal(log, ['a', 'b', 'a', 'b'])
})

test('the order within a round comes from the random numbers', async () => {
  const { log, sides } = recorded()
  await interleave(sides, { rounds: 2, warmUp: 0, random: scripted([0, 0.999]) })
  assert.equal(log, ['b', 'a', 'a', 'b'])
})

test('results of one round share a position, whatever the order was', async () => {
  const { sides } = recorded()
  const results = await interleave(sides, { rounds: 2, warmUp: 0, random: scripted([0, 0.999]) })
  assert.equal(results, { a: [2, 3], b: [1, 4] })
})

test('warm-up rounds are measured and dropped', async () => {
  const { log, sides } = recorded()
  const results = await interleave(sides, { rounds: 1, warmUp: 2, random: never })
  assert.is(log.length, 6)
  assert.equal(results, { a: [5], b: [6] })
})

test('progress counts warm-up rounds and ends at the total', async () => {
  const seen: number[][] = []
  const { sides } = recorded()
  await interleave(sides, { rounds: 1, warmUp: 1, random: never, onRound: (done, total) => seen.push([done, total]) })
  assert.equal(seen, [
    [0, 2],
    [1, 2],
    [2, 2],
  ])
})

test('shuffled keeps every item and leaves its argument alone', () => {
  const items = [1, 2, 3, 4]
  const order = shuffled(items, scripted([0, 0, 0]))
  assert.equal(order, [2, 3, 4, 1])
  assert.equal(items, [1, 2, 3, 4])
})

test('equal seeds give equal numbers, in [0, 1)', () => {
  const [one, other] = [seededRandom(7), seededRandom(7)]
  const numbers = Array.from({ length: 1000 }, one)
  assert.equal(numbers, Array.from({ length: 1000 }, other))
  assert.ok(numbers.every((n) => n >= 0 && n < 1))
  assert.ok(new Set(numbers).size > 990)
})

test.run()
