import type { LibraryProbe } from '../backend/native.js'
import { candidatesFor, type Candidate } from '../backend/tensorrt/libraries.js'
import { type Family, placesFor, type Surroundings } from '../backend/tensorrt/places.js'
import { readSurroundings } from '../backend/tensorrt/surroundings.js'
import { isTrtError } from '../core/errors.js'
import { mapLimited, probe } from './child.js'
import type { CudaReport, LibraryReport } from './diagnosis.js'
import { families, libraries, type LibrarySpec } from './libraries.js'

/** How each child process is asked. */
export interface Asking {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

export const parallelProbes = 4

interface LibraryQuestion {
  readonly around: Surroundings
  /** Without the addon there is nobody who could load a library. */
  readonly addonError: string | null
  readonly asking: Asking
  readonly preload: readonly string[]
}

const titles: Readonly<Record<Family, string>> = {
  driver: 'NVIDIA driver',
  cuda: 'CUDA',
  tensorrt: 'TensorRT',
  'tensorrt-rtx': 'TensorRT-RTX',
}

/** Each library in processes of their own, with everything that was tried. */
export async function probeLibraries(
  addonError: string | null,
  asking: Asking,
  progress: (name: string, fraction: number) => void,
): Promise<LibraryReport[]> {
  const around = readSurroundings()
  const preload: string[] = []
  const reports: LibraryReport[] = []
  const ask = (spec: LibrarySpec) => probeLibrary(spec, { around, addonError, asking, preload })
  // TensorRT may need the CUDA runtime: what is found of it is loaded first.
  for (const family of families) {
    progress(titles[family], reports.length / libraries.length)
    const found = await mapLimited(
      libraries.filter((spec) => spec.wanted.family === family),
      parallelProbes,
      ask,
    )
    reports.push(...found)
    if (family === 'cuda') preload.push(...found.flatMap((report) => report.found?.path ?? []))
  }
  return reports
}

/** Tries the candidates in their order, until one loads. */
async function probeLibrary(spec: LibrarySpec, question: LibraryQuestion): Promise<LibraryReport> {
  const { family, tiers } = spec.wanted
  const searched = placesFor(family, question.around).flatMap(({ directory }) => directory ?? [])
  const report: LibraryReport = { name: spec.name, family, lookedFor: tiers.flat(), found: null, tried: [], searched }
  let candidates: readonly Candidate[]
  try {
    candidates = candidatesFor(spec.wanted, question.around)
  } catch (error) {
    // A variable that leads nowhere.
    const [tried] = isTrtError(error) ? (error.details['tried'] as LibraryReport['tried']) : []
    return { ...report, tried: tried === undefined ? [] : [tried] }
  }
  const answers = await askAll(spec, candidates, question)
  for (const [i, { path, error, values }] of answers.entries()) {
    const { path: name, origin } = candidates[i]!
    if (error === null) return { ...report, found: { path: path ?? name, origin, version: spec.version(values), values } }
    report.tried.push({ path: name, origin, error })
  }
  return report
}

/** An answer for each candidate up to the one that loads. One process for all, and one for each where that did not live. */
async function askAll({ calls }: LibrarySpec, candidates: readonly Candidate[], question: LibraryQuestion): Promise<LibraryProbe[]> {
  const { addonError, asking, preload } = question
  const failed = (error: string): LibraryProbe => ({ path: null, error, values: {} })
  if (addonError !== null) return candidates.map(() => failed('not tried: the addon cannot be loaded'))
  const names = candidates.map(({ path }) => path)
  const together = await probe({ kind: 'libraries', names, calls, preload }, asking.timeoutMs, asking.signal)
  if (together.answer !== null) return [...together.answer]
  const answers: LibraryProbe[] = []
  for (const name of names) {
    const { answer, error } = await probe({ kind: 'library', name, calls, preload }, asking.timeoutMs, asking.signal)
    answers.push(answer ?? failed(error))
    if (answer !== null && answer.error === null) break
  }
  return answers
}

const notInitialized = -1

/**
 * Whether the driver answers: the first call that needs it, in a process of its own, since a driver in trouble hangs there
 * (`cuInit`) rather than fail. Null: no CUDA runtime to ask with.
 */
export async function probeCuda(reports: readonly LibraryReport[], asking: Asking): Promise<CudaReport | null> {
  const runtime = reports.find(({ family, found }) => family === 'cuda' && found !== null)?.found
  if (runtime === undefined || runtime === null) return null
  // cudaPeekAtLastError tells what the call before it answered.
  const calls = { cudaGetDeviceCount: 'int(int*)', cudaPeekAtLastError: 'int()' } as const
  const { answer, error } = await probe({ kind: 'library', name: runtime.path, calls, preload: [] }, asking.timeoutMs, asking.signal)
  if (answer === null) {
    const hangs = error.startsWith('no answer within')
    return { devices: null, code: null, error: hangs ? `the NVIDIA driver does not answer: cuInit hangs (${error})` : error }
  }
  const [devices, code] = [answer.values['cudaGetDeviceCount'], answer.values['cudaPeekAtLastError']]
  if (code === 0 && typeof devices === 'number' && devices !== notInitialized) return { devices, code, error: null }
  return {
    devices: null,
    code: typeof code === 'number' ? code : null,
    error: cudaErrors[String(code)] ?? `CUDA answers with error ${code}`,
  }
}

/** What users can do something about, in their words; numbers of cudaError. */
const cudaErrors: Readonly<Record<string, string>> = {
  3: 'CUDA cannot initialise (error 3): the driver is in trouble; look into `dmesg`',
  35: 'CUDA error 35: there is no driver, or it is older than this CUDA runtime. Update the driver, or install a CUDA runtime that it serves',
  46: 'CUDA error 46: every GPU is busy or not available (exclusive mode, or another process holds it)',
  100: 'CUDA error 100: the driver sees no GPU. In a container, start it with --gpus all; check CUDA_VISIBLE_DEVICES',
  802: 'CUDA error 802: the system is not ready. On machines with NVSwitch start nvidia-fabricmanager',
  803: 'CUDA error 803: the driver in the kernel and its library differ in version. Reboot, or reinstall the driver',
  804: 'CUDA error 804: forward compatibility needs a data-centre GPU. Remove the cuda-compat package, or update the driver',
  999: 'CUDA error 999: the driver fails for an unknown reason. Look into `dmesg`; after a suspend reload nvidia_uvm',
}
