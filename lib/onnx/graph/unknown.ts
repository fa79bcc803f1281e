import { Reader } from '../wire.js'
import type { Writer } from '../writer.js'

const nothing = new Uint8Array(0)

/** Collects encoded fields into one piece; without a copy where they stand one after the other, as they mostly do. */
export class Unknown {
  readonly #parts: Uint8Array[] = []

  add = (field: Uint8Array): void => {
    const last = this.#parts.at(-1)
    if (last !== undefined && last.buffer === field.buffer && last.byteOffset + last.length === field.byteOffset) {
      this.#parts[this.#parts.length - 1] = new Uint8Array(last.buffer, last.byteOffset, last.length + field.length)
    } else {
      this.#parts.push(field)
    }
  }

  joined(): Uint8Array {
    if (this.#parts.length <= 1) return this.#parts[0] ?? nothing
    const whole = new Uint8Array(this.#parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of this.#parts) {
      whole.set(part, at)
      at += part.length
    }
    return whole
  }
}

/**
 * Puts unknown fields back where protobuf's own writers have them: by number, between the known ones. So an unedited message
 * comes out as it went in.
 */
export class Restorer {
  readonly #writer: Writer
  readonly #reader: Reader
  #pending: boolean

  constructor(writer: Writer, unknown: Uint8Array) {
    this.#writer = writer
    this.#reader = new Reader(unknown)
    this.#pending = unknown.length > 0 && this.#reader.next()
  }

  /** Writes those of a lower number than `field`: call it before writing that one. */
  before(field: number): void {
    while (this.#pending && this.#reader.field < field) {
      this.#writer.raw(this.#reader.raw())
      this.#pending = this.#reader.next()
    }
  }

  end(): void {
    this.before(Number.POSITIVE_INFINITY)
  }
}
