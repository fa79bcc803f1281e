import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PNG } from 'pngjs'
import * as assert from 'uvu/assert'
import { writeNpy } from '../../../../lib/core/npy.js'
import { writeNpz } from '../../../../lib/core/npz.js'
import { arrays } from '../../../../lib/engine/precision/sources/arrays.js'
import type { ImageOptions } from '../../../../lib/engine/precision/sources/image-options.js'
import { images } from '../../../../lib/engine/precision/sources/images.js'
import type { GivenSample } from '../../../../lib/onnx/calibration/sample.js'
import { failure, rejection } from '../../../support/failure.js'
import { suite } from '../../../support/suite.js'
import { resolveImageOptions } from '../../../../lib/engine/precision/sources/image-options.js'

const test = suite<{ folder: string }>('sources of samples')

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'samples-'))
})
test.after.each(({ folder }) => rmSync(folder, { recursive: true }))

/** Two pixels beside each other. */
function picture(file: string, left: readonly number[], right: readonly number[]): void {
  writeFileSync(file, PNG.sync.write({ width: 2, height: 1, data: Buffer.from([...left, 255, ...right, 255]) }))
}

async function all(samples: AsyncIterable<GivenSample>): Promise<GivenSample[]> {
  const list: GivenSample[] = []
  for await (const sample of samples) list.push(sample)
  return list
}

const facts = (sample: GivenSample) => ({ shape: sample['shape'], data: [...(sample['data'] as unknown as Float32Array)] })
const size = { width: 2, height: 1 }

test('pictures come in the order of their names, planes of the channels, 255 as 1', async ({ folder }) => {
  picture(join(folder, 'b.png'), [255, 0, 0], [0, 0, 255])
  picture(join(folder, 'a.png'), [0, 255, 0], [255, 255, 255])
  writeFileSync(join(folder, 'notes.txt'), 'no picture')
  const found = await images(folder, { size })
  const [a, b] = await all(found)
  assert.is(found.size, 2)
  assert.equal(facts(a!), { shape: [1, 3, 1, 2], data: [0, 1, 1, 1, 0, 1] })
  assert.equal(facts(b!), { shape: [1, 3, 1, 2], data: [1, 0, 0, 0, 0, 1] })
})

const asTaken: readonly [what: string, options: Partial<ImageOptions>, shape: number[], data: number[]][] = [
  ['pixel after pixel', { layout: 'nhwc' }, [1, 1, 2, 3], [1, 0, 0, 0, 0, 1]],
  ['blue first', { order: 'bgr', layout: 'nhwc' }, [1, 1, 2, 3], [0, 0, 1, 1, 0, 0]],
  ['with alpha', { order: 'rgba', layout: 'nhwc' }, [1, 1, 2, 4], [1, 0, 0, 1, 0, 0, 1, 1]],
  ['as bytes', { type: 'uint8', layout: 'nhwc' }, [1, 1, 2, 3], [255, 0, 0, 0, 0, 255]],
  ['with mean and deviation', { mean: 0.5, std: [0.5, 1, 0.25] }, [1, 3, 1, 2], [1, -1, -0.5, -0.5, -2, 2]],
  ['with a scale of its own', { scale: 1, std: 255 }, [1, 3, 1, 2], [1, 0, 0, 0, 0, 1]],
]
for (const [what, options, shape, data] of asTaken) {
  test(`a picture ${what}`, async ({ folder }) => {
    const file = join(folder, 'one.png')
    picture(file, [255, 0, 0], [0, 0, 255])
    const [sample] = await all(await images([file], { size, ...options }))
    const found = facts(sample!)
    assert.equal(found.shape, shape)
    assert.ok(
      found.data.every((value, i) => Math.abs(value - data[i]!) < 1e-6),
      String(found.data),
    )
  })
}

test('a picture goes to the input that is named', async ({ folder }) => {
  picture(join(folder, 'a.png'), [0, 0, 0], [0, 0, 0])
  const [sample] = await all(await images(folder, { size, input: 'pixels' }))
  assert.equal(Object.keys(sample!), ['pixels'])
})

test('at most so many pictures, from all over', async ({ folder }) => {
  for (let i = 0; i < 6; i++) picture(join(folder, `${i}.png`), [i * 51, 0, 0], [0, 0, 0])
  const found = await images(folder, { size, most: 3, type: 'uint8' })
  assert.equal(
    (await all(found)).map((sample) => facts(sample).data[0]),
    [0, 102, 204],
  )
})

