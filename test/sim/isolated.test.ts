import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { inspectFile } from '../../lib/cli/inspect/inspect-file.js'
import { renderInspection } from '../../lib/cli/view/inspection.js'
import { type BuildProgress, Engine } from '../../lib/index.js'
import { buildOn } from '../support/device.js'
import { rejection } from '../support/failure.js'
import { matmul } from '../support/models.js'
import { useSimulator } from '../support/simulator.js'
import { suite } from '../support/suite.js'

const backend = useSimulator('trt11')
const test = suite('isolated builds for a device')
const shapes = { x: { min: [1, 2], opt: [1, 2], max: [8, 2] } }
let folder = ''
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isolated-'))
})
test.after(() => rm(folder, { recursive: true }))

test('an engine built in another process runs in this one', async () => {
  await using engine = await buildOn(backend, matmul(), { isolate: true, shapes })
  assert.is(engine.backend.buildOnly, null)
  await using session = await engine.createSession()
  const { y } = await session.run({ x: Float32Array.of(1, 1, 0, 2) })
  assert.equal([...y!.data], [4, 6, 6, 8])
})

test('the engine file tells the GPU and the versions, and inspect shows them', async () => {
  const file = join(folder, 'e.engine')
  await using engine = await buildOn(backend, matmul(), { isolate: true, shapes })
  await engine.save(file)
  const device = engine.metadata.facts['device'] as { name: string; computeCapability: string }
  assert.match(device.computeCapability, /^\d+\.\d$/)
  const shown = renderInspection(await inspectFile(file, new AbortController().signal))
  assert.ok(shown.includes(device.name), shown)
  assert.ok(shown.includes(`backend    ${backend} ${engine.backend.version}`), shown)
})

test('an engine of the device comes out of the cache for the same device', async () => {
  const build = () => buildOn(backend, matmul(), { isolate: true, shapes, cacheDir: join(folder, 'cache') })
  await using first = await build()
  await using second = await build()
  assert.equal([first.metadata.cache, second.metadata.cache], ['miss', 'hit'])
})

test('builds for one device wait for each other', async () => {
  const order: string[] = []
  const note =
    (name: string) =>
    ({ phase, parent, step, steps }: BuildProgress) => {
      if (parent === null && phase === 'parse') order.push(`${name} ${step === steps ? 'ends' : 'begins'}`)
    }
  const build = (name: string) => buildOn(backend, matmul(), { isolate: true, shapes, onProgress: note(name) })
  const engines = await Promise.all([build('a'), build('b')])
  for (const engine of engines) await engine.close()
  const names = order.map((each) => each[0])
  assert.ok(names.lastIndexOf(names[0]) < names.indexOf(names[0] === 'a' ? 'b' : 'a'), order.join(', '))
})

test('a plan that another version built is refused before the library sees it', async () => {
  const file = join(folder, 'other.plan')
  const plan = Buffer.alloc(4096)
  plan.write('ftrt')
  plan.set([10, 1, 0, 27], 24)
  const { writeFile } = await import('node:fs/promises')
  await writeFile(file, plan)
  const error = await rejection(Engine.load(file))
  assert.is(error.code, 'TRT_ERR_ENGINE')
  assert.match(error.message, 'The plan was built by TensorRT 10.1.0.27, and here is TensorRT 11.')
})

test.run()
