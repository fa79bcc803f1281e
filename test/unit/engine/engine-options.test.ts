import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { resolveBuildOptions, resolveLoadOptions } from '../../../lib/engine/build-options.js'
import { checkRunOptions } from '../../../lib/engine/run-options.js'
import { resolveSessionOptions } from '../../../lib/engine/session-options.js'
import { failure } from '../../support/failure.js'

const test = suite('engine-options')
const refused = (body: () => unknown, message: RegExp, code = 'TRT_ERR_INVALID_ARGUMENT') => {
  const error = failure(body)
  assert.is(error.code, code)
  assert.match(error.message, message)
}
const any = (value: unknown) => value as never

test('build: defaults', () => {
  const { request, precision, labels, backendOptions, cacheDir } = resolveBuildOptions()
  assert.equal(
    { request, precision, labels, backendOptions, cacheDir },
    {
      request: { wanted: 'auto', named: false, onnxruntime: undefined, libraries: undefined },
      precision: { precision: 'fp32', calibration: null, given: {} },
      labels: {},
      backendOptions: {},
      cacheDir: undefined,
    },
  )
})

test('build: each option is checked, and named when wrong', () => {
  refused(() => resolveBuildOptions(any({ precison: 'fp32' })), /Unknown option "precison" of Engine\.build\. Did you mean "precision"\?/)
  refused(() => resolveBuildOptions(any({ precision: 'fp64' })), /for precision but received "fp64"/)
  refused(() => resolveBuildOptions(any({ cacheDir: 7 })), /for cacheDir but received 7/)
  refused(() => resolveBuildOptions(any({ onProgress: 'x' })), /a function for onProgress/)
  refused(() => resolveBuildOptions(any({ onLog: {} })), /a function for onLog/)
  refused(() => resolveBuildOptions(any({ labels: { a: 1 } })), /a string for labels\.a/)
  refused(() => resolveBuildOptions(any({ signal: {} })), /an AbortSignal for signal/)
  refused(() => resolveBuildOptions(any({ backend: '' })), /a string that is not empty for backend/)
  refused(() => resolveBuildOptions(any({ backend: 'tensort' })), /Did you mean "tensorrt"\?/)
  refused(() => resolveBuildOptions(any({ backend: { path: 'x' } })), /Unknown option "path" of backend/)
  refused(() => resolveBuildOptions(any(7)), /an object for the options of Engine\.build/)
})

test('load: options of a build are unknown', () => {
  refused(() => resolveLoadOptions(any({ precision: 'fp32' })), /Unknown option "precision" of Engine\.load/)
  assert.ok(resolveLoadOptions({ backend: 'cpu' }).request.named)
})

test('session: defaults give the backend nothing to say', () => {
  const { lanes, maxQueue, native } = resolveSessionOptions()
  assert.equal({ lanes, maxQueue, native }, { lanes: 1, maxQueue: 1024, native: {} })
})

test('session: what is set crosses as text', () => {
  const { native } = resolveSessionOptions({
    threads: 2,
    optimize: 'basic',
    arena: false,
    spinning: true,
    spinMicros: 0,
    padToGraph: true,
    backendOptions: { delayUs: '5' },
  })
  assert.equal(native, { threads: '2', optimize: 'basic', arena: '0', spinning: '1', spinMicros: '0', padToGraph: '1', delayUs: '5' })
})

test('session: each option is checked', () => {
  for (const lanes of [0, 1.5, NaN, -1, 1025, '2'])
    refused(() => resolveSessionOptions(any({ lanes })), /an integer from 1 to 1024 for lanes/)
  refused(() => resolveSessionOptions({ maxQueue: NaN }), /for maxQueue but received NaN/)
  refused(() => resolveSessionOptions({ threads: -1 }), /for threads/)
  refused(() => resolveSessionOptions(any({ arena: 1 })), /true or false for arena/)
  refused(() => resolveSessionOptions(any({ padToGraph: 8 })), /true or false for padToGraph/)
  refused(() => resolveSessionOptions(any({ lane: 2 })), /Did you mean "lanes"\?/)
  refused(() => resolveSessionOptions(any({ backendOptions: { a: 1 } })), /a string for backendOptions\.a/)
})

test('run: each option is checked; NaN is no deadline', () => {
  const options = { deadline: 5, priority: -1, signal: new AbortController().signal }
  assert.is(checkRunOptions(options), options)
  refused(() => checkRunOptions({ deadline: NaN }), /for deadline but received NaN/)
  refused(() => checkRunOptions(any({ deadline: '5' })), /for deadline/)
  refused(() => checkRunOptions({ priority: NaN }), /for priority/)
  refused(() => checkRunOptions(any({ signal: 'x' })), /an AbortSignal/)
  refused(() => checkRunOptions(any({ into: [] })), /an object for into/)
  refused(() => checkRunOptions(any({ timeout: 5 })), /Unknown option "timeout" of run/)
  refused(() => checkRunOptions(any(null)), /an object for the options of run but received null/)
})

test('build: a batch is checked, and its defaults are 1 and the largest', () => {
  assert.equal(resolveBuildOptions({ batch: 8 }).batch, { max: 8 })
  assert.equal(resolveBuildOptions({ batch: { max: 8 } }).batch, { min: 1, opt: 8, max: 8 })
  refused(() => resolveBuildOptions({ batch: { min: 4, max: 2 } }), /an integer from 0 to 2 for batch\.min/)
  refused(() => resolveBuildOptions({ batch: 8, shapes: {} }), /batch, or shapes, or profiles/)
})

test.run()
