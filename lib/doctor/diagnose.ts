import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../backend/addon.js'
import { findLibraries } from '../backend/finders.js'
import { findOnnxRuntime, type OnnxRuntimeSource } from '../backend/onnxruntime.js'
import { mapLimited, probe } from './child.js'
import type { BackendReport, Diagnosis, OnnxRuntimeReport } from './diagnosis.js'
import { messageOf } from './message.js'
import { readEnvironment, readMachine } from './machine.js'
import { type Asking, parallelProbes, probeCuda, probeLibraries } from './probe-libraries.js'
import { judge } from './verdict.js'

export interface DiagnoseOptions {
  /** For each probe, each in a process of its own. Default: 10,000 ms. */
  timeoutMs?: number
  onProgress?: (label: string, fraction: number) => void
  signal?: AbortSignal
}

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
  const reports = await probeLibraries(addon.error, asking, (name, fraction) => progress(name, 0.2 + 0.75 * fraction))
  progress('CUDA devices', 0.95)
  const cuda = addon.error === null ? await probeCuda(reports, asking) : null
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
    cuda,
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
  const backends = await mapLimited(names, parallelProbes, (name) => probeBackend(name, onnxRuntime, asking))
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
  const refused = (reason: string): BackendReport => ({
    name,
    usable: false,
    canBuild: false,
    version: null,
    reason,
    remedy: null,
    devices: [],
    libraries: [],
  })
  if (name === 'cpu' && onnxRuntime.path === null) return refused(onnxRuntime.error ?? '')
  let options: Readonly<Record<string, string>>
  try {
    options = findLibraries(name, {}).options
  } catch (error) {
    return refused(messageOf(error))
  }
  const { answer, error } = await probe({ kind: 'backend', name, options }, asking.timeoutMs, asking.signal)
  if (answer === null) return refused(error)
  const { usable, canBuild, version, reason, remedy, devices, libraries } = answer as unknown as Partial<BackendReport>
  return {
    name,
    usable: usable === true,
    canBuild: canBuild ?? usable === true,
    version: version ?? null,
    reason: reason ?? null,
    remedy: remedy ?? null,
    devices: devices ?? [],
    libraries: libraries ?? [],
  }
}
