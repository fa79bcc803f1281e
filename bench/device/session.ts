import { identity } from '../../test/support/models.js'
import { useSimulator } from '../../test/support/simulator.js'
import { Engine, type Session, type SessionOptions } from '../support/product.js'

export const row = 4

/** x → y, float32 [1, 4], on the simulated device; as the package ships. */
export async function deviceEngine(): Promise<Awaited<ReturnType<typeof Engine.build>>> {
  return await Engine.build(identity('float32', [1, row]), { backend: useSimulator('trt11'), isolate: false })
}

/** Checked once to give back what it is given: a bench of the wrong path would be fast. */
export async function echoSession(engine: Awaited<ReturnType<typeof deviceEngine>>, options: SessionOptions = {}): Promise<Session> {
  const session = await engine.createSession(options)
  const x = Float32Array.of(1, 2, 3, 4)
  const { y } = await session.run({ x })
  if (y === undefined || [...y.data].join() !== x.join()) throw new Error(`the session gave ${String(y?.data)} for ${x.join()}`)
  return session
}
