import { isTensorType } from '../../core/dtypes.js'
import { seededRandom } from '../../core/random.js'
import { sizeOf } from '../../core/shapes.js'
import { isTrtError } from '../../core/errors.js'
import type { OpenModel, Runtime, Sample } from '../../onnx/runtime.js'
import { OutputsFidelity } from '../../onnx/report/fidelity.js'
import { InputSet } from '../input-set.js'
import type { IoInfo, Profiles } from '../io-info.js'
import type { ModelInput } from '../profiles.js'
import { madeInputs } from '../warm-up-inputs.js'

/** What free dimensions other than the batch may be where nobody has said: networks of strides take few sizes, and not all of them 1. */
const guesses = [64, 1, 32, 224, 1024, 16_000]

/** More elements than this in one guessed input are no quick trial. */
const mostElements = 2 ** 24

/**
 * Samples of a model's inputs to try in turn, of random numbers that are always the same: of the first profile's optimum, or
 * with sizes that are guessed.
 *
 * @returns None: an input's rank is unknown, or no session takes its type.
 */
export function trialSamples(inputs: readonly ModelInput[], profiles: Profiles): Sample[] {
  const infos: IoInfo[] = []
  for (const { name, type, shape, dimNames } of inputs) {
    if (type === null || type === undefined || !isTensorType(type) || shape === null) return []
    infos.push({ name, type, shape, dimNames, ranges: [], isShape: false })
  }
  const { plans } = new InputSet(infos, null)
  const free = infos.some(({ name, shape }) => shape?.some((dim) => dim < 0) === true && profiles[0]?.[name] === undefined)
  const sets = (free ? guesses : [1]).map((guess) =>
    Object.fromEntries(infos.map(({ name, shape }) => [name, profiles[0]?.[name]?.opt ?? guessed(shape!, guess)])),
  )
  return sets
    .filter((shapes) => Object.values(shapes).every((shape) => sizeOf(shape) <= mostElements))
    .map((shapes) => madeInputs(plans, { profile: null, rows: 1, shapes, guessed: [] }, seededRandom(1)) as Sample)
}

const guessed = (shape: readonly number[], guess: number) => shape.map((dim, i) => (dim >= 0 ? dim : i === 0 ? 1 : guess))

export type Trial =
  | { readonly fidelity: OutputsFidelity; readonly sample: Sample; readonly reason: null }
  | { readonly fidelity: null; readonly reason: string }

/** `optimize`: how far ONNX Runtime rewrites it. Default 'none': it opens faster, and the graphs are compared as they are. */
export interface Candidate {
  readonly model: Uint8Array
  readonly optimize?: 'none' | 'all'
}

/** Runs two models on the first sample that the first of them takes. */
export async function tryBoth(runtime: Runtime, original: Candidate, edited: Candidate, samples: readonly Sample[]): Promise<Trial> {
  const before = await firstAnswer(runtime, original, samples)
  if ('reason' in before) return { fidelity: null, reason: `the model could not be run to compare with it: ${before.reason}` }
  const after = await firstAnswer(runtime, edited, [before.sample])
  if ('reason' in after) return { fidelity: null, reason: `the result does not run: ${after.reason}` }
  const fidelity = new OutputsFidelity()
  fidelity.add(before.outputs, after.outputs)
  return { fidelity, sample: before.sample, reason: null }
}

/** The first sample that a model takes; null: none of them. */
export async function runningSample(runtime: Runtime, model: Uint8Array, samples: readonly Sample[]): Promise<Sample | null> {
  const answer = await firstAnswer(runtime, { model }, samples)
  return 'reason' in answer ? null : answer.sample
}

type Answer = { readonly sample: Sample; readonly outputs: Awaited<ReturnType<OpenModel['run']>> } | { readonly reason: string }

async function firstAnswer(runtime: Runtime, { model, optimize = 'none' }: Candidate, samples: readonly Sample[]): Promise<Answer> {
  let reason = 'its inputs are of a rank or type that is not known here'
  let open: OpenModel | null = null
  try {
    open = await runtime.open(model, { optimize, threads: 0 })
    for (const sample of samples) {
      try {
        return { sample, outputs: await open.run(sample) }
      } catch (error) {
        reason = reasonOf(error)
      }
    }
  } catch (error) {
    reason = reasonOf(error)
  } finally {
    await open?.close()
  }
  return { reason }
}

/** What is the caller's wish, or the whole machine's trouble, is no reason to go on without. */
export function reasonOf(error: unknown): string {
  if (!isTrtError(error)) throw error
  if (error.code === 'TRT_ERR_ABORTED' || error.code === 'TRT_ERR_OUT_OF_MEMORY') throw error
  return error.message.replace(/^TRT_ERR_\w+: /, '')
}
