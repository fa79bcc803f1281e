import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import type { BackendReport, Diagnosis, LibraryReport } from '../../../lib/doctor/diagnosis.js'
import { judge } from '../../../lib/doctor/verdict.js'

const test = suite('doctor verdict')
type Facts = Omit<Diagnosis, 'verdict'>

const backend = (name: string, usable: boolean, reason: string | null = null, canBuild = usable): BackendReport => ({
  name,
  usable,
  canBuild,
  version: '1.2',
  reason,
  remedy: null,
  devices: [],
  libraries: [],
})
const driver: LibraryReport = {
  name: 'NVIDIA driver',
  family: 'driver',
  lookedFor: ['libcuda.so.1'],
  found: { path: '/lib/libcuda.so.1', origin: 'loader', version: null, values: {} },
  tried: [],
  searched: [],
}

function facts(change: Partial<Facts>): Facts {
  return {
    package: { version: '0.1.0', root: '/p' },
    environment: {},
    node: { version: 'v20.20.2', napi: '9', abi: '115', platform: 'linux', arch: 'x64' },
    libc: { name: 'glibc', version: '2.36' },
    os: 'Linux',
    nvidiaDevices: 0,
    kernelDriver: null,
    addon: { path: '/p/addon.node', napiVersion: 8, buildInfo: '', backends: [], error: null },
    onnxRuntime: { path: '/o', origin: 'package', version: '1.2', error: null },
    backends: [backend('cpu', true)],
    libraries: [],
    cuda: null,
    ...change,
  }
}

test('an addon that cannot be loaded is mended first', () => {
  const verdict = judge(facts({ addon: { path: null, error: 'no binary' }, backends: [] }))
  assert.equal([verdict.usable, verdict.command], [false, 'npx tensorrt-node rebuild'])
})

test('a variable that leads astray is unset before anything is installed', () => {
  const noAddon = { addon: { path: null, error: 'no such file' }, backends: [], environment: { TENSORRT_NODE_ADDON: '/x' } } as const
  assert.is(judge(facts({ ...noAddon, backends: [] })).command, 'unset TENSORRT_NODE_ADDON')
  const environment = { TENSORRT_NODE_ONNXRUNTIME: '/x' }
  assert.is(judge(facts({ backends: [backend('cpu', false)], environment })).command, 'unset TENSORRT_NODE_ONNXRUNTIME')
})

test('a working CPU is enough, and the reason why no GPU is used is told', () => {
  const summary = (change: Partial<Facts>) => judge(facts(change)).summary
  assert.equal([judge(facts({})).usable, judge(facts({})).backend, judge(facts({})).command], [true, 'cpu', null])
  assert.match(summary({}), 'No NVIDIA GPU is visible here')
  assert.match(summary({ nvidiaDevices: 1 }), 'no driver for it')
  assert.match(summary({ nvidiaDevices: 1, libraries: [driver] }), 'has no TensorRT backend')
  assert.match(
    summary({ libraries: [driver], backends: [backend('tensorrt', false, 'libnvinfer missing'), backend('cpu', true)] }),
    'tensorrt: libnvinfer missing',
  )
})

test('a driver that does not answer is the reason, whatever the backends say', () => {
  const cuda = { devices: null, code: null, error: 'the NVIDIA driver does not answer: cuInit hangs' }
  const refused = [backend('tensorrt', false, 'no answer'), backend('cpu', true)]
  assert.match(judge(facts({ libraries: [driver], backends: refused, cuda })).summary, 'The GPU is not used: the NVIDIA driver does not')
})

test('a backend that can only build does not run inference, and is told', () => {
  const { backend: chosen, summary } = judge(facts({ backends: [backend('tensorrt-rtx', false, 'no driver', true), backend('cpu', true)] }))
  assert.is(chosen, 'cpu')
  assert.match(summary, 'Engines for the backend tensorrt-rtx 1.2 can be built here, and run elsewhere.')
})

test('a usable GPU backend is preferred', () => {
  assert.equal(judge(facts({ backends: [backend('cpu', true), backend('tensorrt', true)] })).backend, 'tensorrt')
})

test('without ONNX Runtime nothing works, and one command mends it', () => {
  const verdict = judge(
    facts({
      onnxRuntime: { path: null, origin: null, version: null, error: 'not found' },
      backends: [backend('cpu', false, 'no library')],
    }),
  )
  assert.equal([verdict.usable, verdict.command], [false, 'npm install onnxruntime-node'])
  assert.match(verdict.summary, 'not found')
})

test.run()
