import { createRequire } from 'node:module'
import type { InferenceSession, Tensor } from 'onnxruntime-node'

/** onnxruntime-node, as its users have it: what we are measured against. */
const ort = createRequire(import.meta.url)('onnxruntime-node') as typeof import('onnxruntime-node')

export interface PeerOptions {
  threads: number
  /** Extra session configuration, such as `{ session: { force_spinning_stop: '1' } }`. */
  extra?: Record<string, unknown>
}

export async function peerSession(model: Uint8Array, options: PeerOptions): Promise<InferenceSession> {
  return await ort.InferenceSession.create(model, {
    executionProviders: ['cpu'],
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3, // its warnings about real models would drown the table
    ...(options.extra === undefined ? {} : { extra: options.extra }),
  })
}

export function peerTensor(data: Float32Array, shape: readonly number[]): Tensor {
  return new ort.Tensor('float32', data, shape)
}
