// @timeout 300
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { tryAll, usesOf } from '../support/fault-matrix.js'
import { simulator, useSimulator } from '../support/simulator.js'

const backend = useSimulator('trt10')
const test = suite('faults of every CUDA call')
const invalidValue = 1
const outOfMemory = 2
const illegalAddress = 700

/** Calls that ask what is there: where they fail, the backend cannot be used. */
const asks = /^cuda(Driver|Runtime|GetDevice|DeviceGet|MemGetInfo)/

test('a call that fails: the right code or the right answer, nothing left behind, the next program works', async () => {
  const uses = await usesOf(backend, /^cuda(?!GetLastError|PeekAtLastError)/)
  assert.ok(uses.length >= 25, `only ${uses.length} calls are used`)
  await tryAll(backend, uses, (call) => ({
    code: invalidValue,
    allowed: asks.test(call) ? ['right', 'TRT_ERR_DEVICE', 'TRT_ERR_UNAVAILABLE'] : ['right', 'TRT_ERR_DEVICE'],
  }))
})

test('no memory: told as that, wherever it comes from', async () => {
  const uses = await usesOf(backend, /^cuda(Malloc|HostAlloc|MallocAsync|MallocHost)$/)
  await tryAll(backend, uses, () => ({ code: outOfMemory, allowed: ['TRT_ERR_OUT_OF_MEMORY'] }))
})

test('what fails on the device after its call has returned is a lost device, until everything on it is closed', async () => {
  const uses = await usesOf(backend, /^async:/)
  await tryAll(backend, uses, () => ({ code: illegalAddress, allowed: ['TRT_ERR_DEVICE_LOST'] }))
})

test('a sticky error of any call in a run is a lost device', async () => {
  const uses = await usesOf(backend, /^cuda(MemcpyAsync|EventRecord|EventSynchronize|GraphLaunch|StreamWaitEvent)$/)
  await tryAll(backend, uses, () => ({ code: illegalAddress, allowed: ['TRT_ERR_DEVICE_LOST'] }))
})

test('no rule of the hardware was broken meanwhile', () => {
  assert.equal(simulator.violations(), {})
})

test.run()
