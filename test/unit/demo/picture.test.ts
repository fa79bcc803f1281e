import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PNG } from 'pngjs'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { drawLine } from '../../../scripts/demo/draw.js'
import { encodePng, readPng } from '../../../scripts/demo/picture.js'

const test = suite('demo: picture')
const folder = mkdtempSync(join(tmpdir(), 'demo-picture-'))
test.after(() => rmSync(folder, { recursive: true }))

function file(name: string, content: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

async function failure(path: string): Promise<string> {
  return readPng(path).then(
    () => 'no failure',
    (error: Error) => error.message,
  )
}

test('a PNG comes back as it was written', async () => {
  const picture = { width: 2, height: 1, rgb: Uint8Array.of(1, 2, 3, 250, 251, 252) }
  assert.equal(await readPng(file('two.png', encodePng(picture))), picture)
})

test('what is transparent becomes white', async () => {
  const data = Buffer.from([10, 20, 30, 0, 100, 100, 100, 255])
  const path = file('clear.png', PNG.sync.write({ width: 2, height: 1, data }))
  assert.equal((await readPng(path)).rgb, Uint8Array.of(255, 255, 255, 100, 100, 100))
})

test('the committed picture is the one that our script draws', async () => {
  const committed = fileURLToPath(new URL('../../../scripts/demo/line.png', import.meta.url))
  assert.equal(await readPng(committed), drawLine('TensorRT in Node 2026'))
})

test('a character without a glyph is named', () => {
  assert.throws(() => drawLine('5 €'), /no glyph for "€" \(U\+20AC\)/)
})

test('a missing file and a folder are told apart', async () => {
  assert.match(await failure(join(folder, 'none.png')), /cannot read the picture .*none\.png: there is no such file/)
  assert.match(await failure(folder), /cannot read the picture .*: it is a folder/)
})

test('other formats are named, whatever the file is called', async () => {
  assert.match(await failure(file('a.png', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0))), /a\.png is a JPEG, and the demo reads PNG only/)
  assert.match(await failure(file('b.png', Buffer.from('RIFF\0\0\0\0WEBP'))), /is a WebP picture/)
  assert.match(await failure(file('c.png', Buffer.from('GIF89a'))), /is a GIF/)
  assert.match(await failure(file('d.png', new Uint8Array(0))), /is not a PNG/)
})

test('a PNG that stops half-way is damaged', async () => {
  const whole = encodePng(drawLine('Hi'))
  assert.match(await failure(file('half.png', whole.subarray(0, whole.length / 2))), /half\.png begins like a PNG but is damaged/)
  assert.match(await failure(file('head.png', whole.subarray(0, 8))), /is damaged/)
})

test.run()
