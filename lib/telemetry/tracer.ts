import { createRequire } from 'node:module'
import { TrtError } from '../core/errors.js'

/** The part of `@opentelemetry/api` that is used, so that types need no dependency. */
export type AttributeValue = string | number | boolean
export type Attributes = Record<string, AttributeValue>

export interface SpanLike {
  spanContext(): unknown
  setAttributes(attributes: Attributes): unknown
  setStatus(status: { code: number; message?: string }): unknown
  recordException(exception: Error): void
  /** @param endTime Milliseconds since 1970. */
  end(endTime?: number): void
}

export interface SpanOptionsLike {
  attributes?: Attributes
  links?: { context: never }[]
  root?: boolean
  startTime?: number
}

/** `trace.getTracer(…)` of `@opentelemetry/api` 1.x is one. */
export interface TracerLike {
  startSpan(name: string, options?: SpanOptionsLike): SpanLike
  startActiveSpan<T>(name: string, options: SpanOptionsLike, body: (span: SpanLike) => T): T
}

/** `SpanStatusCode.ERROR` */
export const statusError = 2

/** The tracer of the globally registered provider. @throws {TrtError} `TRT_ERR_UNAVAILABLE`: the package is not installed. */
export function globalTracer(load: (name: string) => unknown = createRequire(import.meta.url)): TracerLike {
  let api: { trace: { getTracer(name: string): TracerLike } }
  try {
    api = load('@opentelemetry/api') as typeof api
  } catch (error) {
    const message = 'instrument() needs @opentelemetry/api: install it (npm install @opentelemetry/api), or give a tracer.'
    throw new TrtError('TRT_ERR_UNAVAILABLE', message, { package: '@opentelemetry/api' }, { cause: error })
  }
  return api.trace.getTracer('tensorrt-node')
}
