import * as fc from 'fast-check'
import * as assert from 'uvu/assert'
import { autoCandidates, chooseMethod } from '../../../../lib/onnx/calibration/choose-method.js'
import { Split } from '../../../../lib/onnx/calibration/split.js'
import { rejection } from '../../../support/failure.js'
import { suite } from '../../../support/suite.js'

const test = suite('choice of a method')

test('the least error wins, and the table says what each gave', async () => {
  const errors = { percentile: 3, mse: 1, minmax: 1, entropy: Number.NaN }
  const { chosen, results } = await chooseMethod(autoCandidates, async ({ method }) => errors[method])
  assert.is(chosen.method, 'mse')
  assert.equal(
    results.map(({ method, chosen: isChosen }) => `${method} ${isChosen}`),
    ['percentile 99.999 false', 'mse true', 'minmax false', 'percentile 99.99 false', 'entropy false'],
  )
})

test('errors that are no numbers are never chosen', async () => {
  const error = await rejection(chooseMethod(autoCandidates, async () => Number.NaN))
  assert.is(error.code, 'TRT_ERR_INVALID_ARGUMENT')
  assert.match(error.message, 'mse: NaN')
})

async function divided(count: number, options: ConstructorParameters<typeof Split<number>>[1] = {}) {
  const split = new Split(
    Array.from({ length: count }, (_, i) => i),
    options,
  )
  const calibration: number[] = []
  for await (const sample of split) calibration.push(sample)
  return { calibration, heldOut: split.heldOut() }
}

test('every fourth sample is held out', async () => {
  assert.equal(await divided(10), { calibration: [0, 2, 3, 4, 6, 7, 8], heldOut: [1, 5, 9] })
})

test('a single sample has to do for both', async () => {
  assert.equal(await divided(1), { calibration: [0], heldOut: [0] })
})

test('too many that are held out are thinned, and go to the calibration', async () => {
  const { calibration, heldOut } = await divided(20, { most: 2 })
  assert.equal(heldOut, [1, 17])
  assert.is(calibration.length, 18)
})

test('each sample is in one of the two, and never more are held out than allowed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 300 }),
      fc.integer({ min: 2, max: 9 }),
      fc.integer({ min: 1, max: 8 }),
      async (count, every, most) => {
        const { calibration, heldOut } = await divided(count, { every, most })
        assert.equal(
          [...calibration, ...heldOut].sort((a, b) => a - b),
          Array.from({ length: count }, (_, i) => i),
        )
        assert.ok(heldOut.length >= 1 && heldOut.length <= most)
      },
    ),
  )
})

test('memory is a limit, too', async () => {
  const { heldOut } = await divided(40, { mostBytes: 30, bytesOf: () => 10 })
  assert.ok(heldOut.length <= 3)
})

test.run()
