// @gc @serial @timeout 300
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { Engine } from '../../lib/index.js'
import { echoOn } from '../support/device.js'
import { assertFlat, runMany } from '../support/flat.js'
import { quiet, simulator, useSimulator } from '../support/simulator.js'
import { row } from '../contract/subjects.js'

const backend = useSimulator('trt11')
const test = suite('memory on the simulated device')

test('100,000 runs leave nothing behind', async () => {
  await using engine = await echoOn(backend)
  await using session = await engine.createSession({ lanes: 2 })
  // 10,000 runs that leak 1 KB each would show as 50 MB. Statistics open a slot of counts every second, up to some 2 MB in all.
  await assertFlat(() => runMany(session, row(1), 10_000), { rss: 12, external: 3 })
})

test('1,000 engines loaded, used and closed leave nothing behind, on the device or here', async () => {
  const built = await echoOn(backend)
  const bytes = await bytesOf(built)
  const cycles = async () => {
    for (let i = 0; i < 100; i++) {
      await using engine = await Engine.load(bytes)
      await using session = await engine.createSession()
      const x = session.alloc('x', [1, 4])
      await session.run({ x })
    }
  }
  await cycles()
  const before = simulator.live()
  await assertFlat(cycles, { rss: 16, external: 1 })
  assert.is(await quiet(before), null)
  await built.close()
})

async function bytesOf(engine: Engine): Promise<Uint8Array> {
  const dir = await mkdtemp(path.join(tmpdir(), 'trt-memory-'))
  try {
    await engine.save(path.join(dir, 'm.engine'))
    return await readFile(path.join(dir, 'm.engine'))
  } finally {
    await rm(dir, { recursive: true })
  }
}

test('outputs that were handed out go back to the device', async () => {
  await using engine = await echoOn(backend)
  await using session = await engine.createSession()
  const big = new Float32Array(4 * 8192)
  await session.run({ x: big })
  await assertFlat(
    async () => {
      for (let i = 0; i < 50; i++) await session.run({ x: big })
    },
    { rss: 12, external: 1 },
  )
})

test.run()
