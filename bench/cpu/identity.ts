// Question: are the results onnxruntime-node's, bit for bit? From a session that is shared by the benches and from an engine built 'as-is', on 1 and 2 threads.
import { Engine } from '../support/product.js'
import type { RealModel } from '../support/real-models.js'
import { closeAll, ours, peers, type Runnable } from './pair.js'

function bytes(value: { readonly data: unknown } | undefined): Buffer {
  const data = value?.data as Float32Array
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}

async function built(model: RealModel, threads: number): Promise<Runnable> {
  // Cleaned up it would be equal to rounding only.
  const engine = await Engine.build(model.bytes, { backend: 'cpu', precision: 'as-is' })
  const session = await engine.createSession({ threads, optimize: 'all' })
  const tensor = { type: 'float32' as const, shape: model.shape, data: model.data }
  return {
    run: () => session.run({ [model.input]: tensor }),
    async close() {
      await session.close()
      await engine.close()
    },
  }
}

async function sameWith(model: RealModel, threads: number): Promise<boolean> {
  // Ours first: ONNX Runtime has one log for the whole process, that of the first user; onnxruntime-node's is stderr.
  const mine = [await ours(model, { lanes: 1, threads }), await built(model, threads)]
  const theirs = await peers(model, { threads })
  const expected = await theirs.run()
  const answers = await Promise.all(mine.map(({ run }) => run()))
  await closeAll([theirs, ...mine])
  return answers.every((answer) => model.outputs.every((name) => bytes(answer[name]).equals(bytes(expected[name]))))
}

export async function identical(model: RealModel): Promise<boolean> {
  return (await sameWith(model, 1)) && (await sameWith(model, 2))
}
