import { Readable } from 'node:stream'
import { createDeflate, createGzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { EncodedResponse } from '../protocol/response.js'
import { headHeader } from './read-body.js'

/** Smaller bodies are sent in one piece: a copy costs less than a second write. */
const onePiece = 64 * 1024
/** Below, compression costs more than it saves. */
const worthCompressing = 1024

/** Answers with a JSON part and, where there are any, the tensors behind it: written from where they lie. */
export function sendResponse(request: FastifyRequest, reply: FastifyReply, { json, binary }: EncodedResponse): FastifyReply {
  const head = Buffer.from(json)
  const length = binary.reduce((sum, part) => sum + part.length, head.length)
  if (binary.length === 0) reply.type('application/json')
  else reply.type('application/octet-stream').header(headHeader, head.length)
  const encoding = length < worthCompressing ? null : accepted(request.headers['accept-encoding'])
  if (encoding !== null) {
    reply.header('content-encoding', encoding).header('vary', 'Accept-Encoding')
    return reply.send(Readable.from([head, ...binary]).pipe(encoding === 'gzip' ? createGzip() : createDeflate()))
  }
  if (length <= onePiece) return reply.send(binary.length === 0 ? head : Buffer.concat([head, ...binary]))
  reply.header('content-length', length)
  return reply.send(Readable.from([head, ...binary]))
}

/** The first of the two that the client takes; its weights only count where they are 0. */
function accepted(header: string | string[] | undefined): 'gzip' | 'deflate' | null {
  const offers = String(header ?? '')
    .toLowerCase()
    .split(',')
    .map((offer) => offer.trim().split(/\s*;\s*/))
  const takes = (name: string) =>
    offers.some(([offer, ...parameters]) => offer === name && !parameters.some((each) => /^q=0(\.0*)?$/.test(each)))
  return takes('gzip') ? 'gzip' : takes('deflate') ? 'deflate' : null
}
