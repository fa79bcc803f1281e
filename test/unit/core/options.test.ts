import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import {
  abortSignal,
  callback,
  choice,
  flag,
  integer,
  number,
  plainObject,
  received,
  rejectUnknown,
  text,
  textRecord,
} from '../../../lib/core/options.js'
import { failure } from '../../support/failure.js'

const test = suite('options')

const refused = (body: () => unknown, message: RegExp) => {
  const error = failure(body)
  assert.is(error.code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.match(error.message, message)
}

test('integer takes whole numbers within its limits', () => {
  assert.is(integer('lanes', 1, 1, 64), 1)
  assert.is(integer('lanes', 64, 1, 64), 64)
})

test('integer refuses fractions, NaN, strings and what lies outside', () => {
  for (const value of [0, 65, 1.5, NaN, Infinity, '2', null, 2n, {}]) {
    refused(() => integer('lanes', value, 1, 64), /Expected an integer from 1 to 64 for lanes but received/)
  }
})

test('messages name the value received and its type', () => {
  refused(() => integer('lanes', '2', 1, 64), /received "2" \(string\)/)
  refused(() => integer('lanes', NaN, 1, 64), /received NaN \(number\)/)
  refused(() => integer('lanes', [1, 2], 1, 64), /received an array of 2/)
  refused(() => integer('lanes', new Map(), 1, 64), /received an object \(Map\)/)
})

test('number refuses NaN and takes Infinity only without upper limit', () => {
  assert.is(number('deadline', 2.5, 0, 10), 2.5)
  assert.is(number('deadline', Infinity, 0, Infinity), Infinity)
  refused(() => number('deadline', NaN, 0, Infinity), /a number of at least 0/)
  refused(() => number('deadline', Infinity, 0, 10), /a number from 0 to 10/)
})

test('text, flag, callback and signal check their type', () => {
  assert.is(text('path', 'a'), 'a')
  refused(() => text('path', ''), /a string that is not empty/)
  assert.is(flag('arena', false), false)
  refused(() => flag('arena', 0), /true or false/)
  const log = () => {}
  assert.is(callback('onLog', log), log)
  refused(() => callback('onLog', 'x' as never), /a function/)
  const { signal } = new AbortController()
  assert.is(abortSignal('signal', signal), signal)
  refused(() => abortSignal('signal', { aborted: false }), /an AbortSignal/)
})

test('choice suggests the nearest', () => {
  assert.is(choice('precision', 'fp32', ['fp32', 'as-is']), 'fp32')
  refused(
    () => choice('precision', 'fp23', ['fp32', 'as-is']),
    /Expected one of 'fp32', 'as-is' for precision but received "fp23" \(string\)\. Did you mean "fp32"\?/,
  )
  refused(() => choice('precision', 1, ['fp32']), /1 \(number\)/)
})

test('plainObject refuses arrays, null and binary data', () => {
  const object = { a: 1 }
  assert.is(plainObject('labels', object), object)
  for (const value of [null, [], new Uint8Array(1), 'x']) refused(() => plainObject('labels', value), /an object for labels/)
})

test('textRecord names the entry that is not a string', () => {
  assert.equal(textRecord('labels', { team: 'ocr' }), { team: 'ocr' })
  refused(() => textRecord('labels', { team: 1 }), /a string for labels\.team but received 1 \(number\)/)
})

test('an unknown option is refused with the nearest name', () => {
  rejectUnknown({ lanes: 1 }, ['lanes', 'threads'], 'createSession')
  refused(
    () => rejectUnknown({ lane: 1 }, ['lanes', 'threads'], 'createSession'),
    /Unknown option "lane" of createSession\. Did you mean "lanes"\? Known are lanes, threads\./,
  )
})

test('received shortens long strings and survives odd objects', () => {
  assert.ok(received('x'.repeat(1000)).length < 100)
  assert.is(received(Object.create(null)), 'an object (Object)')
  assert.is(received(undefined), 'undefined')
  assert.is(received(7n), '7n (bigint)')
})

test.run()
