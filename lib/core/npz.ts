import { crc32 } from 'node:zlib'
import { unzipSync, zipSync, type UnzipFileInfo } from 'fflate'
import { isTrtError, TrtError } from './errors.js'
import { readNpy, writeNpy, type NpyArray } from './npy.js'

const DEFAULT_MAX_BYTES = 2 ** 31
// DEFLATE codes at most 258 bytes in two bits: no honest member claims a larger ratio.
const MAX_DEFLATE_RATIO = 1032
const END_RECORD = { signature: 0x06054b50, bytes: 22, maxComment: 0xffff }
const DIRECTORY_ENTRY_BYTES = 46
// The date a zip entry cannot do without; fixed, so that equal arrays give equal files. Zip dates begin in 1980.
const FIXED_DATE = new Date(1980, 0, 1)

export interface ReadNpzOptions {
  /** How messages call the file. */
  name?: string
  /** Limit for the sum of the uncompressed members, in bytes. Default: 2 GiB. */
  maxBytes?: number
}

/**
 * Reads the arrays of a file written by `numpy.savez` or `numpy.savez_compressed`, by name. What the archive's directory
 * claims is checked before memory is taken for it, and the CRC-32 of each member after it.
 *
 * @throws {TrtError} `TRT_ERR_FILE`: no zip archive, damaged, or larger than `maxBytes`; and what `readNpy` throws.
 */
export function readNpz(bytes: Uint8Array, options: ReadNpzOptions = {}): Map<string, NpyArray> {
  const { name = 'the .npz file', maxBytes = DEFAULT_MAX_BYTES } = options
  const directory = new DirectoryCheck(bytes, name, maxBytes)
  const members = inflateMembers(bytes, directory, name)
  const arrays = new Map<string, NpyArray>()
  for (const [file, expected] of directory.members) {
    const member = members[file] as Uint8Array
    if (member.length !== expected.bytes || crc32(member) !== expected.crc) throw damaged(name, `"${file}" does not match its checksum`)
    arrays.set(file.slice(0, -'.npy'.length), readNpy(member, `"${file}" in ${name}`))
  }
  return arrays
}

/** The bytes of a `.npz` file (not compressed, as `numpy.savez` writes it). Equal arrays give equal bytes. */
export function writeNpz(arrays: ReadonlyMap<string, NpyArray>): Uint8Array {
  const files = Object.fromEntries([...arrays].map(([name, array]) => [`${name}.npy`, writeNpy(array)]))
  return zipSync(files, { level: 0, mtime: FIXED_DATE })
}

function inflateMembers(bytes: Uint8Array, directory: DirectoryCheck, name: string): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter: (member) => directory.accept(member) })
  } catch (error) {
    if (isTrtError(error)) throw error
    throw damaged(name, error instanceof Error ? error.message : String(error))
  }
}

/** Walks the central directory in step with fflate, which neither bounds what it inflates nor checks CRC-32. */
class DirectoryCheck {
  readonly members = new Map<string, { bytes: number; crc: number }>()
  private readonly view: Buffer
  private offset: number
  private total = 0

  constructor(
    bytes: Uint8Array,
    private readonly name: string,
    private readonly maxBytes: number,
  ) {
    this.view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.offset = this.findDirectory()
  }

  accept(member: UnzipFileInfo): boolean {
    const at = this.offset
    if (at + DIRECTORY_ENTRY_BYTES > this.view.length) throw damaged(this.name, 'its directory is cut off')
    if (!member.name.endsWith('.npy')) throw damaged(this.name, `it holds "${member.name}", which is no .npy file`)
    if (this.members.has(member.name)) throw damaged(this.name, `it holds "${member.name}" twice`)
    const limit = member.compression === 0 ? member.size : (member.size + 1) * MAX_DEFLATE_RATIO
    if (member.originalSize > limit || member.size > this.view.length) {
      throw damaged(this.name, `"${member.name}" claims ${member.originalSize} bytes out of ${member.size}`)
    }
    this.total += member.originalSize
    if (this.total > this.maxBytes) throw tooLarge(this.name, this.total, this.maxBytes)
    this.members.set(member.name, { bytes: member.originalSize, crc: this.view.readUInt32LE(at + 16) })
    const variable = this.view.readUInt16LE(at + 28) + this.view.readUInt16LE(at + 30) + this.view.readUInt16LE(at + 32)
    this.offset = at + DIRECTORY_ENTRY_BYTES + variable
    return true
  }

  private findDirectory(): number {
    const last = this.view.length - END_RECORD.bytes
    for (let at = last; at >= 0 && last - at <= END_RECORD.maxComment; at--) {
      if (this.view.readUInt32LE(at) !== END_RECORD.signature) continue
      const offset = this.view.readUInt32LE(at + 16)
      if (offset === 0xffffffff || this.view.readUInt16LE(at + 8) === 0xffff) throw tooLarge(this.name, this.view.length, this.maxBytes)
      return offset
    }
    throw damaged(this.name, 'it is no zip archive, or its end is missing')
  }
}

function damaged(name: string, reason: string): TrtError {
  return new TrtError('TRT_ERR_FILE', `${name} is not a readable .npz archive: ${reason}.`, { name, reason })
}

function tooLarge(name: string, bytes: number, maxBytes: number): TrtError {
  return new TrtError(
    'TRT_ERR_FILE',
    `${name} unpacks to ${bytes} bytes or more; the limit is ${maxBytes}. Save its arrays as separate .npy files.`,
    { name, bytes, maxBytes },
  )
}
