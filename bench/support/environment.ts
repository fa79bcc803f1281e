import { createRequire } from 'node:module'
import { arch, cpus, loadavg, release, totalmem } from 'node:os'

/** What a figure means nothing without. */
export interface Environment {
  cpu: string
  cores: number
  memoryGiB: number
  kernel: string
  node: string
  packages: Record<string, string>
  /** Before the bench began: what else the machine was doing. */
  load1: number
}

function packageVersion(name: string): string {
  try {
    const { version } = createRequire(import.meta.url)(`${name}/package.json`) as { version: string }
    return version
  } catch {
    return 'not installed'
  }
}

export function environment(): Environment {
  const processors = cpus()
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${release()} ${arch()}`,
    node: process.version,
    packages: { 'onnxruntime-node': packageVersion('onnxruntime-node') },
    load1: loadavg()[0] ?? 0,
  }
}

export function describe(facts: Environment): string {
  const packages = Object.entries(facts.packages).map(([name, version]) => `${name} ${version}`)
  return [
    `${facts.cpu}, ${facts.cores} cores, ${facts.memoryGiB} GiB, Linux ${facts.kernel}`,
    `Node ${facts.node}, ${packages.join(', ')}`,
    `load of the machine before: ${facts.load1.toFixed(2)}${facts.load1 > 0.5 ? ' (not quiet: trust ratios only)' : ''}`,
  ].join('\n')
}
