/**
 * What is on this machine, asked in the same way as `tensorrt-node doctor` does.
 * Usage: node --import tsx scripts/verify-gpu/machine.ts CONTEXT (JSON of StepContext); the last line is an Outcome.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { diagnose, type Diagnosis } from '../../lib/index.js'
import { contextOf, type StepContext, tell } from './context.js'
import type { Device, Library, Machine, Outcome } from './schema.js'
import { whereOf } from './where.js'

/** A function that only the simulator of native/sim exports: as its name lies in the table of symbols. */
const simulatorSymbol = '\0sim_set\0'

function deviceNodes(): string[] {
  const names = readdirSync('/dev')
  return names.filter((name) => /^(nvidia\d+|nvhost-gpu|nvgpu|dxg)$/.test(name)).map((name) => `/dev/${name}`)
}

type BackendReport = Diagnosis['backends'][number]

const isSimulator = (path: string) => readFileSync(path).includes(simulatorSymbol, 0, 'latin1')

/** What the backend itself has loaded, which is what the evidence is about; the driver is CUDA's own business. */
function librariesOf({ libraries }: BackendReport): Library[] {
  return libraries.flatMap(({ name, path, version }) => (path === null ? [] : [{ name, path, version: version ?? null }]))
}

function deviceOf(facts: Readonly<Record<string, unknown>>): Device {
  const text = (key: string) => (typeof facts[key] === 'string' ? facts[key] : null)
  const number = (key: string) => (typeof facts[key] === 'number' ? facts[key] : null)
  return {
    ...facts,
    name: text('name') ?? 'unnamed device',
    capability: text('computeCapability') ?? text('capability') ?? null,
    memoryBytes: number('memoryBytes') ?? number('totalMemory') ?? null,
  }
}

function machineOf(diagnosis: Diagnosis, { backend, device }: StepContext): Machine {
  const report = diagnosis.backends.find(({ name }) => name === backend)
  const libraries = report === undefined ? [] : librariesOf(report)
  const evidence = {
    // A path that cannot be read ends this step: nothing is claimed about a library that nobody has looked at.
    simulated: libraries.some(({ path }) => path !== null && isSimulator(path)),
    deviceNodes: deviceNodes(),
    kernelDriver: diagnosis.kernelDriver,
  }
  const facts = report?.usable === true ? report.devices[device] : undefined
  return {
    ...whereOf(evidence),
    backend,
    version: report?.version ?? null,
    device: facts === undefined ? null : deviceOf(facts),
    driver: diagnosis.libraries.find(({ name }) => name === 'NVIDIA driver')?.found?.version ?? null,
    libraries,
    environment: {
      os: diagnosis.os,
      kernel: release(),
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
      node: process.version,
      libc: `${diagnosis.libc.name} ${diagnosis.libc.version}`,
    },
  }
}

function outcome(machine: Machine, diagnosis: Diagnosis, { backend, device }: StepContext): Outcome {
  const report = diagnosis.backends.find(({ name }) => name === backend)
  if (machine.device !== null)
    return { status: 'passed', summary: `${machine.device.name}, ${backend} ${machine.version}`, details: machine }
  const reason =
    report === undefined
      ? `the addon has no backend "${backend}"`
      : report.usable
        ? `there is no device ${device}: ${report.devices.length} in all`
        : [report.reason ?? 'not usable', report.remedy ?? ''].map((each) => each.replace(/\.$/, '')).join('. ')
  return { status: 'failed', summary: reason, details: machine }
}

async function main(): Promise<void> {
  const context = contextOf(process.argv[2])
  const diagnosis = await diagnose()
  const machine = machineOf(diagnosis, context)
  tell(outcome(machine, diagnosis, context))
}

await main()
