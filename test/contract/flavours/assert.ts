import * as assert from 'uvu/assert'
import { echoOn } from '../../support/device.js'
import { type SimFlavour, simLibraries } from '../../support/sim.js'
import { simulator } from '../../support/simulator.js'

/** Versions that each shape of the ABI serves. */
const versions: Readonly<Record<SimFlavour, RegExp>> = { trt10: /^10\./, trt11: /^11\./, rtx10: /^1\.[0-4]\b/, rtx11: /^1\.([5-9]|\d\d)/ }

export async function assertSimulated(flavour: SimFlavour): Promise<void> {
  const { backend } = simLibraries(flavour)
  await using engine = await echoOn(backend)
  assert.is(engine.backend.name, backend)
  assert.match(engine.backend.version ?? '', versions[flavour])
  assert.ok((simulator.calls()['IExecutionContext::enqueueV3'] ?? 0) > 0, 'nothing has run on the simulator')
  assert.equal(simulator.violations(), {})
}
