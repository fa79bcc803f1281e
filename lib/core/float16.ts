/**
 * IEEE 754 binary16 and bfloat16 ↔ binary32, by bits: exact one way, rounded to the nearest (ties to even) the other,
 * with subnormals, infinities and NaN (sign and leading payload bits kept). V8 before version 13 has no Float16Array, so
 * these types travel as their bits in a Uint16Array.
 */

const bitsOf = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length)

function mapBits(values: Float32Array, convert: (bits: number) => number): Uint16Array {
  const bits = bitsOf(values)
  const result = new Uint16Array(bits.length)
  for (let i = 0; i < bits.length; i++) result[i] = convert(bits[i]!)
  return result
}

function halfFromSingle(bits: number): number {
  const sign = (bits >>> 16) & 0x8000
  const magnitude = bits & 0x7fffffff
  if (magnitude >= 0x47800000) return magnitude > 0x7f800000 ? sign | nanHalf(magnitude) : sign | 0x7c00 // NaN, or ≥ 65536: infinity
  if (magnitude >= 0x38800000) {
    // Normal: rebias the exponent by 127 − 15, then round the 13 bits that are cut. A carry into the exponent is right,
    // up to infinity from 65520 on.
    return sign | roundShift(magnitude - 0x38000000, 13)
  }
  if (magnitude <= 0x33000000) return sign // at most 2^-25, half of the smallest subnormal: ties to even, zero
  const exponent = magnitude >>> 23
  return sign | roundShift((magnitude & 0x7fffff) | 0x800000, 126 - exponent) // in units of 2^-24
}

/** A NaN must not become an infinity when its payload sits only in the bits that are cut. */
function nanHalf(magnitude: number): number {
  const payload = (magnitude >>> 13) & 0x3ff
  return 0x7c00 | (payload === 0 ? 0x200 : payload)
}

/** `value / 2^shift`, to the nearest integer, ties to even. */
function roundShift(value: number, shift: number): number {
  const odd = (value >>> shift) & 1
  return (value + (1 << (shift - 1)) - 1 + odd) >>> shift
}

function singleFromHalf(half: number): number {
  const sign = (half & 0x8000) << 16
  const exponent = (half >>> 10) & 0x1f
  const mantissa = half & 0x3ff
  if (exponent === 0x1f) return sign | 0x7f800000 | (mantissa << 13)
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (mantissa << 13)
  if (mantissa === 0) return sign
  const shift = Math.clz32(mantissa) - 21 // brings the leading one to bit 10, where it becomes implicit
  return sign | ((113 - shift) << 23) | (((mantissa << shift) & 0x3ff) << 13)
}

function brainFromSingle(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) & 0x7f ? bits >>> 16 : (bits >>> 16) | 0x40
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16
}

/** Bits of `values` as float16: nearest, ties to even; from 65520 on infinite. */
export function toFloat16(values: Float32Array): Uint16Array {
  return mapBits(values, halfFromSingle)
}

/** Values of float16 bits; exact. */
export function fromFloat16(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length)
  const bits = bitsOf(values)
  for (let i = 0; i < halves.length; i++) bits[i] = singleFromHalf(halves[i]!)
  return values
}

/** Bits of `values` as bfloat16: nearest, ties to even. */
export function toBfloat16(values: Float32Array): Uint16Array {
  return mapBits(values, brainFromSingle)
}

/** Values of bfloat16 bits; exact. */
export function fromBfloat16(brains: Uint16Array): Float32Array {
  const values = new Float32Array(brains.length)
  const bits = bitsOf(values)
  for (let i = 0; i < brains.length; i++) bits[i] = brains[i]! << 16
  return values
}
