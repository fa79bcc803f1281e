import type { InferenceSession } from 'onnxruntime-node'
import { type PeerOptions, peerSession, peerTensor } from '../support/peer.js'
import { cpuSession, type SessionOptions } from '../support/product.js'
import type { RealModel } from '../support/real-models.js'

/** A model ready to run, on either side: the same bytes go in, memory of the side's own comes out. */
export interface Runnable {
  run(): Promise<Readonly<Record<string, { readonly data: unknown }>>>
  close(): Promise<void>
}

export async function ours(model: RealModel, options: SessionOptions): Promise<Runnable> {
  const { session, close } = await cpuSession(model.bytes, options)
  const tensor = { type: 'float32' as const, shape: model.shape, data: model.data }
  return { run: () => session.run({ [model.input]: tensor }), close }
}

export async function peers(model: RealModel, options: PeerOptions): Promise<Runnable> {
  const session: InferenceSession = await peerSession(model.bytes, options)
  const feeds = { [model.input]: peerTensor(model.data, model.shape) }
  return { run: () => session.run(feeds), close: () => session.release() }
}

export async function closeAll(runnables: Iterable<Runnable>): Promise<void> {
  for (const runnable of runnables) await runnable.close()
}
