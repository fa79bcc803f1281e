import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as assert from 'uvu/assert'
import type { BuildOptions, Engine } from '../../lib/index.js'
import { tensor } from '../../lib/index.js'
import { buildOn, deviceBackends, isSimulated } from '../support/device.js'
import { rejection } from '../support/failure.js'
import { add, matmul } from '../support/models.js'
import { suite } from '../support/suite.js'
import { subjects } from './subjects.js'

const test = suite('what can be asked of an engine')
const device = deviceBackends.find((name) => subjects.some((subject) => subject.name === name))
const profiles = [{ x: { min: [1, 2], opt: [4, 2], max: [8, 2] } }, { x: { min: [16, 2], opt: [16, 2], max: [16, 2] } }]

for (const subject of subjects.filter(({ name }) => name !== device)) {
  test(`${subject.name} refuses, and says what would serve`, async () => {
    await using engine = await subject.echo()
    const asked = [
      () => engine.layers(),
      () => engine.profileLayers(),
      () => engine.memory(),
      () => engine.refit(matmul()),
      () => engine.refit({ w: Float32Array.of(1) }),
      () => engine.weightStreaming(),
      () => engine.setWeightStreamingBudget('auto'),
      () => engine.saveRuntimeCache(),
    ]
    for (const ask of asked) {
      const error = await rejection(ask())
      assert.is(error.code, 'TRT_ERR_UNSUPPORTED')
      assert.match(error.message, "backend: 'tensorrt'")
    }
  })
}

