import { suite } from '../../../support/suite.js'
import * as assert from 'uvu/assert'
import { requireBuildable, requireFor, warningsOf } from '../../../../lib/engine/tensorrt/check-options.js'
import { buildOptions, loadOptions } from '../../../../lib/engine/tensorrt/option-table.js'
import { encodeBuildOptions, encodeLoadOptions, type TensorRtBuildOptions } from '../../../../lib/engine/tensorrt/options.js'
import { resolveBuildOptions } from '../../../../lib/engine/build-options.js'
import { failure } from '../../../support/failure.js'

const test = suite('TensorRT options')
const refused = (given: object) => failure(() => encodeBuildOptions(given)).message
const build = (given: TensorRtBuildOptions) => encodeBuildOptions(given).build

test('what is not given is left to TensorRT', () => {
  assert.equal(encodeBuildOptions(undefined), { build: {}, load: {} })
  assert.equal(encodeLoadOptions(undefined), {})
})

test('each kind of option becomes text', () => {
  assert.equal(
    build({
      memPoolSize: { workspace: 1 << 30, tacticSharedMem: 49152 },
      builderOptimizationLevel: 5,
      noTF32: true,
      strictNans: false,
      profilingVerbosity: 'detailed',
      tacticSources: ['+CUBLAS', '-CUDNN'],
      computeCapabilities: [86, 89, 86],
      pluginsToSerialize: ['/a.so', '/b.so'],
      parserFlags: ['NATIVE_INSTANCENORM'],
    }),
    {
      memPoolSize: 'workspace:1073741824,tacticSharedMem:49152',
      builderOptimizationLevel: '5',
      noTF32: '1',
      strictNans: '0',
      profilingVerbosity: 'detailed',
      tacticSources: '+CUBLAS,-CUDNN',
      computeCapabilities: '86,89',
      pluginsToSerialize: '/a.so\n/b.so',
      parserFlags: 'NATIVE_INSTANCENORM',
    },
  )
})

test('flags of refitting, formats, safety and debugging go to the build', () => {
  const flags = ['refitIdentical', 'refitIndividual', 'directIO', 'safe', 'debug'] as const
  for (const key of flags) assert.equal(encodeBuildOptions({ [key]: true }), { build: { [key]: '1' }, load: {} })
  assert.match(
    failure(() => requireFor('tensorrt-rtx', build({ safe: true }))).message,
    "tensorrt.safe is an option of the backend 'tensorrt'",
  )
})

test('options of loading go to the load, and to the build where it takes them', () => {
  const { build, load } = encodeBuildOptions({
    device: 1,
    useDLACore: 0,
    weightStreamingBudget: '50%',
    plugins: ['/p.so'],
    allowHostCode: true,
  })
  assert.equal(build, { device: '1', useDLACore: '0', plugins: '/p.so' })
  assert.equal(load, { device: '1', dlaCore: '0', weightStreamingBudget: '50%', plugins: '/p.so', allowHostCode: '1' })
  assert.equal(
    [encodeLoadOptions({ weightStreamingBudget: 512 }), encodeLoadOptions({ weightStreamingBudget: 'auto' })],
    [{ weightStreamingBudget: '512' }, { weightStreamingBudget: 'auto' }],
  )
})

test('a mistake names the option, what is expected and what came', () => {
  assert.match(refused({ builderOptimizationLevel: 6 }), 'Expected an integer from 0 to 5 for tensorrt.builderOptimizationLevel')
  assert.match(refused({ memPoolSize: { worksapce: 1 } }), 'Unknown option "worksapce" of tensorrt.memPoolSize. Did you mean')
  assert.match(refused({ memPoolSize: { workspace: 0 } }), 'tensorrt.memPoolSize.workspace')
  assert.match(refused({ tacticSources: ['CUBLAS'] }), "'+' or '-' before them")
  assert.match(refused({ tacticSources: '+CUBLAS' }), 'Expected an array of names')
  assert.match(refused({ hardwareCompatibilityLevel: 'ampere' }), "'ampere+'")
  assert.match(refused({ weightStreamingBudget: '150%' }), 'a percentage')
  assert.match(refused({ fp16: true }), 'Unknown option "fp16" of tensorrt.')
})

test('a compute capability is a whole number, and one with a point is told how to write it', () => {
  assert.match(refused({ computeCapabilities: [8.6] }), 'Write 8.6 as 86.')
  assert.match(refused({ computeCapabilities: [90] }), 'Expected an array of 75, 80, 86, 89, 120, 121')
  assert.match(refused({ computeCapabilities: [] }), 'received an array of 0')
})

test('options that mean nothing alone are refused', () => {
  assert.match(refused({ excludeLeanRuntime: true }), 'nothing without tensorrt.versionCompatible')
  assert.match(refused({ allowGPUFallback: true }), 'nothing without tensorrt.useDLACore')
  assert.equal(build({ allowGPUFallback: true, useDLACore: 0 }), { allowGPUFallback: '1', useDLACore: '0' })
})

test('options of the other TensorRT are refused by name', () => {
  requireFor('tensorrt-rtx', build({ computeCapabilities: [86] }))
  const message = failure(() => requireFor('tensorrt', build({ computeCapabilities: [86] }))).message
  assert.match(message, "tensorrt.computeCapabilities is an option of the backend 'tensorrt-rtx', and this engine is for 'tensorrt'")
})

test('what cannot be built without a GPU is refused before the build, with the reason', () => {
  const noDriver = { name: 'tensorrt-rtx', reason: 'There is no driver.', remedy: 'Install it.' }
  requireBuildable(build({ refit: true }), null)
  requireBuildable(build({ noTF32: true }), noDriver)
  assert.match(failure(() => requireBuildable(build({ refitIdentical: true }), noDriver)).message, 'tensorrt.refitIdentical needs a GPU')
  const error = failure(() => requireBuildable(build({ stripWeights: true }), noDriver))
  assert.is(error.code, 'TRT_ERR_UNSUPPORTED')
  assert.match(error.message, 'tensorrt.stripWeights needs a GPU to build with')
  assert.match(error.message, 'There is no driver. Leave it out')
})

test('compute capability 75 is warned of, with what it costs', () => {
  assert.match(warningsOf(build({ computeCapabilities: [75, 86] })).join(), '17 times')
  assert.equal(warningsOf(build({ computeCapabilities: [86] })), [])
})

test('every option of the table stands in one place', () => {
  const keys = [...buildOptions, ...loadOptions].map(({ key }) => key)
  assert.is(new Set(keys).size, keys.length)
})

test('Engine.build: isolate, logLevel and libraries are checked', () => {
  const message = (given: object) => failure(() => resolveBuildOptions(given)).message
  assert.match(message({ isolate: 1 }), 'Expected true or false for isolate')
  assert.match(message({ logLevel: 'debug' }), 'logLevel')
  assert.match(message({ libraries: { nvinver: '/a' } }), 'Unknown option "nvinver" of libraries. Did you mean "nvinfer"')
})

test.run()
