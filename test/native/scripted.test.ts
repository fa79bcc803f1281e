import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { scriptedEngine, submitRow } from '../support/native-session.js'

const test = suite('scripted backend')
/** Milliseconds in the lane. */
const computeMs = async (options: Record<string, string>, rows: number) => {
  const session = await (await scriptedEngine()).createSession(1, options).promise
  const { status, record } = await submitRow(session, new Float32Array(4 * rows)).settled
  await session.close()
  assert.is(status, 0)
  return record[2]! / 1e6
}

test('a run takes its fixed time and that of its rows', async () => {
  const options = { delayUs: '2000', rowUs: '500' }
  assert.ok((await computeMs(options, 1)) >= 2.5)
  assert.ok((await computeMs(options, 8)) >= 6)
})

test('noise is a factor that the number of the run decides', async () => {
  // exp(1.2786) = 3.59 for the first run at 100 %.
  assert.ok((await computeMs({ delayUs: '20000', noisePercent: '100' }, 1)) >= 71)
})

test.run()
