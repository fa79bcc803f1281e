import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { libc } from '../backend/libc.js'
import { libraryVariables } from '../backend/tensorrt/libraries.js'
import { placeVariables } from '../backend/tensorrt/places.js'
import { listDirectory } from '../backend/tensorrt/surroundings.js'

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
  ...libraryVariables,
  ...placeVariables,
  'LD_PRELOAD',
  'CUDA_VISIBLE_DEVICES',
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

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
