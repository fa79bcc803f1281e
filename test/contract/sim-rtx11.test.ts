// @gc @timeout 300
// oxlint-disable import/no-unassigned-import -- the suites run when they are imported, and the flavour has to be chosen first
import './flavours/rtx11.js'
import './abort.test.js'
import './batcher.test.js'
import './controls.test.js'
import './lifecycle.test.js'
import './run.test.js'
import './warm-up.test.js'
import { assertSimulated } from './flavours/assert.js'
import { suite } from '../support/suite.js'

const test = suite('the contract on rtx11')

test('it is the simulator of this flavour, and no rule of the hardware was broken', () => assertSimulated('rtx11'))

test.run()
