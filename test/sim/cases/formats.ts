import * as assert from 'uvu/assert'
import { type DeviceBackend, echoOn } from '../../support/device.js'
import { rejection } from '../../support/failure.js'
import { quiet, simulator } from '../../support/simulator.js'
import type { Cases } from './cases.js'

const formats: readonly (readonly [packed: string, told: RegExp])[] = [
  ['x=CHW32', /"?x'? has the memory format 'Thirty-two wide .*', which packs 32 values/],
  ['y=CHW32', /'y' has the memory format .* packs 32 values along one dimension\. Build the engine with linear inputs and outputs/],
  ['x=HWC', /'x' has the memory format 'Channel major format', which is not the order of its dimensions/],
]

export const formatCases: Cases = formats.map(
  ([packed, told]) =>
    [
      `formats: ${packed} is refused by name when the engine is loaded, and nothing is left behind`,
      async (backend: DeviceBackend) => {
        const before = simulator.live()
        simulator.set('packed', packed)
        const error = await rejection(echoOn(backend))
        simulator.set('packed', '')
        assert.is(error.code, 'TRT_ERR_UNSUPPORTED')
        assert.match(error.message, told)
        assert.is(await quiet(before), null)
        await using engine = await echoOn(backend)
        assert.is(engine.inputs[0]!.name, 'x')
      },
    ] as const,
)
