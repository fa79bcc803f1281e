// @timeout 300
import { fileURLToPath } from 'node:url'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'
import { end, endings } from '../support/endings.js'
import { isSimulated, simulatedBytesPerUs } from '../support/device.js'
import { deviceUnderTest } from '../support/simulator.js'

// The children inherit the environment.
const backend = deviceUnderTest('trt10', { bytesPerUs: simulatedBytesPerUs })
const test = suite(`exit matrix on ${backend}`)
const child = fileURLToPath(new URL('fixtures/exit-child.ts', import.meta.url))

/** `npm run verify:gpu -- --quick` only wants to see that they run. */
const quick = process.env['TENSORRT_NODE_TEST_QUICK'] === '1'
const quickWays: ReadonlySet<string> = new Set(['normal', 'exit', 'terminate'])

/** With the question under way, and after it was aborted: then nothing keeps the process. */
const hanging = [
  ['asking', ['exit', 'throw', 'sigterm', 'terminate']],
  ['left', ['normal', 'exit', 'throw', 'sigterm', 'terminate']],
] as const

for (const state of quick ? ['busy'] : ['idle', 'busy']) {
  for (const [way, { code, signal }] of Object.entries(endings)) {
    // With nothing in flight the ways differ only in what Node does.
    if ((state === 'idle' || quick) && !quickWays.has(way)) continue
    test(`${state}: ${way}`, async () => {
      const ending = await end(child, [backend, state, way])
      assert.equal([ending.code, ending.signal], [code, signal], ending.output)
      if (way === 'normal' && state === 'busy') assert.is(ending.output.split('done').length - 1, 3, 'a normal end waits for the results')
      else assert.ok(ending.ms < 2500, `ended ${ending.ms.toFixed(0)} ms after it was told to: ${ending.output}`)
    })
  }
}

for (const way of quick ? [] : ['exit', 'sigterm', 'terminate']) {
  test(`a build in progress does not hold up the end: ${way}`, async () => {
    // Only the simulator can be told to take its time.
    const slowly = isSimulated() ? { TENSORRT_SIM: 'buildStepNs=200000000' } : {}
    const ending = await end(child, [backend, 'building', way], slowly)
    assert.equal([ending.code, ending.signal], [endings[way]!.code, endings[way]!.signal], ending.output)
    assert.ok(ending.ms < 2500, `ended ${ending.ms.toFixed(0)} ms after it was told to: ${ending.output}`)
  })
}

// Only a simulator that this file has chosen has such a driver: the child has to know its flavour.
for (const [state, which] of process.env['TENSORRT_NODE_TEST_SUBJECTS'] === undefined ? hanging : []) {
  for (const way of which) {
    test(`a driver that does not answer does not hold up the end, ${state}: ${way}`, async () => {
      const ending = await end(child, [backend, state, way], { TENSORRT_SIM: 'driver=hang' })
      assert.equal([ending.code, ending.signal], [endings[way]!.code, endings[way]!.signal], ending.output)
      assert.ok(ending.ms < 2500, `ended ${ending.ms.toFixed(0)} ms after it was told to: ${ending.output}`)
      if (state === 'left') assert.match(ending.output, /TRT_ERR_ABORTED/)
    })
  }
}

test.run()
