import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { createGunzip, createInflate } from 'node:zlib'
import { isTrtError } from '../../core/errors.js'
import { invalid } from '../../core/options.js'
import { InferBody, type BodyOptions, type Received } from '../protocol/body.js'
import { StatusError, tooLarge } from '../protocol/status.js'

/** The protocol's name for how long the JSON before the tensors is. */
export const headHeader = 'inference-header-content-length'

/**
 * Reads the body of an inference request, compressed or not, as it arrives.
 *
 * @throws {TrtError} `TRT_ERR_INVALID_ARGUMENT` (400, 413, 415) and what `InferBody` throws.
 */
export async function readInference(message: IncomingMessage, options: Omit<BodyOptions, 'headBytes'>): Promise<Received> {
  const length = contentLength(message)
  const limit = options.maxJsonBytes + options.maxTensorBytes
  if (length !== undefined && length > limit) throw tooLarge('the body of a request', limit, length)
  const headBytes = headLength(message.headers[headHeader])
  const body = new InferBody({ ...options, headBytes })
  await pump(decompressed(message), (chunk) => body.write(chunk))
  return body.finish()
}

/** All of a body that has a limit: requests without tensors, and those that are one tensor. */
export async function readWhole(message: IncomingMessage, limit: number): Promise<Uint8Array> {
  const length = contentLength(message)
  if (length !== undefined && length > limit) throw tooLarge('the body of a request', limit, length)
  const chunks: Uint8Array[] = []
  let received = 0
  await pump(decompressed(message), (chunk) => {
    received += chunk.length
    if (received > limit) throw tooLarge('the body of a request', limit, received)
    chunks.push(chunk)
  })
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

async function pump(source: Readable, take: (chunk: Uint8Array) => void): Promise<void> {
  try {
    for await (const chunk of source) take(chunk as Uint8Array)
  } catch (error) {
    if (isTrtError(error)) throw error
    throw broken(error as NodeJS.ErrnoException)
  }
}

function broken(error: NodeJS.ErrnoException): Error {
  if (error.code?.startsWith('Z_') === true) return invalid(`The body is not what its Content-Encoding says: ${error.message}.`)
  return new StatusError(499, 'TRT_ERR_ABORTED', 'The connection ended before the body of the request did.', {
    cause: error.code ?? error.message,
  })
}

function decompressed(message: IncomingMessage): Readable {
  const encoding = message.headers['content-encoding']?.trim().toLowerCase()
  if (encoding === undefined || encoding === '' || encoding === 'identity') return message
  const expand = encoding === 'gzip' || encoding === 'x-gzip' ? createGunzip() : encoding === 'deflate' ? createInflate() : null
  if (expand === null) {
    throw new StatusError(
      415,
      'TRT_ERR_INVALID_ARGUMENT',
      `Expected gzip, deflate or no Content-Encoding but received ${JSON.stringify(encoding)}.`,
      { received: encoding },
    )
  }
  message.on('error', (error) => expand.destroy(error))
  message.on('aborted', () => expand.destroy(new Error('aborted')))
  return message.pipe(expand)
}

function contentLength({ headers }: IncomingMessage): number | undefined {
  return headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
}

/** Null: all of the body is JSON. */
export function headLength(given: string | string[] | undefined): number | null {
  if (given === undefined) return null
  if (typeof given === 'string' && /^\d{1,10}$/.test(given.trim())) return Number(given)
  throw invalid(`Expected a number of bytes in the header Inference-Header-Content-Length but received ${JSON.stringify(given)}.`, {
    received: given,
  })
}
