import * as fc from 'fast-check'
import { zipSync } from 'fflate'
import { suite } from '../../support/suite.js'
import * as assert from 'uvu/assert'
import { writeNpy, type NpyArray } from '../../../lib/core/npy.js'
import { readNpz, writeNpz } from '../../../lib/core/npz.js'
import { failure } from '../../support/failure.js'
import { anyNpyArray, bitsOf } from '../../support/npy.js'

const test = suite('npz')
const seven: NpyArray = { type: 'uint8', shape: [1], data: Uint8Array.of(7) }
const flip = (file: Uint8Array, at: number) => file.map((byte, i) => (i === at ? byte ^ 1 : byte))

test('reads back what it wrote: names, types, shapes and every bit', () => {
  const names = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom('a', '/', ':', '0', '\u00e9', '\u6f22', '\u{1d11e}') })
  const archives = fc.uniqueArray(fc.tuple(names, anyNpyArray), { maxLength: 4, selector: ([name]) => name })
  const facts = (arrays: ReadonlyMap<string, NpyArray>) =>
    [...arrays].map(([name, { type, shape, data }]) => [name, type, shape, bitsOf(data)]).sort()
  fc.assert(
    fc.property(archives, (entries) => {
      const arrays = new Map(entries)
      assert.equal(facts(readNpz(writeNpz(arrays))), facts(arrays))
    }),
    { seed: 2, numRuns: 50 },
  )
})

test('writes equal bytes for equal arrays', () => {
  assert.equal(writeNpz(new Map([['x', seven]])), writeNpz(new Map([['x', seven]])))
})

test('reads compressed members', () => {
  const zeros: NpyArray = { type: 'float32', shape: [10_000], data: new Float32Array(10_000) }
  const file = zipSync({ 'x.npy': writeNpy(zeros) }, { level: 9 })
  assert.ok(file.length < 1000)
  assert.equal(readNpz(file).get('x'), zeros)
})

test('refuses to unpack more than maxBytes, before it takes the memory', () => {
  const file = zipSync({ 'a.npy': new Uint8Array(600), 'b.npy': new Uint8Array(600) })
  assert.is(failure(() => readNpz(file, { maxBytes: 1000 })).code, 'TRT_ERR_FILE')
  assert.throws(() => readNpz(file, { maxBytes: 1000, name: 'x.npz' }), /x\.npz unpacks to 1200 bytes or more; the limit is 1000/)
})

test('refuses a size that the compressed bytes cannot hold', () => {
  const file = Buffer.from(zipSync({ 'x.npy': writeNpy(seven) }))
  const entry = file.indexOf(Buffer.from([0x50, 0x4b, 1, 2]))
  file.writeUInt32LE(1 << 30, entry + 24)
  assert.throws(() => readNpz(file), /claims 1073741824 bytes/)
})

test('notices a flipped bit in the data of a member', () => {
  const file = writeNpz(new Map([['x', seven]]))
  const at = Buffer.from(file).indexOf(Buffer.from([0x50, 0x4b, 1, 2])) - 1
  assert.is(file[at], 7)
  assert.throws(() => readNpz(flip(file, at)), /"x\.npy" does not match its checksum/)
})

test('refuses members that are no arrays, and names that stand twice', () => {
  assert.throws(() => readNpz(zipSync({ 'readme.txt': new Uint8Array(3) })), /"readme\.txt", which is no \.npy file/)
  const twice = Buffer.from(zipSync({ 'a.npy': writeNpy(seven), 'b.npy': writeNpy(seven) }))
  for (let at = twice.indexOf('b.npy'); at >= 0; at = twice.indexOf('b.npy')) twice.write('a.npy', at)
  assert.throws(() => readNpz(twice), /"a\.npy" twice/)
})

test('refuses damaged archives with TRT_ERR_FILE', () => {
  const good = writeNpz(new Map([['x', seven]]))
  const damaged = [new Uint8Array(), Buffer.from('PK'), good.subarray(0, good.length - 4), good.subarray(30), writeNpy(seven)]
  for (const file of damaged) assert.is(failure(() => readNpz(file)).code, 'TRT_ERR_FILE')
})

test.run()
