import * as assert from 'uvu/assert'
import { Engine } from '../../lib/index.js'
import { scriptedLibrary, scriptedModel } from '../support/scripted.js'
import { suite } from '../support/suite.js'

const test = suite('pollMicros')
const row = Float32Array.of(1, 2, 3, 4)
const immediates = () => process.getActiveResourcesInfo().filter((name) => name === 'Immediate').length

async function open(delayUs: number) {
  const engine = await Engine.load(scriptedModel(), { backend: { library: scriptedLibrary } })
  return engine.createSession({ pollMicros: 1_000_000, backendOptions: { delayUs: String(delayUs) } })
}

test('results are the same, one at a time and many', async () => {
  const session = await open(0)
  for (let i = 0; i < 100; i++) assert.equal((await session.run({ x: row })).y!.data, row)
  const many = await Promise.all(Array.from({ length: 100 }, (_, i) => session.run({ x: Float32Array.of(i, 0, 0, 0) })))
  assert.ok(many.every(({ y }, i) => y!.data[0] === i))
  await session.close()
})

test('polling ends with the last run in flight', async () => {
  const session = await open(0)
  await session.run({ x: row })
  await new Promise((resolve) => setImmediate(resolve)) // the look that was scheduled before the result came
  assert.is(immediates(), 0)
  await session.close()
})

test('other events are served meanwhile', async () => {
  const session = await open(30_000)
  const order: string[] = []
  const timer = new Promise<void>((resolve) => {
    setTimeout(() => {
      order.push('timer')
      resolve()
    }, 1)
  })
  await Promise.all([timer, session.run({ x: row }).then(() => order.push('run'))])
  assert.equal(order, ['timer', 'run'])
  await session.close()
})

test.run()
