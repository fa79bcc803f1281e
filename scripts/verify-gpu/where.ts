import type { Where } from './schema.js'

/** What tells a GPU from its imitation. */
export interface Evidence {
  /** Whether the CUDA runtime that was loaded is the simulator's: it says so by a symbol of its own. */
  simulated: boolean
  /** Device nodes of the kernel driver: `/dev/nvidia0`, `/dev/nvhost-gpu` on a Jetson. */
  deviceNodes: readonly string[]
  /** Version of the kernel module, where it tells. */
  kernelDriver: string | null
}

/**
 * Pure. A report may claim hardware only on evidence that no library of ours can forge: the kernel's own device nodes.
 * The simulator is named whatever else is there.
 */
export function whereOf({ simulated, deviceNodes, kernelDriver }: Evidence): { where: Where; because: string } {
  if (simulated) return { where: 'simulator', because: 'the CUDA runtime is the simulator of native/sim' }
  const first = deviceNodes[0]
  if (first === undefined) return { where: 'unproven', because: 'the kernel has no device node of an NVIDIA GPU' }
  const module = kernelDriver === null ? '' : `, kernel module ${kernelDriver}`
  return { where: 'hardware', because: `${first}${module}` }
}
