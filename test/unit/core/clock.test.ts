import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { systemClock } from '../../../lib/core/clock.js'

const test = suite('clock')

test('the system clock is performance.now()', () => {
  const before = performance.now()
  const now = systemClock.now()
  assert.ok(now >= before && now <= performance.now())
})

test.run()
