import Fastify, { type FastifyInstance } from 'fastify'
import { TrtError } from '../../../lib/core/errors.js'
import type { Outputs, RunOptions } from '../../../lib/core/runner.js'
import { Tensor } from '../../../lib/core/tensor.js'
import { inferenceProtocol, type InferenceProtocolOptions, type ServedRunner } from '../../../lib/server/index.js'

const io = (name: string) => ({ name, type: 'float32' as const, shape: [-1, 2], dimNames: ['N', ''], ranges: [] })

/** A model that gives y = 2·x for x of [N, 2], with what it was called with. */
export class Doubling implements ServedRunner {
  readonly inputs = [io('x')]
  readonly outputs = [io('y')]
  readonly calls: (RunOptions | undefined)[] = []
  ready = true
  /** Rejects with it. */
  failure: Error | null = null
  /** Set: runs wait for it. */
  gate: Promise<void> | null = null

  async run(inputs: Readonly<Record<string, unknown>>, options?: RunOptions): Promise<Outputs> {
    this.calls.push(options)
    if (this.gate !== null) await Promise.race([this.gate, abortOf(options?.signal)])
    if (this.failure !== null) throw this.failure
    const x = inputs['x'] as Tensor<'float32'>
    return {
      y: new Tensor(
        'float32',
        x.shape,
        x.data.map((value) => 2 * value),
      ),
    }
  }
}

function abortOf(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(new TrtError('TRT_ERR_ABORTED', 'The run was aborted.')), { once: true })
  })
}

export async function serve(model: ServedRunner, more: Omit<InferenceProtocolOptions, 'models'> = {}): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(inferenceProtocol, { models: { double: model }, ...more })
  return app
}
