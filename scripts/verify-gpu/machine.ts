/**
 * What is on this machine: the backend itself is asked, in this process, which is one of its own.
 * Usage: node --import tsx scripts/verify-gpu/machine.ts CONTEXT (JSON of StepContext); the last line is an Outcome.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { loadAddon } from '../../lib/backend/addon.js'
import { findLibraries } from '../../lib/backend/finders.js'
import { cudaVersion } from '../../lib/doctor/libraries.js'
import { readMachine } from '../../lib/doctor/machine.js'
import { contextOf, type StepContext, tell } from './context.js'
import type { Device, Library, Machine, Outcome } from './schema.js'
import { whereOf } from './where.js'

/** What the backend tells; see `probe` in native/include/backend.h. */
interface Probe {
  usable: boolean
  version: string | null
  reason: string | null
  remedy: string | null
  driver?: number
  devices: readonly Readonly<Record<string, unknown>>[]
  libraries: readonly { name: string; path: string | null; version: string | null }[]
}

/** A function that only the simulator of native/sim exports: as its name lies in the table of symbols. */
const simulatorSymbol = '\0sim_set\0'

function deviceNodes(): string[] {
  const names = readdirSync('/dev')
  return names.filter((name) => /^(nvidia\d+|nvhost-gpu|nvgpu|dxg)$/.test(name)).map((name) => `/dev/${name}`)
}

const isSimulator = (path: string) => readFileSync(path).includes(simulatorSymbol, 0, 'latin1')

async function ask(name: string): Promise<Probe> {
  const backend = loadAddon()
    .backends()
    .find((each) => each.name === name)
  if (backend === undefined) throw new Error(`the addon has no backend "${name}"`)
  return JSON.parse(await backend.probe(findLibraries(name, {}).options).promise) as Probe
}

function deviceOf(facts: Readonly<Record<string, unknown>>): Device {
  const text = (key: string) => (typeof facts[key] === 'string' ? facts[key] : null)
  const bytes = facts['totalBytes']
  return {
    ...facts,
    name: text('name') ?? 'unnamed device',
    capability: text('computeCapability'),
    memoryBytes: typeof bytes === 'number' ? bytes : null,
  }
}

function machineOf(probe: Probe, { backend, device }: StepContext): Machine {
  const facts = readMachine()
  // What the backend itself has loaded, which is what the evidence is about.
  const libraries = probe.libraries.flatMap(({ name, path, version }): Library[] => (path === null ? [] : [{ name, path, version }]))
  const evidence = {
    // A path that cannot be read ends this step: nothing is claimed about a library that nobody has looked at.
    simulated: libraries.some(({ path }) => path !== null && isSimulator(path)),
    deviceNodes: deviceNodes(),
    kernelDriver: facts.kernelDriver,
  }
  const found = probe.usable ? probe.devices[device] : undefined
  const driver = cudaVersion(probe.driver)
  return {
    ...whereOf(evidence),
    backend,
    version: probe.version,
    device: found === undefined ? null : deviceOf(found),
    driver: [facts.kernelDriver, driver === null ? null : `CUDA ${driver}`].filter((each) => each !== null).join(', ') || null,
    libraries,
    environment: {
      os: facts.os,
      kernel: release(),
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
      node: process.version,
      libc: `${facts.libc.name} ${facts.libc.version}`,
    },
  }
}

function outcome(machine: Machine, probe: Probe, { device }: StepContext): Outcome {
  if (machine.device !== null)
    return { status: 'passed', summary: `${machine.device.name}, ${machine.backend} ${machine.version}`, details: machine }
  const reason = probe.usable
    ? `there is no device ${device}: ${probe.devices.length} in all`
    : [probe.reason ?? 'not usable', probe.remedy ?? ''].map((each) => each.replace(/\.$/, '')).join('. ')
  return { status: 'failed', summary: reason, details: machine }
}

async function main(): Promise<void> {
  const context = contextOf(process.argv[2])
  const probe = await ask(context.backend)
  const machine = machineOf(probe, context)
  tell(outcome(machine, probe, context))
}

await main()
