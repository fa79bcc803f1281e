import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { libc } from '../backend/libc.js'
import type { Surroundings } from './search.js'

/** Facts about this machine that need no native code. */
export interface MachineFacts {
  node: { version: string; napi: string; abi: string; platform: string; arch: string }
  libc: { name: string; version: string }
  os: string
  /** NVIDIA devices on the PCI bus, whether or not a driver serves them. */
  nvidiaDevices: number
  /** Text of the kernel driver; null: not loaded. */
  kernelDriver: string | null
}

const NVIDIA_PCI_VENDOR = '0x10de'
const PYTHON_MS = 5000

export function readMachine(): MachineFacts {
  const { version, versions, platform, arch } = process
  return {
    node: { version, napi: versions['napi'] ?? '', abi: versions.modules, platform, arch },
    libc: libc(),
    os: /^PRETTY_NAME="?([^"\n]*)/m.exec(readText('/etc/os-release'))?.[1] ?? platform,
    nvidiaDevices: countNvidiaDevices(),
    kernelDriver: /Kernel Module\s+(?:for \S+\s+)?([\d.]+)/.exec(readText('/proc/driver/nvidia/version'))?.[1] ?? null,
  }
}

const steering = [
  'TENSORRT_NODE_ADDON',
  'TENSORRT_NODE_ONNXRUNTIME',
  'TENSORRT_ROOT',
  'TENSORRT_DIR',
  'CUDA_HOME',
  'CUDA_PATH',
  'LD_LIBRARY_PATH',
  'LD_PRELOAD',
  'VIRTUAL_ENV',
  'CONDA_PREFIX',
]

/** The variables that steer the search, where they are set. */
export function readEnvironment(): Record<string, string> {
  const set = steering.flatMap((name) => {
    const value = process.env[name]
    return value === undefined || value === '' ? [] : [[name, value]]
  })
  return Object.fromEntries(set) as Record<string, string>
}

/** 3D and VGA controllers: an NVIDIA card's sound and USB functions are no devices to compute on. */
function countNvidiaDevices(): number {
  const bus = '/sys/bus/pci/devices'
  const isDisplay = (device: string) => readText(join(bus, device, 'class')).startsWith('0x03')
  const isNvidia = (device: string) => readText(join(bus, device, 'vendor')).trim() === NVIDIA_PCI_VENDOR
  return listDirectory(bus).filter((device) => isNvidia(device) && isDisplay(device)).length
}

export async function readSurroundings(): Promise<Surroundings> {
  return { env: process.env, arch: process.arch, list: listDirectory, sitePackages: await findSitePackages() }
}

/** Of the active virtual environment, of Conda, and of `python3` as the shell finds it. */
async function findSitePackages(): Promise<string[]> {
  const roots = [process.env['VIRTUAL_ENV'], process.env['CONDA_PREFIX']].filter((root) => root !== undefined && root !== '')
  const own = roots.flatMap((root) =>
    listDirectory(join(root as string, 'lib')).map((name) => join(root as string, 'lib', name, 'site-packages')),
  )
  const script = 'import json,site,sysconfig;print(json.dumps([sysconfig.get_paths()["purelib"],site.getusersitepackages()]))'
  const asked = await new Promise<string[]>((resolve) => {
    execFile('python3', ['-c', script], { timeout: PYTHON_MS, killSignal: 'SIGKILL' }, (error, stdout) =>
      resolve(error ? [] : parseList(stdout)),
    )
  })
  return [...new Set([...own, ...asked])]
}

function parseList(text: string): string[] {
  try {
    return JSON.parse(text) as string[]
  } catch {
    return []
  }
}

function listDirectory(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
