/** Where the fuzzer's choices come from: numbers in [0, 1), the same for the same seed. */
export type Random = () => number

const below = (random: Random, limit: number) => Math.floor(random() * limit)
// Sizes and counts that sit at an edge of some representation.
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]
const MAX_EDITS = 4
const MAX_CHUNK = 24

/** Up to `maxLength` random bytes; half of the inputs begin with a part of a seed, so that they pass the magic. */
export function randomBytes(random: Random, seed: Uint8Array, maxLength: number): Uint8Array {
  const bytes = new Uint8Array(below(random, maxLength + 1))
  for (let i = 0; i < bytes.length; i++) bytes[i] = below(random, 256)
  if (random() < 0.5) bytes.set(seed.subarray(0, below(random, Math.min(seed.length, bytes.length) + 1)))
  return bytes
}

/** A seed with one to four edits. */
export function mutate(random: Random, seed: Uint8Array): Uint8Array {
  // Not `seed.slice()`: a Buffer's is a view, and the seed must stay.
  let bytes: Uint8Array = Uint8Array.from(seed)
  for (let edits = 1 + below(random, MAX_EDITS); edits > 0; edits--) {
    bytes = (editors[below(random, editors.length)] as Editor)(random, bytes)
  }
  return bytes
}

type Editor = (random: Random, bytes: Uint8Array) => Uint8Array

const editors: readonly Editor[] = [flipBit, setByte, setNumber, setDigit, truncate, remove, repeat, insert]

function flipBit(random: Random, bytes: Uint8Array): Uint8Array {
  const at = below(random, bytes.length)
  if (bytes.length > 0) bytes[at] = (bytes[at] as number) ^ (1 << below(random, 8))
  return bytes
}

function setByte(random: Random, bytes: Uint8Array): Uint8Array {
  if (bytes.length > 0) bytes[below(random, bytes.length)] = below(random, 256)
  return bytes
}

/** An edge number in two, four or eight little-endian bytes. */
function setNumber(random: Random, bytes: Uint8Array): Uint8Array {
  const width = 2 << below(random, 3)
  if (bytes.length < width) return bytes
  const view = new DataView(bytes.buffer, below(random, bytes.length - width + 1), width)
  const value = EDGES[below(random, EDGES.length)] as number
  if (width === 2) view.setUint16(0, value & 0xffff, true)
  else if (width === 4) view.setUint32(0, value, true)
  else view.setBigUint64(0, BigInt(value) * BigInt(1 + below(random, 2 ** 20)), true)
  return bytes
}

/** Text formats: a digit or mark in place of a byte. */
function setDigit(random: Random, bytes: Uint8Array): Uint8Array {
  const marks = '0123456789,:(){}[]\'"-.eE \\'
  if (bytes.length > 0) bytes[below(random, bytes.length)] = marks.charCodeAt(below(random, marks.length))
  return bytes
}

function truncate(random: Random, bytes: Uint8Array): Uint8Array {
  return bytes.slice(0, below(random, bytes.length + 1))
}

function remove(random: Random, bytes: Uint8Array): Uint8Array {
  const at = below(random, bytes.length + 1)
  return splice(bytes, at, Math.min(bytes.length - at, 1 + below(random, MAX_CHUNK)), new Uint8Array())
}

function repeat(random: Random, bytes: Uint8Array): Uint8Array {
  const at = below(random, bytes.length + 1)
  const chunk = bytes.slice(at, at + 1 + below(random, MAX_CHUNK))
  return splice(bytes, below(random, bytes.length + 1), 0, chunk)
}

function insert(random: Random, bytes: Uint8Array): Uint8Array {
  const chunk = Uint8Array.from({ length: 1 + below(random, MAX_CHUNK) }, () => below(random, 256))
  return splice(bytes, below(random, bytes.length + 1), 0, chunk)
}

function splice(bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array {
  const result = new Uint8Array(bytes.length - removed + added.length)
  result.set(bytes.subarray(0, at))
  result.set(added, at)
  result.set(bytes.subarray(at + removed), at + added.length)
  return result
}
