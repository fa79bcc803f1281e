import * as fc from 'fast-check'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { Reader, wire } from '../../../lib/onnx/wire.js'
import { Writer } from '../../../lib/onnx/writer.js'
import { failure } from '../../support/failure.js'

const test = suite('onnx wire')
const bytes = (...values: number[]) => Uint8Array.from(values)
const first = (source: Uint8Array) => {
  const reader = new Reader(source)
  assert.ok(reader.next())
  return reader
}
const refusal = (source: Uint8Array, read: (reader: Reader) => unknown = (reader) => reader.skip()) => failure(() => read(first(source)))

test('reads the example of the protobuf manual: field 1 = 150', () => {
  const reader = first(bytes(0x08, 0x96, 0x01))
  assert.equal([reader.field, reader.type, reader.int64()], [1, wire.varint, 150n])
  assert.not.ok(reader.next())
})

test('writes what it reads', () => {
  assert.equal(new Writer().int64(1, 150).text(2, 'testing').finish(), bytes(8, 150, 1, 18, 7, ...Buffer.from('testing')))
})

test('int64 is exact from end to end', () => {
  for (const value of [0n, 1n, 127n, 128n, 2n ** 53n + 1n, 2n ** 63n - 1n, -1n, -(2n ** 63n)]) {
    assert.is(first(new Writer().int64(1, value).finish()).int64(), value)
  }
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      (value) => first(new Writer().int64(1, value).finish()).int64() === value,
    ),
    { seed: 1 },
  )
})

test('a negative int32 comes in ten bytes and is read from the low 32 bits', () => {
  assert.is(first(new Writer().int64(1, -5).finish()).int32(), -5)
})

test('bits of a varint beyond 64 are dropped, as protobuf drops them', () => {
  assert.is(first(bytes(8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)).int64(), -1n)
})

test('a varint of eleven bytes, a cut one and an empty one are refused at their offset', () => {
  assert.is(refusal(bytes(8, ...Array(10).fill(0x80), 0)).details.offset, 1)
  assert.is(refusal(bytes(8, 0x80)).details.offset, 1)
  assert.is(refusal(bytes(8)).code, 'TRT_ERR_MODEL')
})

test('a length beyond the message is refused, however large', () => {
  assert.is(refusal(bytes(0x0a, 5, 1, 2)).code, 'TRT_ERR_MODEL')
  assert.is(refusal(bytes(0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1)).code, 'TRT_ERR_MODEL')
})

test('an inner message cannot read beyond its end into the outer one', () => {
  const reader = first(bytes(0x0a, 2, 0x0a, 3, 1, 2, 3))
  const inner = reader.message()
  assert.ok(inner.next())
  assert.is(failure(() => inner.bytes()).details.offset, 3)
})

test('fixed fields that are cut are refused', () => {
  assert.is(refusal(bytes(0x09, 1, 2, 3, 4)).code, 'TRT_ERR_MODEL')
  assert.is(refusal(bytes(0x0d, 1, 2, 3)).code, 'TRT_ERR_MODEL')
})

test('groups, unknown wire types and field number 0 are refused', () => {
  for (const type of [3, 4, 6, 7]) assert.is(refusal(bytes(8 | type, 0)).code, 'TRT_ERR_MODEL')
  assert.is(failure(() => new Reader(bytes(0x00, 0)).next()).code, 'TRT_ERR_MODEL')
  assert.is(failure(() => new Reader(bytes(0x80, 0x80, 0x80, 0x80, 0x80, 1, 0)).next()).code, 'TRT_ERR_MODEL')
})

test('a field of another wire type than asked for is refused', () => {
  const error = refusal(bytes(8, 1), (reader) => reader.bytes())
  assert.is(error.code, 'TRT_ERR_MODEL')
  assert.match(error.message, 'field 1 with wire type 2')
})

test('values that nobody takes are skipped', () => {
  const source = new Writer()
    .int64(1, 2 ** 40)
    .float(2, 1)
    .text(3, 'skipped')
    .raw(bytes(0x21, 1, 2, 3, 4, 5, 6, 7, 8))
    .int64(5, 7)
    .finish()
  const reader = new Reader(source)
  const fields = []
  while (reader.next()) fields.push(reader.field)
  assert.equal(fields, [1, 2, 3, 4, 5])
})

