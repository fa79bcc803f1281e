import { once } from 'node:events'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { Engine } from '../../lib/index.js'
import { scriptedLibrary, scriptedModel } from '../support/scripted.js'
import { collectUntil, counters, scriptedEngine } from '../support/native-session.js'
import { tsWorker } from '../support/ts-worker.js'

const test = suite('worker threads')
const worker = (runs: number, linger = false) => tsWorker(new URL('fixtures/worker.ts', import.meta.url).href, { runs, linger })

test('several environments run at once, each with its own results', async () => {
  const right = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const each = worker(200)
      const messages: unknown[] = []
      each.on('message', (message) => messages.push(message))
      const [code] = await once(each, 'exit')
      return [code, ...messages]
    }),
  )
  assert.equal(
    right,
    Array.from({ length: 4 }, () => [0, 'started', 200]),
  )
})

test('terminating workers in mid-run leaves the others untouched', async () => {
  const engine = await Engine.load(scriptedModel(), { backend: { library: scriptedLibrary } })
  const session = await engine.createSession()
  for (let round = 0; round < 5; round++) {
    const doomed = [worker(1e9, true), worker(1e9, true)]
    await Promise.all(doomed.map((each) => once(each, 'message')))
    const runs = Array.from({ length: 100 }, (_, i) => session.run({ x: Float32Array.of(i, 0, 0, 0) }))
    await Promise.all(doomed.map((each) => each.terminate()))
    const results = await Promise.all(runs)
    assert.ok(results.every(({ y }, i) => y!.data[0] === i))
  }
  await session.close()
  await engine.close()
  const probe = await scriptedEngine()
  // The reaper frees an engine after its last session: the probe's is the one that stays.
  const left = await collectUntil(async () => {
    const { sessions, engines } = await counters(probe)
    return sessions === 0 && engines === 1
  })
  assert.ok(left, 'sessions and engines of terminated workers are freed')
})

test.run()
