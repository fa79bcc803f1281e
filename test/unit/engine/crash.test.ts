import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { crashError, type Ending } from '../../../lib/engine/isolate/crash.js'

const test = suite('crash of a building process')
const ending = (change: Partial<Ending>): Ending => ({ code: null, signal: 'SIGSEGV', phase: null, log: [], stderr: '', ...change })

test('a crash comes from the model: signal, phase and the last lines are told', () => {
  const log = ['1', '2', '3', '4', '5', 'parsing node dead']
  const { code, message, details } = crashError(ending({ phase: 'Building engine', log, stderr: 'a\nfrom stderr\n' }))
  assert.is(code, 'TRT_ERR_MODEL')
  assert.match(message, 'The builder crashed (SIGSEGV) in the phase "Building engine" on this model; this process is unharmed')
  assert.match(message, 'Its last lines: 2 | 3 | 4 | 5 | parsing node dead | a | from stderr')
  assert.equal([details['signal'], details['log']], ['SIGSEGV', log])
})

test('SIGKILL is the system that ran out of memory', () => {
  assert.is(crashError(ending({ signal: 'SIGKILL' })).code, 'TRT_ERR_OUT_OF_MEMORY')
})

test('an end without signal and answer is our own fault', () => {
  const { code, message } = crashError(ending({ signal: null, code: 7 }))
  assert.is(code, 'TRT_ERR_INTERNAL')
  assert.match(message, 'ended with exit code 7 and no answer.')
})

test.run()
