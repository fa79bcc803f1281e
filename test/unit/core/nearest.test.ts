import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { editDistance, nearest, suggestion } from '../../../lib/core/nearest.js'

const test = suite('nearest')

test('editDistance counts insertions, deletions, substitutions and swaps', () => {
  assert.is(editDistance('', 'abc'), 3)
  assert.is(editDistance('abc', ''), 3)
  assert.is(editDistance('lanes', 'lanes'), 0)
  assert.is(editDistance('lane', 'lanes'), 1)
  assert.is(editDistance('kitten', 'sitting'), 3)
  assert.is(editDistance('fp23', 'fp32'), 1)
})

test('the closest name wins, whatever its case', () => {
  assert.is(nearest('imput', ['output', 'input']), 'input')
  assert.is(nearest('PIXELS', ['mask', 'pixels']), 'pixels')
})

test('a name that is far from all gets none', () => {
  assert.is(nearest('completely', ['x', 'y']), undefined)
})

test('single letters are not taken for each other', () => {
  assert.is(nearest('a', ['x', 'y']), undefined)
})

test('a huge name from outside is not compared', () => {
  assert.is(nearest('x'.repeat(1_000_000), ['xx']), undefined)
})

test('suggestion is a sentence, or nothing', () => {
  assert.is(suggestion('imput', ['input']), ' Did you mean "input"?')
  assert.is(suggestion('imput', ['q']), '')
})

test.run()
