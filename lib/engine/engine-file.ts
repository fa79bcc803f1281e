import { createHash } from 'node:crypto'
import { TrtError, type ErrorDetails } from '../core/errors.js'
import { type EngineHeader, formatVersion, parseHeader } from './engine-header.js'
import { sniffEngine } from './sniff.js'

/**
 * The engine file (docs: "The engine file"): a fixed prefix, a JSON header, zeros up to a multiple of 64, the payload.
 *
 *   0   8 bytes   magic
 *   8   u32       format version          (numbers little-endian)
 *   12  u32       bytes of the header
 *   16  u64       offset of the payload, a multiple of 64
 *   24  u64       bytes of the payload; the file ends with it
 *   32  32 bytes  SHA-256 of bytes 0 … 31 and the header; the header has that of the payload
 */
const magic = Buffer.from('TRTNODE\n', 'latin1')
export const prefixBytes = 64
const alignment = 64

export interface Prefix {
  readonly headerBytes: number
  readonly payloadOffset: number
  readonly payloadBytes: number
  /** The 64 bytes themselves. */
  readonly bytes: Uint8Array
}

function damaged(message: string, details: ErrorDetails = {}): TrtError {
  return new TrtError('TRT_ERR_ENGINE', message, details)
}

export function isEngineFile(bytes: Uint8Array): boolean {
  return bytes.byteLength >= magic.length && magic.equals(bytes.subarray(0, magic.length))
}

/**
 * Reads the first 64 bytes. Every number is checked against the file's size before anyone allocates by it.
 *
 * @param bytes The beginning of the file; 64 bytes, fewer where the file is shorter.
 * @throws {TrtError} `TRT_ERR_ENGINE`: not an engine, cut short, of a newer format, or damaged.
 */
export function parsePrefix(bytes: Uint8Array, fileBytes: number): Prefix {
  if (!isEngineFile(bytes)) throw notAnEngine(bytes, fileBytes)
  if (fileBytes < prefixBytes) throw truncated(prefixBytes, fileBytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, prefixBytes)
  const version = view.getUint32(8, true)
  if (version !== formatVersion) {
    const remedy = version > formatVersion ? 'Update tensorrt-node here, or build the engine again' : 'Build the engine again'
    throw damaged(`The engine file has format version ${version}; this tensorrt-node reads version ${formatVersion}. ${remedy}.`, {
      received: version,
      expected: formatVersion,
    })
  }
  const headerBytes = view.getUint32(12, true)
  const payloadOffset = view.getBigUint64(16, true)
  const payloadBytes = view.getBigUint64(24, true)
  const end = payloadOffset + payloadBytes
  const aligned = payloadOffset === BigInt(alignUp(prefixBytes + headerBytes))
  if (!aligned)
    throw damaged('The first bytes of the engine file are damaged: its parts do not fit together. Copy or build it again.', { headerBytes })
  if (end > BigInt(fileBytes)) throw truncated(end, fileBytes)
  if (end < BigInt(fileBytes)) {
    throw damaged(`The engine file goes on after its end: expected ${end} bytes, received ${fileBytes}. Copy or build it again.`, {
      expected: Number(end),
      received: fileBytes,
    })
  }
  return { headerBytes, payloadOffset: Number(payloadOffset), payloadBytes: Number(payloadBytes), bytes: bytes.subarray(0, prefixBytes) }
}

/** A file so short that it ends within the magic. */
function isStub(bytes: Uint8Array, fileBytes: number): boolean {
  return fileBytes > 0 && fileBytes < magic.length && magic.subarray(0, fileBytes).equals(bytes.subarray(0, fileBytes))
}

function truncated(expected: number | bigint, received: number): TrtError {
  const message = `The engine file is cut short: expected ${expected} bytes, received ${received}. Copy or build it again.`
  return damaged(message, { expected: Number(expected), received })
}

/** The error for a file that is something else, with what it looks like. */
export function notAnEngine(bytes: Uint8Array, fileBytes: number): TrtError {
  if (fileBytes === 0) return damaged('The engine file is empty. Copy or build it again.', { received: 0 })
  if (isStub(bytes, fileBytes)) return truncated(prefixBytes, fileBytes)
  const { what, remedy } = sniffEngine(bytes)
  return damaged(`This is not an engine file of tensorrt-node but ${what}. ${remedy}`, {
    received: Buffer.from(bytes.subarray(0, 16)).toString('hex'),
  })
}

/**
 * Reads the header, checksum first.
 *
 * @param section The bytes from the end of the prefix to the payload: header and padding.
 * @throws {TrtError} `TRT_ERR_ENGINE`
 */
export function parseHeaderSection(prefix: Prefix, section: Uint8Array): EngineHeader {
  const json = section.subarray(0, prefix.headerBytes)
  const digest = headerDigest(prefix.bytes.subarray(0, 32), json)
  const intact = digest.equals(prefix.bytes.subarray(32)) && section.subarray(prefix.headerBytes).every((byte) => byte === 0)
  if (!intact) throw damaged('The header of the engine file is damaged: its checksum does not fit. Copy or build it again.')
  const header = parseHeader(json)
  if (header.payload.bytes === prefix.payloadBytes) return header
  throw damaged('The header of the engine file names another size than the file has. Build the engine again.', {
    expected: header.payload.bytes,
    received: prefix.payloadBytes,
  })
}

/** The whole reader of header and layout over bytes in memory; the payload itself is not hashed. */
export function readHeader(bytes: Uint8Array): { header: EngineHeader; payload: Uint8Array } {
  const prefix = parsePrefix(bytes, bytes.byteLength)
  const header = parseHeaderSection(prefix, bytes.subarray(prefixBytes, prefix.payloadOffset))
  return { header, payload: bytes.subarray(prefix.payloadOffset) }
}

/** @throws {TrtError} `TRT_ERR_ENGINE`: the payload is not what was written. */
export function requireIntact(header: EngineHeader, sha256: string): void {
  if (sha256 === header.payload.sha256) return
  throw damaged('The payload of the engine file is damaged: its checksum does not fit. Copy or build it again.', {
    expected: header.payload.sha256,
    received: sha256,
  })
}

/** Everything before the payload. */
export function formatHead(header: EngineHeader): Uint8Array {
  const json = Buffer.from(JSON.stringify(header))
  const payloadOffset = alignUp(prefixBytes + json.length)
  const head = Buffer.alloc(payloadOffset)
  magic.copy(head)
  head.writeUInt32LE(formatVersion, 8)
  head.writeUInt32LE(json.length, 12)
  head.writeBigUInt64LE(BigInt(payloadOffset), 16)
  head.writeBigUInt64LE(BigInt(header.payload.bytes), 24)
  headerDigest(head.subarray(0, 32), json).copy(head, 32)
  json.copy(head, prefixBytes)
  return head
}

function headerDigest(numbers: Uint8Array, json: Uint8Array): Buffer {
  return createHash('sha256').update(numbers).update(json).digest()
}

function alignUp(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment
}
