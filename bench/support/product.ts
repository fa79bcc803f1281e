import { scriptedLibrary, scriptedModel } from '../../test/support/scripted.js'

type Product = typeof import('../../lib/index.js')
type Server = typeof import('../../lib/server/index.js')

/** The package as it ships, compiled to dist/: the transform that runs the benches adds work to every function it names. */
export const { Engine, MicroBatcher, Tensor } = (await import(new URL('../../dist/index.js', import.meta.url).href)) as Product

export const { inferenceProtocol } = (await import(new URL('../../dist/server/index.js', import.meta.url).href)) as Server

export type Session = Awaited<ReturnType<Awaited<ReturnType<Product['Engine']['load']>>['createSession']>>
export type SessionOptions = NonNullable<Parameters<Awaited<ReturnType<Product['Engine']['load']>>['createSession']>[0]>

/** A session with what it hangs on: closed together. */
export interface Opened {
  session: Session
  close(): Promise<void>
}

/** A session on the CPU backend over an ONNX model as it is, rewritten by ONNX Runtime alone: what others run, too. */
export async function cpuSession(model: Uint8Array, options: SessionOptions): Promise<Opened> {
  return await open(await Engine.build(model, { backend: 'cpu', precision: 'as-is' }), { optimize: 'all', ...options })
}

/** A session on the scripted backend: x → y, float32 of `shape`. */
export async function scriptedSession(shape: readonly number[], options: SessionOptions = {}): Promise<Opened> {
  const dims = shape.join(',')
  const model = scriptedModel([`input x float32 ${dims}`, `output y float32 ${dims}`])
  return await open(await Engine.load(model, { backend: { library: scriptedLibrary } }), options)
}

async function open(engine: Awaited<ReturnType<Product['Engine']['load']>>, options: SessionOptions): Promise<Opened> {
  const session = await engine.createSession(options)
  return {
    session,
    async close() {
      await session.close()
      await engine.close()
    },
  }
}
