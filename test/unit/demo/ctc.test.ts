import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { classesFrom, decode } from '../../../scripts/demo/ctc.js'

const test = suite('demo: ctc')

/** Classes 0 … 3: blank, a, b, space. */
const classes = classesFrom('a\nb')

/** One row for each step: `probability` for the named class, nothing for the others. */
function steps(...likeliest: readonly [index: number, probability: number][]): Float32Array {
  const rows = new Float32Array(classes.length * likeliest.length)
  likeliest.forEach(([index, probability], step) => {
    rows[step * classes.length + index] = probability
  })
  return rows
}

test('the classes are blank, the lines of the dictionary, space', () => {
  assert.equal(classes, ['', 'a', 'b', ' '])
})

test('a newline at the end of the dictionary is no class, and Windows line ends are none either', () => {
  assert.equal(classesFrom('a\r\nb\r\n'), ['', 'a', 'b', ' '])
})

test('a character that lasts several steps is read once', () => {
  assert.is(decode(steps([1, 1], [1, 1], [2, 1]), classes).text, 'ab')
})

test('a blank between two equal characters keeps both', () => {
  assert.is(decode(steps([1, 1], [0, 1], [1, 1]), classes).text, 'aa')
})

test('the last class is the space', () => {
  assert.is(decode(steps([1, 1], [3, 1], [2, 1]), classes).text, 'a b')
})

test('confidence is the mean over the characters, without blanks and repeats', () => {
  assert.equal(decode(steps([1, 0.5], [1, 0.9], [0, 1], [2, 1]), classes), { text: 'ab', confidence: 0.75 })
})

test('blanks alone are an empty text of confidence 0', () => {
  assert.equal(decode(steps([0, 1], [0, 1]), classes), { text: '', confidence: 0 })
})

test('rows that do not fit the dictionary are refused', () => {
  assert.throws(() => decode(new Float32Array(7), classes), /7 probabilities are not rows of 4/)
})

test.run()
