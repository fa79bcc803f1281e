// @gc @timeout 240
import { once } from 'node:events'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { echoOn } from '../support/device.js'
import { collectUntil } from '../support/native-session.js'
import { simulator, useSimulator } from '../support/simulator.js'
import { tsWorker } from '../support/ts-worker.js'
import { row } from '../contract/subjects.js'

const backend = useSimulator('rtx11', { computeNs: 100_000 })
const test = suite('worker threads on one device')
const worker = (runs: number) => tsWorker(new URL('fixtures/worker.ts', import.meta.url).href, { backend, runs })

test('several environments share the device, each with its own results', async () => {
  const seen = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const each = worker(50)
      const messages: unknown[] = []
      each.on('message', (message) => messages.push(message))
      const [code] = await once(each, 'exit')
      return [code, ...messages]
    }),
  )
  assert.equal(
    seen,
    Array.from({ length: 3 }, () => [0, 'started', 50]),
  )
})

test('terminating workers with runs on the device leaves the others untouched, and nothing behind', async () => {
  const engine = await echoOn(backend)
  const session = await engine.createSession({ lanes: 2 })
  const before = simulator.live()
  for (let round = 0; round < 3; round++) {
    const doomed = [worker(1e9), worker(1e9)]
    await Promise.all(doomed.map((each) => once(each, 'message')))
    const runs = Array.from({ length: 50 }, (_, i) => session.run({ x: row(i) }))
    await Promise.all(doomed.map((each) => each.terminate()))
    for (const [i, { y }] of (await Promise.all(runs)).entries()) assert.equal(y!.data, row(i))
  }
  const left = () => ['engines', 'contexts', 'streams', 'events'].filter((kind) => (simulator.live()[kind] ?? 0) > (before[kind] ?? 0))
  assert.ok(
    await collectUntil(() => left().length === 0),
    `${left().join()} of terminated workers are left: ${JSON.stringify([before, simulator.live()])}`,
  )
  await session.close()
  await engine.close()
})

test('no rule of the hardware was broken meanwhile', () => {
  assert.equal(simulator.violations(), {})
})

test.run()
