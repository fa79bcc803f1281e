import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { isTrtError, TrtError } from '../../../lib/core/errors.js'

const test = suite('errors')

test('the code leads the message, facts and cause are kept', () => {
  const cause = new Error('below')
  const error = new TrtError('TRT_ERR_SHAPE', 'Too large.', { received: [2] }, { cause })
  assert.is(error.message, 'TRT_ERR_SHAPE: Too large.')
  assert.is(error.name, 'TrtError')
  assert.is(error.code, 'TRT_ERR_SHAPE')
  assert.equal(error.details, { received: [2] })
  assert.is(error.cause, cause)
})

test('an error of another copy of the package is recognised by its code', () => {
  assert.ok(isTrtError(Object.assign(new Error('x'), { code: 'TRT_ERR_NAME' })))
  assert.not(isTrtError(Object.assign(new Error('x'), { code: 'ENOENT' })))
  assert.not(isTrtError({ code: 'TRT_ERR_NAME' }))
})

test.run()
