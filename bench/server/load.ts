import { connect, type Socket } from 'node:net'
import { once } from 'node:events'

/** One request, ready for the wire, sent again and again. */
export interface Shot {
  readonly port: number
  readonly bytes: Buffer
}

export function shot(port: number, path: string, body: Buffer, headers: Readonly<Record<string, string | number>>): Shot {
  const lines = Object.entries({ host: '127.0.0.1', 'content-length': body.length, ...headers }).map(([name, value]) => `${name}: ${value}`)
  return { port, bytes: Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`), body]) }
}

/** What a closed loop did. */
export interface Load {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

/**
 * A closed loop over plain sockets: each sends the request again as soon as the answer is whole. No HTTP library, so that the
 * load costs less than what it measures.
 */
export async function closedLoop({ port, bytes }: Shot, inFlight: number, durationMs: number): Promise<Load> {
  const times: number[] = []
  const end = performance.now() + durationMs
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      await once(socket, 'connect')
      await repeat(socket, bytes, end, times)
      socket.destroy()
    }),
  )
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? Number.NaN
  return { perSecond: (times.length / durationMs) * 1000, p50: at(0.5), p99: at(0.99) }
}

function repeat(socket: Socket, bytes: Buffer, end: number, times: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let began = performance.now()
    const answer = new Answer()
    socket.on('data', (chunk) => {
      if (!answer.take(chunk)) return
      if (answer.status !== 200) {
        reject(new Error(`the server answered ${answer.status}`))
        return
      }
      const now = performance.now()
      times.push(now - began)
      if (now >= end) {
        resolve()
        return
      }
      began = now
      answer.again()
      socket.write(bytes)
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('the server closed the connection')))
    socket.write(bytes)
  })
}

/** Counts an answer's bytes by its Content-Length; that is all it understands. */
class Answer {
  status = 0
  #head = ''
  #missing = -1

  again(): void {
    this.#head = ''
    this.#missing = -1
  }

  /** True: it is whole. */
  take(chunk: Buffer): boolean {
    if (this.#missing >= 0) {
      this.#missing -= chunk.length
      return this.#missing <= 0
    }
    const before = this.#head.length
    this.#head += chunk.toString('latin1')
    const end = this.#head.indexOf('\r\n\r\n')
    if (end < 0) return false
    this.status = Number(this.#head.slice(9, 12))
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#head.slice(0, end))
    if (length === null) throw new Error('an answer without Content-Length')
    this.#missing = Number(length[1]) - (before + chunk.length - (end + 4))
    return this.#missing <= 0
  }
}
