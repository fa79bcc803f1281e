import { createHash } from 'node:crypto'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { formatHead, isEngineFile, readHeader, requireIntact } from '../../../lib/engine/engine-file.js'
import type { EngineHeader } from '../../../lib/engine/engine-header.js'
import { failure } from '../../support/failure.js'
import { engineBytes, engineHeader } from '../../support/engine-bytes.js'

const test = suite('engine-file')
const payload = Buffer.from('the payload')
const good = engineBytes(payload)
const refused = (bytes: Uint8Array, message: RegExp) => {
  const error = failure(() => readHeader(bytes))
  assert.is(error.code, 'TRT_ERR_ENGINE')
  assert.match(error.message, message)
}
const changed = (at: number, value: number) => {
  const bytes = Buffer.from(good)
  bytes[at] = value
  return bytes
}

test('what is written is read', () => {
  const read = readHeader(good)
  assert.equal(read.header, engineHeader(payload))
  assert.equal(Buffer.from(read.payload), payload)
  assert.ok(isEngineFile(good))
})

test('the payload begins at a multiple of 64', () => {
  for (let length = 0; length < 70; length++) {
    const head = formatHead({ ...engineHeader(payload), labels: { pad: 'x'.repeat(length) } })
    assert.is(head.length % 64, 0)
  }
})

test('every single byte before the payload is covered: any change is noticed', () => {
  const end = good.length - payload.length
  for (let at = 0; at < end; at++) {
    const error = failure(() => readHeader(changed(at, good[at]! ^ 0x40)))
    assert.is(error.code, 'TRT_ERR_ENGINE', `byte ${at}`)
  }
})

test('a changed payload is noticed by its checksum', () => {
  const { header } = readHeader(good)
  requireIntact(header, createHash('sha256').update(payload).digest('hex'))
  const error = failure(() => requireIntact(header, createHash('sha256').update('other').digest('hex')))
  assert.is(error.code, 'TRT_ERR_ENGINE')
  assert.match(error.message, /payload of the engine file is damaged/)
})

test('cut at any length, it is refused', () => {
  for (let length = 1; length < good.length; length++) {
    const error = failure(() => readHeader(good.subarray(0, length)))
    assert.is(error.code, 'TRT_ERR_ENGINE')
    assert.match(error.message, /cut short: expected \d+ bytes, received \d+/)
  }
})

test('bytes after its end are refused', () => {
  refused(Buffer.concat([good, Buffer.from('x')]), /goes on after its end: expected \d+ bytes, received \d+/)
})

test('empty, foreign and future files are told apart', () => {
  refused(Buffer.alloc(0), /is empty/)
  refused(Buffer.from('ftrt and then some'), /a bare TensorRT plan/)
  refused(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), /a PNG picture/)
  refused(Buffer.from([1, 2, 3, 4, 5, 6, 7, 8, 9]), /data that begins with the bytes 0102030405060708/)
  refused(changed(8, 2), /format version 2; this tensorrt-node reads version 1\. Update tensorrt-node/)
  refused(changed(8, 0), /format version 0.*Build the engine again/)
})

test('sizes in the prefix are believed only as far as the file goes', () => {
  const huge = Buffer.from(good)
  huge.writeUInt32LE(0xffffffff, 12)
  refused(huge, /do not fit together/)
  const far = Buffer.from(good)
  far.writeBigUInt64LE(2n ** 64n - 1n, 24)
  refused(far, /cut short/)
})

test('a damaged header is told from a faulty one', () => {
  refused(changed(70, 0), /header of the engine file is damaged: its checksum/)
  const without = { ...engineHeader(payload), source: undefined } as unknown as EngineHeader
  refused(Buffer.concat([formatHead(without), payload]), /no sound member "source"/)
  const negative = { ...engineHeader(payload), inputs: [{ name: 'x', type: 'float32', shape: [-2], dimNames: [''] }] } as EngineHeader
  refused(Buffer.concat([formatHead(negative), payload]), /no sound member "inputs"/)
})

test.run()
