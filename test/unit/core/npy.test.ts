import * as fc from 'fast-check'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { readNpy, writeNpy } from '../../../lib/core/npy.js'
import { failure } from '../../support/failure.js'
import { anyNpyArray, bitsOf, npyFile } from '../../support/npy.js'

const test = suite('npy')
const header = (descr: string, shape: string, fortran = 'False') =>
  `{'descr': ${descr}, 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`
const bytes = (...values: number[]) => Uint8Array.from(values)

test('reads back what it wrote: type, shape and every bit', () => {
  fc.assert(
    fc.property(anyNpyArray, (array) => {
      const read = readNpy(writeNpy(array))
      assert.equal([read.type, read.shape, bitsOf(read.data)], [array.type, array.shape, bitsOf(array.data)])
    }),
    { seed: 1, numRuns: 300 },
  )
})

test('writes the header of numpy, with the data at a multiple of 64', () => {
  const file = Buffer.from(writeNpy({ type: 'float32', shape: [3], data: Float32Array.of(1, 2, 3) }))
  assert.is(file.toString('latin1', 0, 8), '\x93NUMPY\x01\x00')
  assert.is(file.toString('latin1', 10, 10 + file.readUInt16LE(8)).trimEnd(), "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }")
  assert.is((10 + file.readUInt16LE(8)) % 64, 0)
  assert.is(file.readFloatLE(file.length - 4), 3)
})

test('reads a scalar as one element with no dimensions', () => {
  assert.equal(readNpy(npyFile(header("'|u1'", '()'), bytes(7))), { type: 'uint8', shape: [], data: Uint8Array.of(7) })
})

test('reads an empty array whose other sizes multiply beyond all numbers', () => {
  const huge = Array.from({ length: 40 }, () => 2 ** 52)
  assert.equal(readNpy(npyFile(header("'<f4'", `(${huge.join(', ')}, 0)`))).data, new Float32Array())
})

test('reads big-endian data', () => {
  assert.equal(readNpy(npyFile(header("'>i2'", '(2,)'), bytes(0, 1, 1, 0))).data, Int16Array.of(1, 256))
  assert.equal(readNpy(npyFile(header("'>u8'", '(1,)'), bytes(0, 0, 0, 0, 0, 0, 0, 9))).data, BigUint64Array.of(9n))
})

test('turns Fortran order into row-major order', () => {
  const columns = npyFile(header("'|u1'", '(2, 3)', 'True'), bytes(1, 4, 2, 5, 3, 6))
  assert.equal(readNpy(columns).data, Uint8Array.of(1, 2, 3, 4, 5, 6))
})

test('keeps the bits of a signalling NaN through a change of order', () => {
  const file = npyFile(header("'<f4'", '(1, 1)', 'True'), bytes(0x31, 0x19, 0xb8, 0x7f))
  assert.is(bitsOf(readNpy(file).data), '3119b87f')
})

test('reads the long integers of Python 2, keys in any order and double quotes', () => {
  const file = npyFile(`{"shape": (1L, 2L), "fortran_order": False, "descr": "<u2"}`, bytes(1, 0, 2, 0))
  assert.equal(readNpy(file), { type: 'uint16', shape: [1, 2], data: Uint16Array.of(1, 2) })
})

test('reads versions 2 and 3, whose header length takes four bytes', () => {
  const text = header("'|i1'", '(1,)')
  for (const version of [2, 3]) {
    const prefix = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, text.length, 0, 0, 0])
    assert.equal(readNpy(Buffer.concat([prefix, Buffer.from(text), bytes(255)])).data, Int8Array.of(-1))
  }
})

test('writes version 2 when the header outgrows two bytes of length', () => {
  const shape = Array.from({ length: 64 }, () => 1)
  const wide = readNpy(writeNpy({ type: 'bool', shape, data: Uint8Array.of(1) }))
  assert.equal(wide.shape, shape)
})

test('copies: the file is free to change afterwards, wherever it lies in its buffer', () => {
  const file = writeNpy({ type: 'float64', shape: [1], data: Float64Array.of(2.5) })
  const shifted = new Uint8Array(file.length + 3)
  shifted.set(file, 3)
  const read = readNpy(shifted.subarray(3))
  shifted.fill(0)
  assert.equal(read.data, Float64Array.of(2.5))
})

test('refuses what is no tensor with TRT_ERR_TYPE and its kind', () => {
  for (const descr of ["'|O'", "'|S3'", "'<U5'", "'<c8'", "'<M8[s]'", "'<f16'", "'|V8'", "[('a', '<f4')]", "''"]) {
    assert.is(failure(() => readNpy(npyFile(header(descr, '(1,)'), bytes(0, 0, 0, 0)))).code, 'TRT_ERR_TYPE', descr)
  }
  assert.throws(() => readNpy(npyFile(header("[('a', '<f4')]", '(1,)')), 'x.npy'), /x\.npy holds records/)
})

test('refuses damaged files with TRT_ERR_FILE', () => {
  const good = Buffer.from(writeNpy({ type: 'float32', shape: [2], data: Float32Array.of(1, 2) }))
  const damaged: Record<string, Uint8Array> = {
    empty: new Uint8Array(),
    'no magic': Buffer.from('P6 640 480 255 '),
    'inside the magic': good.subarray(0, 5),
    'inside the header': good.subarray(0, 40),
    'one byte short': good.subarray(0, good.length - 1),
    'one byte long': Buffer.concat([good, bytes(0)]),
    'version 4': Buffer.concat([good.subarray(0, 6), bytes(4), good.subarray(7)]),
    'no dict': npyFile('(1, 2)'),
    'no shape': npyFile("{'descr': '<f4', 'fortran_order': False}"),
    'no order': npyFile("{'descr': '<f4', 'shape': ()}"),
    'negative size': npyFile(header("'<f4'", '(-1,)')),
    'size beyond exact numbers': npyFile(header("'<f4'", '(9007199254740993,)')),
    'product beyond the file': npyFile(header("'<f4'", '(4294967296, 4294967296)')),
    'key twice': npyFile("{'shape': (), 'shape': (), 'descr': '<f4', 'fortran_order': False}"),
    'text after the dict': npyFile(header("'|u1'", '()') + 'x', bytes(1)),
    'brackets without end': npyFile('['.repeat(5000)),
  }
  for (const [name, file] of Object.entries(damaged)) assert.is(failure(() => readNpy(file)).code, 'TRT_ERR_FILE', name)
})

test('refuses to write data that does not fill the shape', () => {
  assert.is(failure(() => writeNpy({ type: 'uint8', shape: [2], data: Uint8Array.of(1) })).code, 'TRT_ERR_SHAPE')
})

test.run()
