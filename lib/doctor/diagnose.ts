import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../backend/addon.js'
import { findOnnxRuntime, type OnnxRuntimeSource } from '../backend/onnxruntime.js'
import { mapLimited, probe } from './child.js'
import type { BackendReport, Diagnosis, LibraryReport, OnnxRuntimeReport } from './diagnosis.js'
import { libraries, type LibrarySpec } from './libraries.js'
import { messageOf } from './message.js'
import { readEnvironment, readMachine, readSurroundings } from './machine.js'
import { candidatesFor, placesFor, type Surroundings } from './search.js'
import { judge } from './verdict.js'

export interface DiagnoseOptions {
  /** For each probe, each in a process of its own. Default: 10,000 ms. */
  timeoutMs?: number
  onProgress?: (label: string, fraction: number) => void
  signal?: AbortSignal
}

interface Asking {
  timeoutMs: number
  signal: AbortSignal | undefined
}

const PARALLEL_PROBES = 4

/**
 * What of this machine inference needs and finds, and what to do about the first thing that is missing. Loads nothing
 * into this process: each probe runs in one of its own, so that a library that crashes or hangs is a line of the report.
 */
export async function diagnose(options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const asking: Asking = { timeoutMs: options.timeoutMs ?? 10_000, signal: options.signal }
  const progress = options.onProgress ?? (() => {})
  progress('native addon', 0)
  const addon = await probeAddon(asking)
  progress('ONNX Runtime', 0.1)
  const { onnxRuntime, backends } = await probeBackends(addon, asking)
  const reports = await probeLibraries(addon.error, asking, (name, fraction) => progress(name, 0.2 + 0.8 * fraction))
  options.signal?.throwIfAborted()
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }
  const facts = {
    package: { version, root: packageRoot },
    environment: readEnvironment(),
    ...readMachine(),
    addon,
    onnxRuntime,
    backends,
    libraries: reports,
  }
  return { ...facts, verdict: judge(facts) }
}

async function probeAddon(asking: Asking): Promise<Diagnosis['addon']> {
  const outcome = await probe({ kind: 'addon' }, asking.timeoutMs, asking.signal)
  return outcome.answer === null ? { path: null, error: outcome.error } : { ...outcome.answer, error: null }
}

async function probeBackends(
  addon: Diagnosis['addon'],
  asking: Asking,
): Promise<{ onnxRuntime: OnnxRuntimeReport; backends: BackendReport[] }> {
  const onnxRuntime = lookForOnnxRuntime()
  const names = addon.error === null ? addon.backends.map(({ name }) => name) : []
  const backends = await mapLimited(names, PARALLEL_PROBES, (name) => probeBackend(name, onnxRuntime, asking))
  const version = backends.find(({ name }) => name === 'cpu')?.version ?? null
  return { onnxRuntime: { ...onnxRuntime, version }, backends }
}

const origins: Readonly<Record<OnnxRuntimeSource, string>> = {
  option: 'the option onnxruntime',
  environment: 'the environment variable TENSORRT_NODE_ONNXRUNTIME',
  'platform package': 'the package for this platform',
  'onnxruntime-node': 'the package onnxruntime-node',
}

function lookForOnnxRuntime(): OnnxRuntimeReport {
  try {
    const { path, how } = findOnnxRuntime()
    return { path, origin: origins[how], version: null, error: null }
  } catch (error) {
    return { path: null, origin: null, version: null, error: messageOf(error) }
  }
}

async function probeBackend(name: string, onnxRuntime: OnnxRuntimeReport, asking: Asking): Promise<BackendReport> {
  const refused = (reason: string): BackendReport => ({ name, usable: false, version: null, reason, remedy: null, devices: [] })
  if (name === 'cpu' && onnxRuntime.path === null) return refused(onnxRuntime.error ?? '')
  const options: Record<string, string> = name === 'cpu' && onnxRuntime.path !== null ? { onnxruntime: onnxRuntime.path } : {}
  const { answer, error } = await probe({ kind: 'backend', name, options }, asking.timeoutMs, asking.signal)
  if (answer === null) return refused(error)
  const { usable, version, reason, remedy, devices } = answer as unknown as BackendReport
  return { name, usable, version, reason, remedy, devices }
}

async function probeLibraries(
  addonError: string | null,
  asking: Asking,
  progress: (name: string, fraction: number) => void,
): Promise<LibraryReport[]> {
  const around = await readSurroundings()
  const preload: string[] = []
  const reports: LibraryReport[] = []
  const ask = (spec: LibrarySpec) => probeLibrary(spec, { around, addonError, asking, preload })
  // TensorRT needs the CUDA runtime: what is found of it is loaded first.
  for (const group of ['driver', 'cuda', 'tensorrt'] as const) {
    progress(group === 'driver' ? 'NVIDIA driver' : group === 'cuda' ? 'CUDA' : 'TensorRT', reports.length / libraries.length)
    const found = await mapLimited(
      libraries.filter((spec) => spec.group === group),
      PARALLEL_PROBES,
      ask,
    )
    reports.push(...found)
    if (group === 'cuda') preload.push(...found.flatMap((report) => report.found?.path ?? []))
  }
  return reports
}

interface LibraryQuestion {
  around: Surroundings
  /** Without the addon there is nobody who could load a library. */
  addonError: string | null
  asking: Asking
  preload: readonly string[]
}

/** Tries the candidates in their order, until one loads. */
async function probeLibrary(spec: LibrarySpec, question: LibraryQuestion): Promise<LibraryReport> {
  const { around, addonError, asking, preload } = question
  const searched = placesFor(spec.group, around).map(({ directory }) => directory)
  const report: LibraryReport = { name: spec.name, lookedFor: spec.sonames, found: null, tried: [], searched: [...new Set(searched)] }
  for (const { path, origin } of candidatesFor(spec, around)) {
    const request = { kind: 'library', name: path, calls: spec.calls, preload } as const
    const outcome =
      addonError === null
        ? await probe(request, asking.timeoutMs, asking.signal)
        : { answer: null, error: 'not tried: the addon cannot be loaded' }
    const error = outcome.error ?? outcome.answer?.error ?? null
    if (outcome.answer !== null && error === null) {
      const { values } = outcome.answer
      return { ...report, found: { path: outcome.answer.path ?? path, origin, version: spec.version(values), values } }
    }
    report.tried.push({ path, origin, error: error ?? 'no reason given' })
  }
  return report
}
