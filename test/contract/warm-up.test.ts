import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { costSeeds, Engine, tensor } from '../../lib/index.js'
import { identity } from '../support/models.js'
import { rejection } from '../support/failure.js'
import { scriptedEcho, subjects } from './subjects.js'

for (const subject of subjects) {
  const test = suite(`warm-up on ${subject.name}`)
  const engine = subject.echo()
  const profile = subject.profiled ? 0 : null

  test.after(async () => (await engine).close())

  test('each batch size is run on each lane; the report stays on the session', async () => {
    await using session = await (await engine).createSession({ lanes: 2 })
    assert.is(session.warmUpReport, null)
    const report = await session.warmUp({ batchSizes: [4, 1], runs: 2, inputs: 'random' })
    assert.equal(
      report.entries.map(({ rows, lane, shapes, profile, runs }) => [rows, lane, shapes['x'], profile, runs]),
      [
        [1, 0, [1, 4], profile, 2],
        [1, 1, [1, 4], profile, 2],
        [4, 0, [4, 4], profile, 2],
        [4, 1, [4, 4], profile, 2],
      ],
    )
    assert.is(session.warmUpReport, report)
    assert.equal([report.runs, session.stats().completed], [8, 0])
    assert.equal(
      costSeeds(report).map(({ rows, ms }) => [rows, ms > 0]),
      [
        [1, true],
        [4, true],
      ],
    )
  })

  test('recorded inputs of several shapes are run', async () => {
    await using session = await (await engine).createSession()
    const inputs = [1, 3, 3].map((rows) => ({ x: tensor('float32', [rows, 4]) }))
    const { entries } = await session.warmUp({ inputs, runs: 3 })
    assert.equal(
      entries.map(({ rows, runs }) => [rows, runs]),
      [
        [1, 3],
        [3, 3],
      ],
    )
  })

  test('a signal stops it in a run, and the session is not ready', async () => {
    const slow = await subject.slow()
    await using session = await slow.engine.createSession()
    const stop = new AbortController()
    const warming = session.warmUp({ signal: stop.signal })
    stop.abort()
    assert.is((await rejection(warming)).code, 'TRT_ERR_ABORTED')
    assert.not(session.ready)
    await slow.engine.close()
  })

  test.run()
}

const test = suite('warm-up')

test('an engine built with a profile is warmed at its batch sizes', async () => {
  const shapes = { x: { min: [1, 4], opt: [3, 4], max: [5, 4] } }
  await using engine = await Engine.build(identity('float32', ['N', 4]), { backend: 'cpu', shapes })
  await using session = await engine.createSession()
  const { entries } = await session.warmUp({ runs: 1 })
  assert.equal(
    entries.map(({ profile, rows }) => [profile, rows]),
    [1, 2, 3, 4, 5].map((rows) => [0, rows]),
  )
})

test('a failure tells the shapes that it came of', async () => {
  await using engine = await scriptedEcho('failEvery 4')
  await using session = await engine.createSession()
  const error = await rejection(session.warmUp({ batchSizes: [1, 2], runs: 2 }))
  assert.is(error.code, 'TRT_ERR_DEVICE')
  assert.match(error.message, /Warm-up failed on lane 0 with x \[2, 4\]\./)
  assert.equal([session.ready, session.warmUpReport], [false, null])
})

test.run()
