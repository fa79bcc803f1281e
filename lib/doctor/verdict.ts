import type { BackendReport, Diagnosis, LibraryReport, Verdict } from './diagnosis.js'

/** A path given by a variable is used whatever else is there: to mend anything else would change nothing. */
function mend(facts: Omit<Diagnosis, 'verdict'>, variable: string, command: string): string {
  return Object.hasOwn(facts.environment, variable) ? `unset ${variable}` : command
}

/** Pure: from the facts to what they mean for the user, and the one thing to do about it. */
export function judge(facts: Omit<Diagnosis, 'verdict'>): Verdict {
  if (facts.addon.error !== null) {
    const command = mend(facts, 'TENSORRT_NODE_ADDON', 'npx tensorrt-node rebuild')
    return { usable: false, backend: null, summary: 'Nothing can run: the native addon cannot be loaded.', command }
  }
  // In the addon's order: the backend that 'auto' prefers stands first.
  const usable = facts.backends.filter((backend) => backend.usable)
  const gpu = usable.find((backend) => backend.name !== 'cpu')
  if (gpu) return { usable: true, backend: gpu.name, summary: `Inference runs on ${describe(gpu)}.`, command: null }
  const cpu = usable.find((backend) => backend.name === 'cpu')
  if (!cpu) return nothingWorks(facts)
  const builders = facts.backends.filter(({ usable, canBuild }) => !usable && canBuild).map(describe)
  const builds = builders.length === 0 ? '' : ` Engines for ${builders.join(' and ')} can be built here, and run elsewhere.`
  const summary = `Inference runs on ${describe(cpu)}. ${whyNoGpu(facts)}${builds}`
  return { usable: true, backend: cpu.name, summary, command: null }
}

function describe(backend: BackendReport): string {
  const version = backend.version === null ? '' : ` ${backend.version}`
  return backend.name === 'cpu' ? `the CPU (ONNX Runtime${version})` : `the backend ${backend.name}${version}`
}

function nothingWorks(facts: Omit<Diagnosis, 'verdict'>): Verdict {
  const cpu = facts.backends.find((backend) => backend.name === 'cpu')
  const reason = facts.onnxRuntime.error ?? cpu?.reason ?? 'the addon has no usable backend'
  const command = mend(facts, 'TENSORRT_NODE_ONNXRUNTIME', 'npm install onnxruntime-node')
  return { usable: false, backend: null, summary: `Nothing can run: ${reason}`, command }
}

/** The first link of the chain device → driver → backend that is missing. */
function whyNoGpu(facts: Omit<Diagnosis, 'verdict'>): string {
  const driver = found(facts.libraries, 'libcuda.so.1')
  if (facts.nvidiaDevices === 0 && driver === null) return 'No NVIDIA GPU is visible here.'
  if (driver === null) return 'There is an NVIDIA GPU, but no driver for it: libcuda.so.1 cannot be loaded.'
  if (facts.cuda !== null && facts.cuda.error !== null) return `The GPU is not used: ${withoutStop(facts.cuda.error)}.`
  const refused = facts.backends.filter((backend) => backend.name !== 'cpu')
  if (refused.length === 0) return 'There is an NVIDIA driver, but this build of the addon has no TensorRT backend.'
  return `The GPU is not used: ${refused.map(({ name, reason }) => `${name}: ${withoutStop(reason ?? 'no reason given')}`).join('; ')}.`
}

const withoutStop = (text: string) => text.replace(/\.$/, '')

function found(libraries: readonly LibraryReport[], soname: string): LibraryReport['found'] {
  return libraries.find((library) => library.lookedFor.includes(soname))?.found ?? null
}
