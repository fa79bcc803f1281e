import { Command } from 'commander'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { addBuilderFlags, addBuildFlags, type BuildFlags } from '../../../lib/cli/flags/model.js'
import { profilesOf } from '../../../lib/cli/flags/shapes.js'
import { librariesOf, tensorRtOf } from '../../../lib/cli/flags/tensorrt.js'
import { encodeBuildOptions } from '../../../lib/engine/tensorrt/options.js'
import { buildOptions, loadOptions } from '../../../lib/engine/tensorrt/option-table.js'
import { failure } from '../../support/failure.js'

const test = suite('flags of TensorRT')

function flags(...argv: string[]): BuildFlags {
  const command = addBuilderFlags(addBuildFlags(new Command().exitOverride()))
  return command.parse(argv, { from: 'user' }).opts()
}

test('trtexec names and values become the options of Engine.build', () => {
  const given = flags(
    '--memPoolSize=workspace:1G,tacticSharedMem:48K,dlaSRAM:2',
    '--builderOptimizationLevel=4',
    '--noTF32',
    '--tacticSources=+CUBLAS,-CUDNN',
    '--computeCapabilities',
    '75,8.6',
    '--profilingVerbosity=detailed',
    '--timingCacheFile=t.cache',
    '--plugins=/a.so,/b.so',
    '--weightStreamingBudget=512M',
  )
  assert.equal(tensorRtOf(given), {
    memPoolSize: { workspace: 2 ** 30, tacticSharedMem: 48 * 1024, dlaSRAM: 2 * 2 ** 20 },
    builderOptimizationLevel: 4,
    noTF32: true,
    tacticSources: ['+CUBLAS', '-CUDNN'],
    computeCapabilities: [75, 86],
    profilingVerbosity: 'detailed',
    timingCacheFile: 't.cache',
    plugins: ['/a.so', '/b.so'],
    weightStreamingBudget: 512 * 2 ** 20,
  })
  assert.is(tensorRtOf(flags()), undefined)
})

test('every option has a flag, and what the flag makes is what Engine.build takes', () => {
  const samples: Record<string, string> = {
    choice: '',
    integer: '1',
    text: 'f',
    names: 'A,B',
    switches: '+A,-B',
    paths: 'a.so',
    sizes: 'workspace:1G',
    numbers: '86',
    budget: '50%',
  }
  for (const { key, type } of [...buildOptions, ...loadOptions]) {
    const value = type.kind === 'choice' ? type.values[0]! : samples[type.kind]
    const given = tensorRtOf(flags(type.kind === 'flag' ? `--${key}` : `--${key}=${value}`))
    // Two of them are refused without the option that gives them a meaning.
    if (['excludeLeanRuntime', 'allowGPUFallback', 'buildDLAStandalone'].includes(key)) continue
    const { build, load } = encodeBuildOptions(given)
    assert.ok(Object.keys({ ...build, ...load }).length > 0, key)
  }
})

test('a size or target that is not understood is named', () => {
  assert.match(failure(() => flags('--memPoolSize=workspace:1T')).message, 'such as 1G, 512M or 48K for --memPoolSize but received "1T"')
  assert.match(failure(() => flags('--computeCapabilities=90')).message, 'out of 75, 80, 86, 89, 120, 121 for --computeCapabilities')
})

test('libraries are given by their options', () => {
  assert.equal(librariesOf(flags('--nvinfer=/a', '--cudart=/b/libcudart.so.12')), { nvinfer: '/a', cudart: '/b/libcudart.so.12' })
  assert.is(librariesOf(flags()), undefined)
})

test('--profile divides the flags of shapes into optimization profiles', () => {
  const range = (batch: number) => ({ min: [batch], opt: [batch], max: [batch] })
  assert.equal(profilesOf(flags('--shapes=x:4')), { shapes: { x: range(4) } })
  assert.equal(profilesOf(flags('--profile=0', '--shapes=x:1', '--profile=1', '--minShapes=x:2', '--maxShapes=x:8')), {
    profiles: [{ x: range(1) }, { x: { min: [2], opt: [8], max: [8] } }],
  })
  assert.match(failure(() => profilesOf(flags('--shapes=x:1', '--profile=2', '--shapes=x:3'))).message, 'profile 1 has none')
})

test('--batch is a range of rows, or the most of them', () => {
  assert.equal(flags('--batch=1:8:32').batch, { min: 1, opt: 8, max: 32 })
  assert.equal(flags('--batch=32').batch, { min: 1, opt: 32, max: 32 })
  for (const wrong of ['8:1', '8:1:2', '1:2:3:4']) assert.match(failure(() => flags(`--batch=${wrong}`)).message, 'min:opt:max')
})

test.run()
