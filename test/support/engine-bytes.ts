import { createHash } from 'node:crypto'
import { formatHead } from '../../lib/engine/engine-file.js'
import type { EngineHeader } from '../../lib/engine/engine-header.js'

/** A header for `payload`, of an engine x → y, float32 [N, 4], for the scripted backend. */
export function engineHeader(payload: Uint8Array, more: Partial<EngineHeader> = {}): EngineHeader {
  return {
    format: 1,
    backend: 'scripted',
    backendVersion: '1',
    precision: 'fp32',
    inputs: [{ name: 'x', type: 'float32', shape: [-1, 4], dimNames: ['N', ''] }],
    outputs: [{ name: 'y', type: 'float32', shape: [-1, 4], dimNames: ['N', ''] }],
    profiles: [],
    source: { name: 'model.onnx', bytes: 3, sha256: 'ab'.repeat(32) },
    payload: { bytes: payload.byteLength, sha256: createHash('sha256').update(payload).digest('hex') },
    labels: {},
    options: {},
    facts: {},
    createdBy: { package: 'tensorrt-node@0.0.0', node: 'v20.0.0', platform: 'linux-x64' },
    ...more,
  }
}

/** A whole engine file in memory. */
export function engineBytes(payload: Uint8Array, more: Partial<EngineHeader> = {}): Buffer {
  return Buffer.concat([formatHead(engineHeader(payload, more)), payload])
}
