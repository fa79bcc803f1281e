import * as fc from 'fast-check'
import { seededRandom } from '../../lib/core/random.js'
import { arrayTypes, type TensorType } from '../../lib/core/dtypes.js'
import type { NpyArray } from '../../lib/core/npy.js'

export const tensorTypes = Object.keys(arrayTypes) as TensorType[]

/** An array of any type and up to four dimensions of 0 to 4, its elements any bits. */
export const anyNpyArray: fc.Arbitrary<NpyArray> = fc
  .tuple(fc.constantFrom(...tensorTypes), fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }), fc.integer())
  .map(([type, shape, seed]) => {
    const elements = shape.reduce((product, dim) => product * dim, 1)
    const random = seededRandom(seed)
    const bytes = Uint8Array.from({ length: elements * arrayTypes[type].BYTES_PER_ELEMENT }, () => random() * 256)
    return { type, shape, data: new arrayTypes[type](bytes.buffer, 0, elements) }
  })

/** A `.npy` file with a header written by hand, as version 1. */
export function npyFile(header: string, data: Uint8Array = new Uint8Array()): Uint8Array {
  const prefix = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0, 0])
  prefix.writeUInt16LE(header.length, 8)
  return Buffer.concat([prefix, Buffer.from(header, 'latin1'), data])
}

/** The bits of an array: two arrays are the same when these are, NaN included. */
export function bitsOf(data: ArrayBufferView): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')
}
