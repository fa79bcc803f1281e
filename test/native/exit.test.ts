// @timeout 300
import { fileURLToPath } from 'node:url'
import { end as endOf, endings } from '../support/endings.js'
import { suite } from '../support/suite.js'
import * as assert from 'uvu/assert'

const test = suite('exit matrix')
const child = fileURLToPath(new URL('fixtures/exit-child.ts', import.meta.url))
const end = (...args: string[]) => endOf(child, args)

for (const backend of ['scripted', 'cpu']) {
  for (const state of ['idle', 'busy']) {
    for (const [way, { code, signal }] of Object.entries(endings)) {
      test(`${backend}, ${state}: ${way}`, async () => {
        const ending = await end(backend, state, way)
        assert.is(ending.code, code, ending.output)
        assert.is(ending.signal, signal, ending.output)
        if (way === 'normal' && state === 'busy') assert.is(ending.output.split('done').length - 1, 3, 'a normal end waits for the results')
        else assert.ok(ending.ms < 2000, `ended ${ending.ms.toFixed(0)} ms after it was told to: ${ending.output}`)
      })
    }
  }
}

for (const way of ['exit', 'throw', 'terminate']) {
  test(`a run that cannot be interrupted does not hold up the end: ${way}`, async () => {
    const ending = await end('scripted', 'stubborn', way)
    assert.is(ending.code, endings[way]!.code, ending.output)
    assert.ok(ending.ms < 2000, `${ending.ms.toFixed(0)} ms: ${ending.output}`)
  })
  test(`a build in progress does not hold up the end: ${way}`, async () => {
    const ending = await end('scripted', 'building', way)
    assert.is(ending.code, endings[way]!.code, ending.output)
    assert.ok(ending.ms < 2000, `${ending.ms.toFixed(0)} ms: ${ending.output}`)
  })
}

test.run()
