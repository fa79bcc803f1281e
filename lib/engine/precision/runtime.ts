import { reserveChannel } from '../../backend/completions.js'
import { nativeKernels, nativeRounding } from '../../backend/kernels.js'
import type { NativeEngine } from '../../backend/native.js'
import { type Choice, chooseBackend } from '../../backend/registry.js'
import { isTrtError, TrtError } from '../../core/errors.js'
import type { OpenModel, OpenOptions, Runtime } from '../../onnx/runtime.js'
import { InputSet } from '../input-set.js'
import { ioInfo } from '../io-info.js'
import type { AnyModel } from '../model-types.js'
import { OutputSet } from '../outputs.js'
import { Session } from '../session.js'
import { SessionCore } from '../session-core.js'
import { resolveSessionOptions } from '../session-options.js'
import { finish, guardAbort } from '../tasks.js'

export interface CpuRuntimeOptions {
  /** ONNX Runtime's shared library, or its folder. Default: as Engine.build. */
  readonly onnxruntime?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs models for the passes of lib/onnx, on the CPU backend: one lane, threads that never spin between runs.
 *
 * Models come in one piece: weights in other files are refused, read them in first.
 *
 * @throws {TrtError} Its methods, by rejecting: `TRT_ERR_UNAVAILABLE`, `TRT_ERR_ADDON`, `TRT_ERR_MODEL`, `TRT_ERR_UNSUPPORTED`,
 *   `TRT_ERR_ABORTED`, `TRT_ERR_OUT_OF_MEMORY`.
 */
export function cpuRuntime({ onnxruntime, signal }: CpuRuntimeOptions = {}): Runtime {
  let choice: Promise<Choice> | undefined
  const backend = () => (choice ??= chooseBackend({ wanted: 'cpu', onnxruntime }))
  return {
    open: (model, options = {}) => {
      const stop = options.signal ?? signal
      return guardAbort('loading of the model', stop, async () => open(await backend(), model, { ...options, signal: stop }))
    },
    optimized: (model, level) =>
      guardAbort('optimisation of the model', signal, async () => optimized(await backend(), model, { level, signal })),
    // Asked for when it is used: the addon is loaded by then.
    get kernels() {
      return nativeKernels() ?? undefined
    },
    get rounding() {
      return nativeRounding() ?? undefined
    },
  }
}

async function open(choice: Choice, model: Uint8Array, { threads = 1, optimize = 'all', signal }: OpenOptions): Promise<OpenModel> {
  const given = { ...choice.options, threads: String(threads), optimize }
  const engine = await finish(choice.native.load(model, given), 'loading of the model', signal).catch(refused)
  try {
    const session = await sessionOf(engine, signal)
    return {
      run: async (inputs, into) => session.run(inputs, { ...(signal && { signal }), ...(into && { into }) }),
      close: async () => {
        await session.close()
        engine.close()
      },
    }
  } catch (error) {
    engine.close()
    throw error
  }
}

/** The backend takes what it loads for an engine; here it is a model. */
function refused(error: unknown): never {
  if (!isTrtError(error) || error.code !== 'TRT_ERR_ENGINE') throw error
  const message = `ONNX Runtime refuses the model. ${error.message.replace(/^TRT_ERR_ENGINE: /, '')}`
  throw new TrtError('TRT_ERR_MODEL', message, error.details, { cause: error })
}

async function sessionOf(engine: NativeEngine, signal: AbortSignal | undefined): Promise<Session<AnyModel>> {
  const io = engine.io()
  const infos = (wanted: 'input' | 'output') => io.filter(({ direction }) => direction === wanted).map((each) => ioInfo(each, []))
  const [inputs, outputs] = [infos('input'), infos('output')]
  reserveChannel(inputs.length, outputs.length)
  const resolved = resolveSessionOptions(signal === undefined ? {} : { signal })
  const native = await finish(engine.createSession(resolved.lanes, resolved.native), 'creation of the session', signal)
  return new Session<AnyModel>(new SessionCore(native, new InputSet(inputs, null), new OutputSet(outputs), resolved), resolved)
}

interface OptimizedOptions {
  readonly level: 'basic' | 'all'
  readonly signal: AbortSignal | undefined
}

/** What 'all' adds to 'extended' are layouts for this one processor, which ONNX Runtime does not promise to load again. */
async function optimized(choice: Choice, model: Uint8Array, { level, signal }: OptimizedOptions): Promise<Uint8Array> {
  const task = choice.native.build({
    model,
    modelPath: null,
    externals: [],
    profiles: [],
    options: { ...choice.options, optimize: level === 'all' ? 'extended' : level },
  })
  const { payload } = await finish(task, 'optimisation of the model', signal)
  return new Uint8Array(payload)
}
