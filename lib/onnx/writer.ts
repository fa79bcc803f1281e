import { wire } from './wire.js'

/** Longer byte fields are kept as views until the end: weights are copied once, or never when written by `chunks()`. */
const viewFrom = 1024

const utf8 = new TextEncoder()

/**
 * Builds one protobuf message. Children are finished first and added with `message()`, so every length is known when it is
 * written; nothing is measured twice. Byte views must not change before the message is written out.
 */
export class Writer {
  #scratch = new Uint8Array(64)
  #used = 0
  readonly #sealed: Uint8Array[] = []
  #sealedBytes = 0

  get length(): number {
    return this.#sealedBytes + this.#used
  }

  int64(field: number, value: bigint | number): this {
    this.#tag(field, wire.varint)
    if (Number.isSafeInteger(value) && Number(value) >= 0) this.#varint(Number(value))
    else this.#varint64(BigInt.asUintN(64, BigInt(value)))
    return this
  }

  float(field: number, value: number): this {
    this.#tag(field, wire.fixed32)
    this.#reserve(4)
    new DataView(this.#scratch.buffer).setFloat32(this.#used, value, true)
    this.#used += 4
    return this
  }

  text(field: number, value: string): this {
    return this.bytes(field, utf8.encode(value))
  }

  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, wire.bytes)
    this.#varint(value.length)
    this.raw(value)
    return this
  }

  message(field: number, child: Writer): this {
    this.#tag(field, wire.bytes)
    this.#varint(child.length)
    for (const chunk of child.chunks()) this.raw(chunk)
    return this
  }

  /** Whole fields that are already encoded: how unknown ones survive a rewrite byte for byte. */
  raw(encoded: Uint8Array): this {
    if (encoded.length < viewFrom) {
      this.#reserve(encoded.length)
      this.#scratch.set(encoded, this.#used)
      this.#used += encoded.length
    } else {
      this.#seal()
      this.#sealed.push(encoded)
      this.#sealedBytes += encoded.length
    }
    return this
  }

  /** The message in order, for `writev`: no second copy of the weights. */
  chunks(): readonly Uint8Array[] {
    this.#seal()
    return this.#sealed
  }

  finish(): Uint8Array {
    const whole = new Uint8Array(this.length)
    let offset = 0
    for (const chunk of this.chunks()) {
      whole.set(chunk, offset)
      offset += chunk.length
    }
    return whole
  }

  #tag(field: number, type: number): void {
    this.#varint(field * 8 + type)
  }

  /** Of an integer from 0 to 2^53. */
  #varint(value: number): void {
    this.#reserve(10)
    let rest = value
    while (rest > 0x7f) {
      this.#scratch[this.#used++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    this.#scratch[this.#used++] = rest
  }

  #varint64(value: bigint): void {
    this.#reserve(10)
    let rest = value
    while (rest > 0x7fn) {
      this.#scratch[this.#used++] = Number(rest & 0x7fn) | 0x80
      rest >>= 7n
    }
    this.#scratch[this.#used++] = Number(rest)
  }

  #seal(): void {
    if (this.#used === 0) return
    this.#sealed.push(this.#scratch.subarray(0, this.#used))
    this.#sealedBytes += this.#used
    this.#scratch = new Uint8Array(64)
    this.#used = 0
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#scratch.length) return
    const larger = new Uint8Array(Math.max(this.#scratch.length * 2, this.#used + bytes))
    larger.set(this.#scratch.subarray(0, this.#used))
    this.#scratch = larger
  }
}
