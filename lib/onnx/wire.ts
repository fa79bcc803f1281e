import { TrtError } from '../core/errors.js'
import { malformed } from './errors.js'

/** How a protobuf field's value is laid out. Groups (3, 4) are older than ONNX and refused. */
export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/** As protobuf's own parsers: deeper nesting is an attack or damage, not a model. */
const maxDepth = 100
/** Longest text made into a JS string: V8 refuses one beyond 512 MiB with an error of its own. */
const maxText = 64 * 2 ** 20

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Cursor over the fields of one protobuf message. It copies nothing: `bytes()` and `message()` are views, so that a model
 * of gigabytes costs what its structure costs. It never reads outside of the message, whatever the bytes say.
 *
 * Use: `while (reader.next()) { … }`, taking the value of each field exactly once, or none of it (`next` then skips it).
 */
export class Reader {
  /** Number and wire type of the current field; `at` is the offset of its tag. */
  field = 0
  type = 0
  at: number
  /** Offset of the message's first byte. */
  readonly start: number
  readonly #end: number
  #offset: number
  #pending = false
  #low = 0
  #high = 0

  constructor(
    readonly source: Uint8Array,
    start = 0,
    end = source.length,
    readonly depth = 0,
  ) {
    this.start = this.#offset = this.at = start
    this.#end = end
  }

  get size(): number {
    return this.#end - this.start
  }

