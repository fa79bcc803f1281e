import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { parseArguments } from '../../../scripts/demo/arguments.js'

const test = suite('demo: arguments')

test('without arguments: the committed picture, 100 runs', () => {
  const { image, runs } = parseArguments([])
  assert.match(image, /\/scripts\/demo\/line\.png$/)
  assert.is(runs, 100)
})

test('--image and a bare file name mean the same', () => {
  assert.is(parseArguments(['--image', '/a.png']).image, '/a.png')
  assert.is(parseArguments(['/a.png']).image, '/a.png')
})

test('two pictures are refused', () => {
  assert.throws(() => parseArguments(['--image', '/a.png', '/b.png']), /one picture at a time: what about \/b\.png\?/)
})

test('an unknown option is named, and where help is', () => {
  assert.throws(() => parseArguments(['--imag', 'a.png']), /Unknown option '--imag'; `npm run demo -- --help`/)
})

test('runs are a whole number of at least 1', () => {
  assert.is(parseArguments(['--runs', '3']).runs, 3)
  for (const bad of ['0', '1.5', 'many']) assert.throws(() => parseArguments([`--runs=${bad}`]), `received "${bad}"`)
})

test.run()
