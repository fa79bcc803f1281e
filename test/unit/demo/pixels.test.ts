import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import type { Picture } from '../../../scripts/demo/picture.js'
import { normalise, resize, taps, toInput } from '../../../scripts/demo/pixels.js'

const test = suite('demo: pixels')

/** A picture of greys, given row by row. */
function greys(...rows: readonly number[][]): Picture {
  return { width: rows[0]?.length ?? 0, height: rows.length, rgb: Uint8Array.from(rows.flat().flatMap((grey) => [grey, grey, grey])) }
}

function blank(width: number, height: number): Picture {
  return { width, height, rgb: new Uint8Array(3 * width * height) }
}

test('the same size changes nothing', () => {
  assert.equal(resize(greys([1, 2], [3, 4]), 2, 2), greys([1, 2], [3, 4]))
})

test('twice as wide: the new pixels lie a quarter and three quarters of the way, the ends stay', () => {
  assert.equal(resize(greys([0, 100]), 4, 1), greys([0, 25, 75, 100]))
})

test('twice as high works the same way', () => {
  assert.equal(resize(greys([0], [100]), 1, 4), greys([0], [25], [75], [100]))
})

test('shrinking looks at every pixel: the triangle of 4 pixels to 2 weighs 3, 3, 1', () => {
  assert.equal(taps(4, 2), [
    { first: 0, weights: [3 / 7, 3 / 7, 1 / 7] },
    { first: 1, weights: [1 / 7, 3 / 7, 3 / 7] },
  ])
  assert.equal(resize(greys([0, 0, 70, 140]), 2, 1), greys([10, 90]))
})

test('colours stay apart', () => {
  const red = { width: 1, height: 1, rgb: Uint8Array.of(200, 0, 0) }
  assert.equal(resize(red, 2, 1).rgb, Uint8Array.of(200, 0, 0, 200, 0, 0))
})

test('black becomes −1, white 1, and the planes are blue, green, red', () => {
  const yellow = { width: 1, height: 1, rgb: Uint8Array.of(255, 255, 0) }
  assert.equal(normalise(yellow, 1), Float32Array.of(-1, 1, 1))
})

test('padding to the right is 0, in every row of every plane', () => {
  assert.equal(normalise(greys([255], [0]), 2), Float32Array.of(1, 0, -1, 0, 1, 0, -1, 0, 1, 0, -1, 0))
})

test('a picture is scaled to 48 rows and padded to a multiple of 8 columns', () => {
  assert.equal(toInput(blank(202, 96)).shape, [1, 3, 48, 104])
  assert.equal(toInput(blank(24, 12)).shape, [1, 3, 48, 96])
  assert.is(toInput(blank(24, 12)).data.length, 3 * 48 * 96)
})

test('a narrow picture is padded to the smallest width', () => {
  assert.equal(toInput(blank(1, 48)).shape, [1, 3, 48, 32])
})

test('a line of up to 50 times its height is taken, a longer one is refused', () => {
  assert.equal(toInput(blank(50, 1)).shape, [1, 3, 48, 2400])
  assert.throws(() => toInput(blank(51, 1)), /the picture is 51 × 1: a line may be 50 times as wide as high/)
})

test.run()
