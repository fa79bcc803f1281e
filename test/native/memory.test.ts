// @gc @serial @timeout 400
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { Engine } from '../../lib/index.js'
import { assertFlat, runMany } from '../support/flat.js'
import { addConst } from '../support/models.js'
import { collectUntil, counters, scriptedEngine } from '../support/native-session.js'
import { scriptedLibrary, scriptedModel } from '../support/scripted.js'

const test = suite('memory')
const engines: Record<string, { load: () => Promise<Engine>; row: Float32Array }> = {
  scripted: { load: () => Engine.load(scriptedModel(), { backend: { library: scriptedLibrary } }), row: Float32Array.of(1, 2, 3, 4) },
  cpu: { load: () => Engine.load(addConst()), row: Float32Array.of(1, 2, 3) },
}

for (const [name, { load, row }] of Object.entries(engines)) {
  test(`100,000 runs leave nothing behind: ${name}`, async () => {
    const engine = await load()
    const session = await engine.createSession({ lanes: 1 })
    // 10,000 runs that leak 1 KB each would show as 50 MB.
    await assertFlat(() => runMany(session, row, 10_000), { rss: 12, external: 1 })
    await engine.close()
    await session.close()
  })

  test(`1,000 sessions created, used and closed leave nothing behind: ${name}`, async () => {
    const engine = await load()
    const cycles = async () => {
      for (let i = 0; i < 100; i++) {
        const session = await engine.createSession({ lanes: 1 })
        const x = session.alloc('x', [1, row.length])
        await session.run({ x })
        await session.close()
      }
    }
    await assertFlat(cycles, { rss: 12, external: 1 })
    await engine.close()
  })

  test(`200 engines loaded and closed leave nothing behind: ${name}`, async () => {
    const cycles = async () => {
      for (let i = 0; i < 20; i++) {
        const engine = await load()
        const session = await engine.createSession({ lanes: 1 })
        await session.run({ x: row })
        await session.close()
        await engine.close()
      }
    }
    await assertFlat(cycles, { rss: 16, external: 1 })
  })
}

test('outputs that the backend provided go back to it', async () => {
  const { load } = engines['scripted']!
  const session = await (await load()).createSession()
  const big = new Float32Array(4 * 8192)
  await runMany(session, big.subarray(0, 4), 10)
  for (let i = 0; i < 500; i++) await session.run({ x: big })
  const probe = await scriptedEngine()
  assert.ok(await collectUntil(async () => (await counters(probe)).pooledOut === 0))
  await session.close()
})

test.run()
