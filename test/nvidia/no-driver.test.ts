import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { chooseBackend } from '../../lib/backend/registry.js'
import { loadAddon } from '../../lib/backend/addon.js'
import { libraryOptions } from '../../lib/backend/tensorrt/libraries.js'
import { readSurroundings } from '../../lib/backend/tensorrt/surroundings.js'
import { inspectFile } from '../../lib/cli/inspect/inspect-file.js'
import { renderInspection } from '../../lib/cli/view/inspection.js'
import { Engine } from '../../lib/index.js'
import { rejection } from '../support/failure.js'
import * as models from '../support/models.js'
import { buildRtx, cudartFolder, dispatch, dispatchLibraries, rtx, rtxLibraries } from '../support/nvidia.js'
import { rtxPlan } from '../support/plans.js'
import { suite } from '../support/suite.js'

const test = suite('NVIDIA libraries on a machine without a driver')
const hasDriver = await readFile('/proc/driver/nvidia/version').then(
  () => true,
  () => false,
)
if (hasDriver) throw new Error('this machine has a driver: what these tests say of a machine without one cannot be seen here')

let folder = ''
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'no-driver-'))
})
test.after(() => rm(folder, { recursive: true }))

const load = (bytes: Uint8Array) => rejection(Engine.load(bytes, { libraries: rtxLibraries }))

test('an engine that was built here can be saved, and says that it needs a driver to run', async () => {
  await using engine = await buildRtx(models.add())
  const file = join(folder, 'e.engine')
  await engine.save(file)
  const created = await rejection(engine.createSession())
  assert.is(created.code, 'TRT_ERR_UNAVAILABLE')
  assert.match(created.message, /was built here, and cannot run here: There is no NVIDIA driver/)
  const loaded = await rejection(Engine.load(file, { libraries: rtxLibraries }))
  assert.is(loaded.code, 'TRT_ERR_UNAVAILABLE')
  assert.match(loaded.message, /There is no NVIDIA driver/)
  const shown = renderInspection(await inspectFile(file, new AbortController().signal))
  assert.match(shown, `to run it  TensorRT-RTX ${rtx.version}, a CUDA runtime`)
  assert.match(shown, /compute capability 8\.0/)
})

test('auto never takes a backend that can only build', async () => {
  const choice = await chooseBackend({ wanted: 'auto', libraries: rtxLibraries, purpose: 'build' })
  assert.is(choice.name, 'cpu')
  assert.match(choice.refused.find(({ name }) => name === 'tensorrt-rtx')?.reason ?? '', 'driver')
})

test('a bare plan: damage and version are told before the missing driver', async () => {
  const version = rtx.version.split('.').map(Number)
  assert.match((await load(rtxPlan({ version }).subarray(0, 99))).message, 'cut short: expected 100 bytes, received 99')
  assert.is((await load(rtxPlan({ version }))).code, 'TRT_ERR_UNAVAILABLE')
  await writeFile(join(folder, 'bare.plan'), rtxPlan({ version: [1, 2, 3, 4] }))
  const inspection = renderInspection(await inspectFile(join(folder, 'bare.plan'), new AbortController().signal))
  assert.match(inspection, 'To run it: TensorRT-RTX 1.2.3.4, a CUDA runtime (libcudart 12 or 13), an NVIDIA driver')
})

interface Report {
  usable: boolean
  canBuild: boolean
  version: string
  reason: string
  buildReason: string
  libraries: { name: string; path: string | null }[]
}

async function probe(name: 'tensorrt' | 'tensorrt-rtx', libraries: typeof rtxLibraries | typeof dispatchLibraries): Promise<Report> {
  const backend = loadAddon()
    .backends()
    .find((each) => each.name === name)!
  return JSON.parse(await backend.probe(libraryOptions(name, libraries, readSurroundings())).promise) as Report
}

test('the real dispatch runtime of TensorRT 11: found, version read, no driver, nothing crashes', async () => {
  const report = await probe('tensorrt', dispatchLibraries)
  assert.equal([report.version, report.usable, report.canBuild], [dispatch.version, false, false])
  assert.match(report.reason, 'no NVIDIA driver')
  assert.match(report.buildReason, 'lean or dispatch runtime')
  assert.ok(report.libraries.some(({ path }) => path?.startsWith(cudartFolder)))
})

test('a plan for it is not handed to a library that would crash', async () => {
  const plan = Buffer.alloc(200)
  plan.write('ftrt')
  plan.set(dispatch.version.split('.').map(Number), 24)
  const error = await rejection(Engine.load(plan, { libraries: dispatchLibraries }))
  assert.is(error.code, 'TRT_ERR_UNAVAILABLE')
  assert.match(error.message, 'There is no NVIDIA driver')
})

test('TensorRT-RTX builds without a driver, and its version is read', async () => {
  const report = await probe('tensorrt-rtx', rtxLibraries)
  assert.equal([report.version, report.usable, report.canBuild], [rtx.version, false, true])
})

test('a library of the one given to the other is told apart', async () => {
  const error = await rejection(Engine.build(models.add(), { backend: 'tensorrt-rtx', libraries: { ...dispatchLibraries } }))
  assert.is(error.code, 'TRT_ERR_UNAVAILABLE')
  assert.match(error.message, "Use the backend 'tensorrt'")
})

test.run()