test('what is no picture is named', async ({ folder }) => {
  writeFileSync(join(folder, 'broken.png'), 'not a picture')
  const error = await rejection(images(folder, { size }).then(all))
  assert.is(error.code, 'TRT_ERR_FILE')
  assert.match(error.message, 'broken.png')
})

test('a folder without pictures, and none at all', async ({ folder }) => {
  assert.match((await rejection(images(folder, { size }))).message, 'has no picture: expected files ending in .jpg')
  assert.is((await rejection(images(join(folder, 'gone'), { size }))).code, 'TRT_ERR_FILE')
})

const wrongOptions: readonly [options: object, message: RegExp][] = [
  [{}, /Expected the size of pictures/],
  [{ size: 0 }, /for size/],
  [{ size: 4, means: 1 }, /Unknown option "means" of images\. Did you mean "mean"\?/],
  [{ size: 4, std: 0 }, /Expected no 0 in std/],
  [{ size: 4, mean: [1, 2] }, /Expected a number, or 3 for the channels/],
  [{ size: 4, order: 'grb' }, /for order/],
  [{ size: 4, type: 'uint8', mean: 1 }, /stay as they are/],
]
for (const [options, message] of wrongOptions) {
  test(`options ${JSON.stringify(options)} are refused`, () => {
    const error = failure(() => resolveImageOptions(options as ImageOptions))
    assert.is(error.code, 'TRT_ERR_INVALID_ARGUMENT')
    assert.match(error.message, message)
  })
}

const row = (...data: number[]) => ({ type: 'float32' as const, shape: [1, data.length], data: Float32Array.from(data) })

test('a recorded folder: a sample an archive, named as the inputs', async ({ folder }) => {
  writeFileSync(
    join(folder, '2.npz'),
    writeNpz(
      new Map([
        ['x', row(3, 4)],
        ['n', row(5)],
      ]),
    ),
  )
  writeFileSync(
    join(folder, '1.npz'),
    writeNpz(
      new Map([
        ['x', row(1, 2)],
        ['n', row(6)],
      ]),
    ),
  )
  const found = await arrays(folder)
  assert.equal(
    (await all(found)).map((sample) => Array.from((sample as Record<string, { data: Float32Array }>)['x']!.data)),
    [
      [1, 2],
      [3, 4],
    ],
  )
})

test('an array alone is a tensor alone, or for the input that is named', async ({ folder }) => {
  const file = join(folder, 'x.npy')
  writeFileSync(file, writeNpy(row(1, 2)))
  const [bare] = await all(await arrays(file))
  const [named] = await all(await arrays(file, { input: 'x' }))
  assert.equal([facts(bare!).data, Object.keys(named!)], [[1, 2], ['x']])
})

test('an array is cut into samples of so many rows, a rest left out', async ({ folder }) => {
  const file = join(folder, 'all.npz')
  const five = { type: 'float32' as const, shape: [5, 2], data: Float32Array.from({ length: 10 }, (_, i) => i) }
  writeFileSync(file, writeNpz(new Map([['x', five]])))
  const samples = (await all(await arrays(file, { rows: 2 }))) as unknown as Record<string, { shape: number[]; data: Float32Array }>[]
  assert.equal(
    samples.map(({ x }) => [x!.shape, Array.from(x!.data)]),
    [
      [
        [2, 2],
        [0, 1, 2, 3],
      ],
      [
        [2, 2],
        [4, 5, 6, 7],
      ],
    ],
  )
})

test('arrays of different lengths cannot be cut together', async ({ folder }) => {
  const file = join(folder, 'all.npz')
  writeFileSync(
    file,
    writeNpz(
      new Map([
        ['x', { ...row(1), shape: [1] }],
        ['y', { ...row(1, 2), shape: [2] }],
      ]),
    ),
  )
  assert.is((await rejection(arrays(file, { rows: 1 }).then(all))).code, 'TRT_ERR_SHAPE')
})

test('other files are refused', async ({ folder }) => {
  mkdirSync(join(folder, 'sub'))
  assert.is((await rejection(arrays(folder))).code, 'TRT_ERR_FILE')
  writeFileSync(join(folder, 'x.bin'), 'x')
  assert.match((await rejection(arrays(join(folder, 'x.bin')).then(all))).message, 'neither .npy nor .npz')
})

test.run()
