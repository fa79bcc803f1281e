import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { type BuildOptions, type SessionOptions, tensor } from '../../lib/index.js'
import { buildOn, echoOn } from '../support/device.js'
import { matmul } from '../support/models.js'
import { simulator, useSimulator } from '../support/simulator.js'
import { row } from '../contract/subjects.js'

const backend = useSimulator('trt11')
const test = suite('options on the simulated device')

const rows = (count: number) =>
  tensor(
    'float32',
    [count, 4],
    Float32Array.from({ length: count * 4 }, (_, i) => i + count),
  )

const variants: Readonly<Record<string, SessionOptions>> = {
  'one slot': { slots: 1 },
  'many slots and lanes': { slots: 6, lanes: 3 },
  'polling instead of sleeping': { spinWait: true },
  'device times': { timings: true },
  'names for a profiler': { nvtx: true },
  'a priority': { streamPriority: -1 },
  'memory per profile': { allocationStrategy: 'profile' },
  'memory per run': { allocationStrategy: 'runtime', lanes: 2 },
}

for (const [name, options] of Object.entries(variants)) {
  test(`${name}: right answers while shapes change and runs overlap`, async () => {
    await using engine = await buildOn(backend, matmul(), { shapes: { x: { min: [1, 2], opt: [1, 2], max: [64, 2] } } })
    await using echo = await echoOn(backend)
    await using session = await echo.createSession(options)
    await using other = await engine.createSession(options)
    for (const count of [1, 1, 1, 1, 9, 9, 9, 3, 64, 64, 1]) {
      const x = rows(count)
      const answers = await Promise.all(Array.from({ length: 8 }, () => session.run({ x })))
      for (const { y } of answers) assert.equal([y!.shape, y!.data], [[count, 4], x.data])
      const { y } = await other.run({ x: Float32Array.of(1, 1, 0, 2) })
      assert.equal([...y!.data], [4, 6, 6, 8])
    }
  })
}

test('with timings each stage is told from the device', async () => {
  await using engine = await echoOn(backend)
  await using session = await engine.createSession({ timings: true })
  for (const [key, ms] of Object.entries({ copyInNs: 2, computeNs: 6, copyOutNs: 4 })) simulator.set(key, ms * 1_000_000)
  for (let i = 0; i < 3; i++) await session.run({ x: row(i) })
  for (const key of ['copyInNs', 'computeNs', 'copyOutNs'] as const) simulator.set(key, 0)
  const { copyIn, compute, copyOut } = session.stats()
  const about = (value: number, ms: number) => assert.ok(value >= ms * 0.9 && value < ms * 3, `${value} ms for ${ms}`)
  about(copyIn.p50, 2)
  about(compute.p50, 6)
  about(copyOut.p50, 4)
})

test('many page-locked buffers in turn each become one launch', async () => {
  await using engine = await echoOn(backend)
  await using session = await engine.createSession()
  const pairs = Array.from({ length: 12 }, () => [session.alloc('x', [1, 4]), session.alloc('y', [1, 4])] as const)
  const round = async (add: number) => {
    for (const [i, [x]] of pairs.entries()) x.data.fill(i + add)
    await Promise.all(pairs.map(([x, y]) => session.run({ x }, { into: { y } })))
    assert.equal(
      pairs.map(([, y]) => y.data[3]),
      pairs.map((_, i) => i + add),
    )
  }
  for (let i = 0; i < 12; i++) await round(i)
  simulator.resetCounters()
  for (let i = 0; i < 10; i++) await round(100 + i)
  const { cudaGraphLaunch = 0, cudaMemcpyAsync = 0 } = simulator.calls()
  assert.is(cudaGraphLaunch, 120)
  assert.ok(cudaMemcpyAsync < 60, `${cudaMemcpyAsync} copies beside the graphs of 120 runs`)
})

/** How often a build sets a flag of the builder. */
async function flagsSet(tensorrt: BuildOptions['tensorrt'] = {}): Promise<number> {
  simulator.resetCounters()
  await using engine = await echoOn(backend, { tensorrt })
  for (const key of Object.keys(tensorrt)) assert.is(engine.metadata.options[key], '1')
  await using session = await engine.createSession()
  assert.equal((await session.run({ x: row(2) })).y!.data, row(2))
  return simulator.calls()['IBuilderConfig::setFlag'] ?? 0
}

for (const flag of ['refitIdentical', 'refitIndividual', 'directIO', 'debug'] as const) {
  test(`the build option ${flag} is one more flag of the builder`, async () => {
    assert.is(await flagsSet({ [flag]: true }), (await flagsSet()) + 1)
  })
}

test('the build option safe is taken: each setting is read back', async () => {
  await flagsSet({ safe: true })
})

test('no rule of the hardware was broken meanwhile', () => {
  assert.equal(simulator.violations(), {})
})

test.run()