test('fields copied as they stand make the same message, byte for byte', () => {
  const overlong = bytes(0x88, 0x00, 0x81, 0x00)
  const source = new Writer().raw(overlong).float(2, 1).text(300, 'unknown').bytes(4, new Uint8Array(3000)).finish()
  const copy = new Writer()
  const reader = new Reader(source)
  while (reader.next()) copy.raw(reader.raw())
  assert.equal(copy.finish(), source)
})

test('nesting deeper than protobuf allows is refused', () => {
  let message = new Writer()
  for (let level = 0; level < 101; level++) message = new Writer().message(1, message)
  const descend = (reader: Reader): number => (reader.next() ? descend(reader.message()) : reader.depth)
  assert.is(failure(() => descend(new Reader(message.finish()))).code, 'TRT_ERR_MODEL')
  assert.is(descend(new Reader(message.finish().subarray(first(message.finish()).message().start))), 100)
})

test('bytes are views of the source, not copies', () => {
  const source = new Writer().bytes(1, bytes(1, 2, 3)).finish()
  const view = first(source).bytes()
  assert.is(view.buffer, source.buffer)
  assert.equal(view, bytes(1, 2, 3))
})

test('repeated numbers are read one by one and packed', () => {
  const packed = new Writer().bytes(1, bytes(1, 0x96, 1)).finish()
  const single = new Writer().int64(1, 1).int64(1, 150).finish()
  for (const source of [packed, single]) {
    const values: bigint[] = []
    const reader = new Reader(source)
    while (reader.next()) reader.int64s((value) => values.push(value))
    assert.equal(values, [1n, 150n])
  }
  const floats: number[] = []
  first(new Writer().bytes(1, new Uint8Array(Float32Array.of(0.5, -2).buffer)).finish()).floats((value) => floats.push(value))
  assert.equal(floats, [0.5, -2])
})

test('packed numbers that end inside of a number are refused', () => {
  assert.is(refusal(bytes(0x0a, 2, 1, 0x80, 0), (reader) => reader.int64s(() => {})).code, 'TRT_ERR_MODEL')
  assert.is(refusal(bytes(0x0a, 3, 0, 0, 0, 0), (reader) => reader.floats(() => {})).code, 'TRT_ERR_MODEL')
})

test('names must be UTF-8 without NUL; text for people may be anything', () => {
  const latin = new Writer().bytes(1, bytes(0x63, 0xe9)).finish()
  assert.is(refusal(latin, (reader) => reader.name()).code, 'TRT_ERR_MODEL')
  assert.is(first(latin).text(), 'c\ufffd')
  assert.is(refusal(new Writer().text(1, 'a\0b').finish(), (reader) => reader.name()).code, 'TRT_ERR_MODEL')
  assert.is(first(new Writer().text(1, '\ufeffx').finish()).name(), '\ufeffx')
})

test('bytes may lie in shared memory, and anywhere in their buffer', () => {
  const source = new Writer().text(1, 'name').float(2, 0.25).finish()
  const shared = new Uint8Array(new SharedArrayBuffer(source.length + 3), 3)
  shared.set(source)
  const reader = first(shared)
  assert.is(reader.name(), 'name')
  assert.ok(reader.next())
  assert.is(reader.float(), 0.25)
})

test('taking a value twice is an internal error, not the next field', () => {
  const reader = first(bytes(8, 1, 8, 2))
  reader.int64()
  assert.is(failure(() => reader.int64()).code, 'TRT_ERR_INTERNAL')
})

test('large byte fields stay views until the end, and the length is known before', () => {
  const weights = new Uint8Array(5000).fill(7)
  const writer = new Writer().int64(1, 1).message(2, new Writer().bytes(3, weights).text(4, 'after'))
  assert.is(writer.length, 2 + 3 + 3 + 5000 + 7)
  assert.ok(writer.chunks().some((chunk) => chunk.buffer === weights.buffer))
  const whole = writer.finish()
  assert.is(whole.length, writer.length)
  assert.equal(whole, Uint8Array.from(Buffer.concat(writer.chunks())))
})

test('random bytes are walked to the end or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (source) => {
      try {
        const reader = new Reader(source)
        while (reader.next()) assert.ok(reader.at < source.length)
      } catch (error) {
        assert.is((error as { code?: unknown }).code, 'TRT_ERR_MODEL')
      }
    }),
    { seed: 1, numRuns: 2000 },
  )
})

test.run()