  /** The whole message as it stands, without the tag and length that its parent gave it. */
  get view(): Uint8Array {
    return this.source.subarray(this.start, this.#end)
  }

  /** The same message again, from its first field. */
  again(): Reader {
    return new Reader(this.source, this.start, this.#end, this.depth)
  }

  /** Steps to the next field; false at the end of the message. */
  next(): boolean {
    if (this.#pending) this.skip()
    if (this.#offset === this.#end) return false
    this.at = this.#offset
    this.#varint()
    this.type = this.#low & 7
    this.field = this.#low >>> 3
    if (this.#high !== 0 || this.field === 0) throw malformed(this.at, 'the tag of a protobuf field', 'one out of range')
    this.#pending = true
    return true
  }

  /** Steps over the current value. */
  skip(): void {
    switch (this.#take()) {
      case wire.varint:
        return this.#varint()
      case wire.fixed64:
        return this.#advance(8)
      case wire.bytes:
        return this.#advance(this.#length())
      case wire.fixed32:
        return this.#advance(4)
      default:
        throw malformed(this.at, 'a protobuf field of wire type 0, 1, 2 or 5', `wire type ${this.type}`)
    }
  }

  /** The whole field, tag included, as it stands: what a rewrite keeps of fields it does not know. */
  raw(): Uint8Array {
    this.skip()
    return this.source.subarray(this.at, this.#offset)
  }

  /** A varint as the signed 64-bit number it stands for. */
  int64(): bigint {
    this.#expect(wire.varint)
    return this.#int64()
  }

  /** A varint of an enum, a bool or an int32: the low 32 bits, as protobuf takes them. */
  int32(): number {
    this.#expect(wire.varint)
    this.#varint()
    return this.#low | 0
  }

  /** A view: valid and constant as long as the model's bytes are. */
  bytes(): Uint8Array {
    this.#expect(wire.bytes)
    const length = this.#length()
    this.#advance(length)
    return this.source.subarray(this.#offset - length, this.#offset)
  }

  /** Names must be exact, since they are compared: text that is not UTF-8, or has a NUL that C would cut at, is refused. */
  name(): string {
    const bytes = this.#textBytes()
    let text: string
    try {
      text = strict.decode(bytes)
    } catch (cause) {
      throw new TrtError('TRT_ERR_MODEL', malformed(this.at, 'a name in UTF-8', 'other bytes').message, { offset: this.at }, { cause })
    }
    if (text.includes('\0')) throw malformed(this.at, 'a name', `${JSON.stringify(text.slice(0, 80))}, which has a NUL inside`)
    return text
  }

  /** Text for people: what is not UTF-8 becomes U+FFFD. */
  text(): string {
    return lenient.decode(this.#textBytes())
  }

  message(): Reader {
    this.#expect(wire.bytes)
    const length = this.#length()
    this.#advance(length)
    if (this.depth >= maxDepth) throw malformed(this.at, `at most ${maxDepth} levels of nesting`, 'more')
    return new Reader(this.source, this.#offset - length, this.#offset, this.depth + 1)
  }

  float(): number {
    this.#expect(wire.fixed32)
    return this.#float()
  }

  /** Every value of a repeated field, which may come one by one or packed: both occur in one and the same format. */
  int64s(visit: (value: bigint) => void): void {
    if (this.type === wire.varint) return visit(this.int64())
    this.#packed((packed) => visit(packed.#int64()))
  }

  /** As `int64s`, the low 32 bits of each. */
  int32s(visit: (value: number) => void): void {
    if (this.type === wire.varint) return visit(this.int32())
    this.#packed((packed) => {
      packed.#varint()
      visit(packed.#low | 0)
    })
  }

  /** The bytes of a repeated field of floats or doubles: of one value, or of all that are packed here. */
  fixed(width: 4 | 8): Uint8Array {
    if (this.type === wire.bytes) return this.bytes()
    this.#expect(width === 4 ? wire.fixed32 : wire.fixed64)
    this.#advance(width)
    return this.source.subarray(this.#offset - width, this.#offset)
  }

  floats(visit: (value: number) => void): void {
    if (this.type === wire.fixed32) return visit(this.float())
    this.#packed((packed) => visit(packed.#float()))
  }

  #packed(take: (packed: Reader) => void): void {
    this.#expect(wire.bytes)
    const length = this.#length()
    this.#advance(length)
    const packed = new Reader(this.source, this.#offset - length, this.#offset, this.depth)
    while (packed.#offset < packed.#end) take(packed)
  }

  #float(): number {
    this.#advance(4)
    return new DataView(this.source.buffer, this.source.byteOffset + this.#offset - 4, 4).getFloat32(0, true)
  }

  #int64(): bigint {
    this.#varint()
    return BigInt.asIntN(64, (BigInt(this.#high) << 32n) | BigInt(this.#low))
  }

  #textBytes(): Uint8Array {
    const bytes = this.bytes()
    if (bytes.length > maxText) throw malformed(this.at, `text of at most ${maxText} bytes`, `${bytes.length} bytes`)
    return bytes
  }

  /** Marks the current value as consumed, so that taking it twice is a bug that shows. */
  #take(): number {
    if (!this.#pending) throw new TrtError('TRT_ERR_INTERNAL', 'A protobuf field was read twice.')
    this.#pending = false
    return this.type
  }

  #expect(type: number): void {
    if (this.#take() === type) return
    throw malformed(this.at, `field ${this.field} with wire type ${type}`, `wire type ${this.type}`)
  }

  #length(): number {
    const start = this.#offset
    this.#varint()
    const length = this.#high * 2 ** 32 + this.#low
    if (length > this.#end - this.#offset) {
      throw malformed(start, `a length within the ${this.#end - this.#offset} bytes that are left`, `${length}`)
    }
    return length
  }

  #advance(bytes: number): void {
    if (bytes > this.#end - this.#offset) throw malformed(this.#offset, `${bytes} bytes`, `the end after ${this.#end - this.#offset}`)
    this.#offset += bytes
  }

  /** Into #low and #high, both unsigned: numbers of V8 hold 53 bits, a varint 64. Bits beyond are dropped, as protobuf does. */
  #varint(): void {
    const start = this.#offset
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#offset >= this.#end) throw malformed(start, 'a whole varint', 'the end of the message')
      const byte = this.source[this.#offset++] as number
      const bits = byte & 0x7f
      if (shift < 28) low |= bits << shift
      else if (shift === 28) {
        low |= bits << 28
        high = bits >>> 4
      } else if (shift < 63) high |= bits << (shift - 32)
      else high |= (bits & 1) << 31
      if (byte < 0x80) {
        this.#low = low >>> 0
        this.#high = high >>> 0
        return
      }
    }
    throw malformed(start, 'a varint of at most 10 bytes', 'a longer one')
  }
}
