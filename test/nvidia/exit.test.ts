// @timeout 300
// @serial
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { end, endings } from '../support/endings.js'
import { rtx } from '../support/nvidia.js'
import { suite } from '../support/suite.js'

const test = suite(`TensorRT-RTX ${rtx.version}: the process ends while it builds`)
const child = fileURLToPath(new URL('fixtures/exit-child.ts', import.meta.url))

// Its destructors under its own threads: "pure virtual method called" while it loads, SIGSEGV or a join without end later.
for (const point of ['loading', 'parse', 'Building engine', 'Timing graph nodes', 'Determining refit engines']) {
  for (const way of ['exit', 'throw', 'sigterm']) {
    test(`${point}: ${way}`, async () => {
      const ending = await end(child, [point, way])
      const { code, signal } = endings[way]!
      assert.is(ending.code, code, ending.output)
      assert.is(ending.signal, signal, ending.output)
      assert.ok(ending.output.includes('ready'), ending.output)
      assert.ok(ending.ms < 5000, `ended ${ending.ms.toFixed(0)} ms after it was told to`)
    })
  }
}

test.run()
