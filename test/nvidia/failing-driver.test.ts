// @timeout 300
import * as assert from 'uvu/assert'
import type { CudaReport, Diagnosis } from '../../lib/doctor/diagnosis.js'
import { withDriver } from '../support/nvidia.js'
import { suite } from '../support/suite.js'

const test = suite('a driver that fails')

interface Told {
  backend: { usable: boolean; canBuild: boolean; reason: string; remedy: string }
  cuda: CudaReport
}

/** Documented answers of cuInit, and what users are told. */
const answers: readonly (readonly [code: number, told: RegExp])[] = [
  [100, /no GPU|no CUDA device/i],
  [802, /not ready|fabric/i],
  [804, /compat/i],
  [999, /unknown|999/i],
]

for (const [code, told] of answers) {
  test(`cuInit answers ${code}: doctor and the backend say what it means`, async () => {
    const { backend, cuda } = await withDriver<Told>('driver.ts', { CU_INIT: String(code) })
    assert.is(cuda.code, code)
    assert.match(cuda.error ?? '', told)
    assert.equal([backend.usable, backend.canBuild], [false, true])
    assert.match(backend.reason, told)
    assert.is.not(backend.remedy, null)
  })
}

test('a driver too old for the runtime is told with its version', async () => {
  const { backend, cuda } = await withDriver<Told>('driver.ts', { CU_INIT: '0', CU_DRIVER: '12000' })
  assert.is(cuda.code, 35)
  assert.match(backend.reason, /12\.0/)
})

test('a driver that hangs: doctor ends, and says so', async () => {
  const { cuda, backends, verdict } = await withDriver<Diagnosis>('diagnose.ts', { CU_INIT: 'hang' })
  assert.match(cuda?.error ?? '', 'the NVIDIA driver does not answer: cuInit hangs (no answer within 10 s)')
  assert.match(backends.find(({ name }) => name === 'tensorrt-rtx')!.reason ?? '', 'no answer within 10 s')
  assert.match(verdict.summary, 'cuInit hangs')
})

test('a driver that hangs is not noticed by the event loop, and does not keep the process', async () => {
  const { settled, longestMs } = await withDriver<{ settled: boolean; longestMs: number }>('responsive.ts', { CU_INIT: 'hang' })
  assert.is(settled, false)
  assert.ok(longestMs < 250, `a turn of the event loop took ${longestMs} ms`)
})

test('a driver that hangs: a build is aborted at once, and the process ends by itself', async () => {
  const { code, ms } = await withDriver<{ code: string; ms: number }>('aborted.ts', { CU_INIT: 'hang' })
  assert.is(code, 'TRT_ERR_ABORTED')
  assert.ok(ms < 250, `the promise was rejected after ${ms} ms`)
})

test('a driver that hangs: without a signal the question ends by itself, with a remedy, and the process ends', async () => {
  const patience = { CU_INIT: 'hang', TENSORRT_NODE_PROBE_TIMEOUT: '1500' }
  const { code, message } = await withDriver<{ code: string; message: string }>('patience.ts', patience)
  assert.is(code, 'TRT_ERR_UNAVAILABLE')
  assert.match(message, 'the NVIDIA driver does not answer: no answer within 1.5 s. Look at nvidia-smi')
})

test.run()
