import { getEventListeners } from 'node:events'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { join, leave } from '../../../lib/core/abort-group.js'

const test = suite('abort-group')
const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length
const member = (log: string[], name: string) => ({ abort: () => void log.push(name) })

test('many members stand behind one listener, which goes with the last', () => {
  const { signal } = new AbortController()
  const members = Array.from({ length: 20 }, () => member([], ''))
  for (const each of members) join(signal, each)
  assert.is(listeners(signal), 1)
  for (const each of members.slice(1)) leave(signal, each)
  assert.is(listeners(signal), 1)
  leave(signal, members[0]!)
  assert.is(listeners(signal), 0)
})

test('an abort reaches all members, and those that have left no more', () => {
  const controller = new AbortController()
  const log: string[] = []
  const [a, b, c] = ['a', 'b', 'c'].map((name) => member(log, name)) as [
    ReturnType<typeof member>,
    ReturnType<typeof member>,
    ReturnType<typeof member>,
  ]
  for (const each of [a, b, c]) join(controller.signal, each)
  leave(controller.signal, b)
  controller.abort()
  assert.equal(log, ['a', 'c'])
})

test('a member that leaves while the abort goes round disturbs nobody', () => {
  const controller = new AbortController()
  const log: string[] = []
  const first = {
    abort: () => {
      log.push('first')
      leave(controller.signal, first)
    },
  }
  join(controller.signal, first)
  join(controller.signal, member(log, 'second'))
  controller.abort()
  assert.equal(log, ['first', 'second'])
})

test('to leave without having joined is nothing', () => {
  leave(new AbortController().signal, member([], ''))
})

test.run()
