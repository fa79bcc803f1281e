import { suite } from '../../../support/suite.js'
import * as assert from 'uvu/assert'
import { Level } from '../../../../lib/batching/cost/level.js'

const test = suite('level of costs')
const after = (...errors: number[]) => {
  const level = new Level()
  for (const error of errors) level.next(error, 0.2)
  return level
}

test('one or two accidents are none', () => {
  assert.is(after(0, 0, 0, 3, 0).log, 0)
  assert.is(after(0, 0, 0, 3, 3).log, 0)
  assert.is(after(3, 3).log, 0)
})

test('what most of the last five have in common is the level', () => {
  assert.is(after(0, 0, 0.5, 0.7, 0.6).log, 0.5)
  assert.is(after(0, 0, 0.5, 0.7, 0.6, 0.8).log, 0.6)
  assert.is(after(-0.7, -0.7, -0.7).log, -0.7)
})

test('three usual ones end it', () => {
  assert.ok(after(1, 1, 1, 1, 1, 0, 0).log > 0)
  assert.is(after(1, 1, 1, 1, 1, 0, 0, 0).log, 0)
})

test('errors within the limit are usual', () => {
  assert.is(after(0.2, 0.2, 0.2, 0.2, 0.2).log, 0)
})

test('what has lasted for thirty executions is to be added to everything, once', () => {
  const level = new Level()
  // The third of them is the first that is told from an accident.
  const lasted = Array.from({ length: 33 }, () => level.next(0.7, 0.2))
  assert.equal(lasted.indexOf(0.7), 31)
  assert.is(lasted.filter((each) => each !== 0).length, 1)
  assert.is(after(...new Array<number>(32).fill(0.7)).log, 0)
})

test('hope is the usual, or the fastest of the last ones where that was faster', () => {
  assert.is(after(1, 1, 1).hope, 0)
  assert.is(after(0, -0.1, 0).hope, 0)
  assert.is(after(0, -0.7, 0).hope, -0.7)
})

test.run()
