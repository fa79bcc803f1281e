import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

/** What trtexec says of a run, in milliseconds and queries per second; null: it did not say. */
export interface TrtexecFigures {
  throughput: number | null
  latencyMean: number | null
  latencyP99: number | null
  computeMean: number | null
  enqueueMean: number | null
}

/** Where it is: the path given, else beside the libraries (…/lib → …/bin), else on the PATH. */
export function findTrtexec(given: string | null, libraries: readonly string[], path = process.env['PATH'] ?? ''): string | null {
  if (given !== null) return existsSync(given) ? given : null
  const folders = [...libraries.flatMap((each) => [each, join(dirname(each), 'bin')]), ...path.split(delimiter)]
  const names = ['trtexec', 'tensorrt_rtx']
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(existsSync) ?? null
}

/**
 * The same work as ours: a plan, transfers included, one stream, blocking waits. Defaults turned over in version 11 (CUDA
 * graph and spinning on, transfers off), so every one of them is said; a flag of the other major would be refused.
 */
export function trtexecArguments(plan: string, major: number, limits: { durationS: number; graph: boolean; device: number }): string[] {
  const common = [
    `--loadEngine=${plan}`,
    `--device=${limits.device}`,
    `--duration=${limits.durationS}`,
    '--warmUp=200',
    '--iterations=10',
    '--infStreams=1',
    '--percentile=99',
  ]
  if (major >= 11) return [...common, '--includeDataTransfers', '--noSpinWait', ...(limits.graph ? [] : ['--noCudaGraph'])]
  return [...common, ...(limits.graph ? ['--useCudaGraph'] : [])]
}

/** Reads the lines `Throughput: 1234.5 qps`, `Latency: min = …`, `GPU Compute Time: …`, `Enqueue Time: …`. */
export function parseTrtexec(output: string): TrtexecFigures {
  const number = (pattern: RegExp) => {
    const found = pattern.exec(output)?.[1]
    return found === undefined ? null : Number(found)
  }
  return {
    throughput: number(/\bThroughput: ([\d.]+) qps/),
    latencyMean: number(/(?:^|\] )Latency: .*?\bmean = ([\d.]+) ms/m),
    latencyP99: number(/(?:^|\] )Latency: .*?\bpercentile\(99%\) = ([\d.]+) ms/m),
    computeMean: number(/(?:^|\] )GPU Compute Time: .*?\bmean = ([\d.]+) ms/m),
    enqueueMean: number(/(?:^|\] )Enqueue Time: .*?\bmean = ([\d.]+) ms/m),
  }
}
