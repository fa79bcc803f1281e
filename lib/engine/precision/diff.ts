import { number } from '../../core/options.js'
import type { Tensor } from '../../core/tensor.js'
import { conclude, defaultTolerance, type Difference, diff, requireNames, requireSamples } from '../../onnx/diff.js'
import { openOnnx, withWeightsInside } from '../../onnx/graph/open.js'
import type { OnnxModel } from '../../onnx/graph/types.js'
import type { Sample } from '../../onnx/runtime.js'
import { Engine } from '../engine.js'
import { isEngineFile } from '../engine-file.js'
import { readStart } from '../engine-reader.js'
import type { IoInfo } from '../io-info.js'
import type { LoadOptions } from '../build-options.js'
import { findPlanIn } from '../tensorrt/load-plan.js'
import { cpuRuntime } from './runtime.js'

export interface DiffFilesOptions extends Omit<LoadOptions, 'backend'> {
  /** Root of noise power over signal power from which on a tensor departs. Default 1e-3. */
  readonly tolerance?: number
  /** Of ONNX Runtime, for ONNX models. Default 1. */
  readonly threads?: number
}

export interface FilesDifference extends Difference {
  /** Whether values in between were compared, or, as one of them is built already, outputs alone. */
  readonly compared: 'tensors' | 'outputs'
}

/**
 * Compares two files on the same inputs: ONNX models tensor by tensor, on ONNX Runtime as they stand; as soon as one is an engine,
 * by their outputs.
 *
 * @param samples Makes the inputs, when it is known what the first takes.
 * @throws {TrtError} As `diff`, `Engine.load`.
 */
export async function diffFiles(
  files: readonly [string, string],
  samples: (inputs: readonly IoInfo[]) => Promise<readonly Sample[]>,
  options: DiffFilesOptions = {},
): Promise<FilesDifference> {
  number('tolerance', options.tolerance ?? defaultTolerance, 0, Infinity)
  const built = await Promise.all(files.map(isBuilt))
  if (built.includes(true)) return diffEngines(files, samples, options)
  const { tolerance, threads, signal, onnxruntime } = options
  const [a, b] = await Promise.all([open(files[0], signal), open(files[1], signal)])
  const compare = { tolerance: tolerance ?? defaultTolerance, threads: threads ?? 1, signal, optimize: 'basic' as const }
  const runtime = cpuRuntime({ onnxruntime, signal })
  return { ...(await diff([a, b], await samples(infosOf(a)), runtime, compare)), compared: 'tensors' }
}

async function isBuilt(file: string): Promise<boolean> {
  const { bytes } = await readStart(file)
  return isEngineFile(bytes) || (await findPlanIn(file)) !== null
}

async function open(file: string, signal: AbortSignal | undefined): Promise<OnnxModel> {
  return withWeightsInside(await openOnnx(file, signal === undefined ? {} : { signal }))
}

const infosOf = ({ graph }: OnnxModel): IoInfo[] =>
  graph.inputs
    .filter(({ name }) => !graph.initializers.has(name))
    .map(({ name, type, dims }) => ({
      name,
      type: type ?? 'string',
      shape: dims?.map((dim) => (typeof dim === 'number' ? dim : -1)) ?? null,
      dimNames: dims?.map((dim) => (typeof dim === 'string' ? dim : '')) ?? [],
      ranges: [],
      isShape: false,
    }))

async function diffEngines(
  files: readonly [string, string],
  samplesFor: (inputs: readonly IoInfo[]) => Promise<readonly Sample[]>,
  { tolerance = defaultTolerance, threads, ...options }: DiffFilesOptions,
): Promise<FilesDifference> {
  await using first = await Engine.load(files[0], options)
  await using second = await Engine.load(files[1], options)
  const names = (infos: readonly IoInfo[]) => infos.map(({ name }) => name)
  requireNames('inputs', names(first.inputs), names(second.inputs))
  requireNames('outputs', names(first.outputs), names(second.outputs))
  const samples = await samplesFor(first.inputs)
  requireSamples(samples)
  const run = async (engine: Engine) => {
    await using session = await engine.createSession(threads === undefined || engine.backend.name !== 'cpu' ? {} : { threads })
    const outputs: Readonly<Record<string, Tensor>>[] = []
    for (const sample of samples) outputs.push(await session.run(sample, options.signal === undefined ? {} : { signal: options.signal }))
    return outputs
  }
  return { ...conclude({ first: await run(first), second: await run(second) }, [], tolerance), compared: 'outputs' }
}
