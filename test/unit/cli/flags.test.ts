import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { parseInputs } from '../../../lib/cli/flags/inputs.js'
import { integerFlag, numberFlag, percentilesFlag } from '../../../lib/cli/flags/numbers.js'
import { parseShapes, profileOf } from '../../../lib/cli/flags/shapes.js'
import { UsageError } from '../../../lib/cli/usage.js'

const test = suite('flags')
const shapes = (text: string) => parseShapes('--shapes', text)
const inputs = (text: string) => parseInputs('--loadInputs', text)
const isUsage = (action: () => unknown, label: string) => assert.throws(action, (error: unknown) => error instanceof UsageError, label)

test('shapes: several inputs, scalars, empty dimensions', () => {
  assert.equal(
    [...shapes('x:1x3x48x320,n:scalar,e:0x4')],
    [
      ['x', [1, 3, 48, 320]],
      ['n', []],
      ['e', [0, 4]],
    ],
  )
})

test('shapes: the last colon divides, and quotes protect names with commas and colons', () => {
  assert.equal([...shapes('input:0:2x3')], [['input:0', [2, 3]]])
  assert.equal(
    [...shapes(`'a,b:c':4,"d'e":5`)],
    [
      ['a,b:c', [4]],
      ["d'e", [5]],
    ],
  )
})

test('shapes: what is no shape is wrong use', () => {
  for (const text of ['', 'x', 'x:', ':1x3', 'x:1x', 'x:-1', 'x:1.5', 'x:1X3', 'x:1,', 'x:1,x:2', "'x:1", 'x:99999999999999999999']) {
    isUsage(() => shapes(text), text)
  }
})

test('profile: a bound that is missing follows the nearest that is given', () => {
  const of = (min?: string, opt?: string, max?: string, fixed?: string) =>
    profileOf({
      ...(min ? { minShapes: shapes(min) } : {}),
      ...(opt ? { optShapes: shapes(opt) } : {}),
      ...(max ? { maxShapes: shapes(max) } : {}),
      ...(fixed ? { shapes: shapes(fixed) } : {}),
    })
  assert.is(of(), undefined)
  assert.equal(of('x:1', 'x:2', 'x:4'), { x: { min: [1], opt: [2], max: [4] } })
  assert.equal(of('x:1', undefined, 'x:4'), { x: { min: [1], opt: [4], max: [4] } })
  assert.equal(of('x:1', undefined, 'x:4', 'x:3'), { x: { min: [1], opt: [3], max: [4] } })
  assert.equal(of(undefined, undefined, undefined, 'x:3,y:5'), { x: { min: [3], opt: [3], max: [3] }, y: { min: [5], opt: [5], max: [5] } })
})

test('inputs: the ending tells the kind, and an archive names its inputs itself', () => {
  const { sources, archives } = inputs("a:a.npy,b:b.bin,c:random,d:zeros,all.npz,'e:0':./random,f:'x,y.npy'")
  assert.equal(
    [...sources],
    [
      ['a', { kind: 'npy', file: 'a.npy' }],
      ['b', { kind: 'raw', file: 'b.bin' }],
      ['c', { kind: 'random' }],
      ['d', { kind: 'zeros' }],
      ['e:0', { kind: 'raw', file: './random' }],
      ['f', { kind: 'npy', file: 'x,y.npy' }],
    ],
  )
  assert.equal(archives, ['all.npz'])
})

test('inputs: what names no input or the same one twice is wrong use', () => {
  for (const text of ['', 'a.npy', 'a:', 'a:x.npy,a:y.npy', 'a:x.npz', 'a:x.npy,']) isUsage(() => inputs(text), text)
})

test('numbers: decimal only, in their range', () => {
  assert.is(numberFlag('--duration', 0)('2.5'), 2.5)
  assert.is(integerFlag('--iterations', 1)('10'), 10)
  for (const text of ['', ' ', 'ten', '0x10', '1e400', 'NaN', 'Infinity', '-1', '1,2', '10ms'])
    isUsage(() => numberFlag('--duration', 0)(text), text)
  for (const text of ['1.5', '0', '9007199254740993']) isUsage(() => integerFlag('--iterations', 1)(text), text)
  assert.throws(() => integerFlag('--lanes', 1, 64)('65'), /Expected an integer from 1 to 64 for --lanes but received "65"/)
})

test('percentiles: ascending and each once', () => {
  assert.equal(percentilesFlag('--percentile')('99,90,99.9,90'), [90, 99, 99.9])
  isUsage(() => percentilesFlag('--percentile')('101'), '101')
})

test.run()
