import * as assert from 'uvu/assert'
import type { NativeTask } from '../../../lib/backend/native.js'
import { answerOf, patienceVariable } from '../../../lib/backend/patience.js'
import { rejection } from '../../support/failure.js'
import { suite } from '../../support/suite.js'

const test = suite('patience with a backend')
test.after.each(() => void delete process.env[patienceVariable])

/** Answers `answer`; null: never, until it is cancelled. */
function task(answer: string | null): NativeTask<string> & { cancelled: number } {
  let reject: (reason: Error) => void = () => {}
  const promise = new Promise<string>((resolve, fail) => {
    reject = fail
    if (answer !== null) resolve(answer)
  })
  const made = { promise, cancelled: 0, cancel: () => (made.cancelled++, reject(new Error('cancelled'))) }
  return made
}

test('an answer in time is the answer', async () => {
  process.env[patienceVariable] = '1000'
  const quick = task('{}')
  assert.equal([await answerOf('tensorrt', quick, undefined), quick.cancelled], ['{}', 0])
})

test('no answer in time: the question is left, with the time, who is silent and what to do', async () => {
  process.env[patienceVariable] = '5'
  const silent = task(null)
  const error = await rejection(answerOf('tensorrt', silent, undefined))
  assert.equal([error.code, error.details['limitMs'], silent.cancelled], ['TRT_ERR_UNAVAILABLE', 5, 1])
  assert.match(error.message, 'the NVIDIA driver does not answer: no answer within 0.005 s')
  assert.match(String(error.details['remedy']), /nvidia-smi.*TENSORRT_NODE_PROBE_TIMEOUT/)
})

test('after one that did not answer the next is given half a second at most, until one answers', async () => {
  process.env[patienceVariable] = '5'
  await rejection(answerOf('tensorrt', task(null), undefined))
  process.env[patienceVariable] = '50000'
  const error = await rejection(answerOf('tensorrt-rtx', task(null), undefined))
  assert.is(error.details['limitMs'], 500)
  assert.is(await answerOf('tensorrt', task('{}'), undefined), '{}')
})

test('a signal ends it with what the task says, not with the time', async () => {
  const controller = new AbortController()
  const silent = task(null)
  const asked = answerOf('tensorrt', silent, controller.signal)
  controller.abort()
  try {
    await asked
    assert.unreachable()
  } catch (error) {
    assert.is((error as Error).message, 'cancelled')
  }
})

test('a variable that is no time is refused', async () => {
  for (const text of ['soon', '-1', '1.5', '1e99']) {
    process.env[patienceVariable] = text
    const error = await rejection(answerOf('tensorrt', task('{}'), undefined))
    assert.equal([error.code, error.details['received']], ['TRT_ERR_INVALID_ARGUMENT', text])
  }
})

test('0 is no limit, and a backend that asks no driver has none', async () => {
  process.env[patienceVariable] = '0'
  assert.is(await answerOf('tensorrt', task('{}'), undefined), '{}')
  process.env[patienceVariable] = 'not even read'
  assert.is(await answerOf('cpu', task('{}'), undefined), '{}')
})

test.run()