test('wrong options and a closed engine are refused', async () => {
  const engine = await subjects[0]!.echo()
  assert.is((await rejection(engine.layers({ wrong: 1 } as object))).code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.is((await rejection(engine.profileLayers({ runs: 0 }))).code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.is((await rejection(engine.setWeightStreamingBudget('half'))).code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.is((await rejection(engine.refit({}))).code, 'TRT_ERR_INVALID_ARGUMENT')
  await engine.close()
  assert.is((await rejection(engine.memory())).code, 'TRT_ERR_CLOSED')
})

/** y = x · w with w = [[1, 2], [3, 4]]. */
const product = (tensorrt: BuildOptions['tensorrt'] = {}) => buildOn(device!, matmul(), { profiles, tensorrt })

/** Of x = [1, 1]: the sums of w's columns. Often enough that a CUDA graph is captured. */
async function sums(session: Awaited<ReturnType<Engine['createSession']>>): Promise<number[]> {
  for (let i = 0; i < 4; i++) await session.run({ x: Float32Array.of(1, 1) })
  return [...(await session.run({ x: Float32Array.of(1, 1) })).y!.data].map(Number)
}

const onDevice = device === undefined ? () => {} : test

onDevice('layers: with their facts where the engine has them, else names alone', async () => {
  await using plain = await product()
  await using detailed = await product({ profilingVerbosity: 'detailed' })
  for (const { name, type, facts } of await plain.layers()) assert.equal([typeof name, type, facts], ['string', null, {}])
  const layers = await detailed.layers()
  assert.ok(layers.length > 0 && layers.every(({ type, facts }) => type !== null && 'Inputs' in facts))
})

onDevice('times of layers: of as many runs as asked for, for shapes of a profile', async () => {
  await using engine = await product()
  for (const given of [undefined, { runs: 3, shapes: { x: [8, 2] } }, { profile: 1 }]) {
    const { profile, runs, totalMs, layers } = await engine.profileLayers(given)
    assert.equal([profile, runs], [given?.profile ?? 0, given?.runs ?? 10])
    assert.ok(layers.length > 0 && layers.every(({ meanMs, medianMs }) => meanMs >= 0 && medianMs >= 0))
    const sum = layers.reduce((all, { meanMs }) => all + meanMs, 0)
    assert.ok(Math.abs(sum - totalMs) < 1e-3, `${sum} and ${totalMs}`)
  }
  assert.is((await rejection(engine.profileLayers({ profile: 2 }))).code, 'TRT_ERR_INVALID_ARGUMENT')
  for (const x of [[2], [9, 2], [1, 3]]) assert.is((await rejection(engine.profileLayers({ shapes: { x } }))).code, 'TRT_ERR_SHAPE')
  assert.is((await rejection(engine.profileLayers({ shapes: { z: [1, 2] } }))).code, 'TRT_ERR_NAME')
})

onDevice('memory: of each profile, of contexts that exist, of the device', async () => {
  await using engine = await product()
  const before = await engine.memory()
  assert.is(before.profileBytes.length, 2)
  assert.ok(before.contextBytes >= Math.max(...before.profileBytes) && before.totalBytes >= before.freeBytes)
  await using session = await engine.createSession({ lanes: 2 })
  await session.warmUp()
  assert.ok((await engine.memory()).contexts >= before.contexts + 2)
})

onDevice('refit by name: the next runs of open sessions have exactly the new weights', async () => {
  await using engine = await product({ refit: true })
  await using session = await engine.createSession()
  assert.equal(await sums(session), [4, 6])
  const { refittable } = await engine.refit({ w: Float32Array.of(10, 20, 30, 40) })
  assert.equal(refittable, ['w'])
  assert.equal(await sums(session), [40, 60])
  await engine.refit({ w: tensor('float32', [2, 2], [0, 1, 0, 2]) })
  assert.equal(await sums(session), [0, 3])
  await using later = await engine.createSession()
  assert.equal(await sums(later), [0, 3])
})

onDevice('refit from a model: its bytes, or its file', async () => {
  await using engine = await product({ refit: true })
  await using session = await engine.createSession()
  await engine.refit(matmul([5, 6, 7, 8]))
  assert.equal(await sums(session), [12, 14])
  const folder = await mkdtemp(path.join(tmpdir(), 'refit-'))
  try {
    await writeFile(path.join(folder, 'other.onnx'), matmul([1, 0, 0, 1]))
    await engine.refit(path.join(folder, 'other.onnx'))
  } finally {
    await rm(folder, { recursive: true })
  }
  assert.equal(await sums(session), [1, 1])
})

onDevice('a refit that cannot be: told which, and the weights stay', async () => {
  await using engine = await product({ refit: true })
  await using session = await engine.createSession()
  const four = [1, 1, 1, 1]
  const unknown = await rejection(engine.refit({ v: Float32Array.from(four) }))
  assert.is(unknown.code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.match(unknown.message, 'It has: w.')
  assert.is((await rejection(engine.refit({ w: Float32Array.of(1, 2, 3) }))).code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.is((await rejection(engine.refit({ w: Int32Array.from(four) }))).code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.is((await rejection(engine.refit({ w: tensor('float64', [2, 2], four) }))).code, 'TRT_ERR_TYPE')
  assert.is((await rejection(engine.refit({ w: Uint16Array.from(four) } as object as { w: Float32Array }))).code, 'TRT_ERR_TYPE')
  assert.is((await rejection(engine.refit(Uint8Array.of(1, 2, 3)))).code, 'TRT_ERR_MODEL')
  assert.is((await rejection(engine.refit('no-such-file.onnx'))).code, 'TRT_ERR_FILE')
  assert.equal(await sums(session), [4, 6])
  await using fixed = await product()
  assert.is((await rejection(fixed.refit({ w: Float32Array.from(four) }))).code, 'TRT_ERR_UNSUPPORTED')
})

onDevice('weights that stream: the budget is told, and set while no session is open', async () => {
  await using engine = await product({ allowWeightStreaming: true, weightStreamingBudget: '50%' })
  const { streamableBytes, budgetBytes } = await engine.weightStreaming()
  // A device may have a granularity of its own.
  assert.ok(isSimulated() ? budgetBytes === Math.floor(streamableBytes / 2) : budgetBytes <= streamableBytes, `${budgetBytes}`)
  assert.is((await engine.setWeightStreamingBudget('off')).budgetBytes, streamableBytes)
  await using session = await engine.createSession()
  assert.is((await rejection(engine.setWeightStreamingBudget(0))).code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.equal(await sums(session), [4, 6])
  await using plain = await buildOn(device!, add())
  assert.is((await rejection(plain.weightStreaming())).code, 'TRT_ERR_UNSUPPORTED')
})

test.run()
